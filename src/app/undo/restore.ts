// The doing of an undo: folders, moves and files put back, the record as it was before the run, all of it held.
import { dirname, join } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { HostError } from "../../model/errors.ts";
import { runEnded } from "../../model/events.ts";
import type { Failure, Outcome, Run } from "../../model/outcome.ts";
import { type Action, FORMAT_VERSION, type RecordRepair, type Step } from "../../model/plan.ts";
import type { Records } from "../../model/resource.ts";
import type { ReplaceResult } from "../../model/world.ts";
import { isConverged, plan } from "../../reconcile.ts";
import type { Project } from "../project.ts";
import { planRequest } from "../run/converge.ts";
import type { Writing } from "../run/transaction.ts";
import { holdOf } from "../session/stop.ts";
import { isShared, type UndoFile, type Undoing, type UndoMove } from "./plan.ts";

const CONTENT_LIMIT = 512 * 1024 * 1024;

interface RestoreJob {
  readonly project: Project;
  readonly writing: Writing;
  readonly run: RunRecord;
  readonly undoing: Undoing;
  /** The undoing as the plan said it: what is journalled. */
  readonly actions: readonly Action[];
}

/** The hold comes first: killed in between, no run does again what is being undone. */
export async function restore(job: RestoreJob): Promise<{ readonly run: Run; readonly agents: readonly string[] }> {
  const { project, writing, run, undoing } = job;
  // What all hooks share is not held: agents that are not held have to get it back.
  const own = undoing.files.filter((one) => !isShared(one));
  const agents = new Set([...own.map((one) => one.agent), ...undoing.moves.map(() => "-")]);
  const hold = holdOf(project, `undo of run ${run.id}`);
  writing.commit({ holds: Object.fromEntries([...agents].map((agent) => [agent, hold])) });
  const { run: id } = writing.world;
  const steps = stepsOf(job);
  const command = `undo ${run.id}`;
  writing.recorder.begin({ id, command, steps });
  project.caller.emit({ event: "run-started", run: id, command, by: project.caller.by, steps: steps.length });
  const outcomes = await backOne(job);
  const before = outcomes.filter((one) => one.result === "done").map((one) => one.address);
  const records = writing.recorder.records();
  const remembered = [...undoing.forgotten].filter((address) => !records.get(address));
  await writing.recorder.commit(recordsBack(run, new Set([...before, ...remembered, ...undoing.back]), records));
  // Folders the run made go last: the lock file, too, is gone by now when nothing is recorded any more.
  const { files } = writing.world;
  for (const path of undoing.made) if (!isHome(path, project)) ignoreHostErrors(() => files.removeEmptyFolder(path));
  const remaining = await plan(
    { ...planRequest(project, { filesOnly: true }, []), records: writing.recorder.records() },
    project.reader,
  );
  const document: Run = {
    kind: "run",
    formatVersion: FORMAT_VERSION,
    id: writing.world.run,
    outcomes,
    converged: isConverged(remaining),
    remaining: remaining.plan,
  };
  await writing.recorder.end(document);
  project.caller.emit(runEnded(document));
  return { run: document, agents: [...agents].sort() };
}

/** What the journal, and an undo of this undo, has to know: which address lies where. */
function stepsOf({ actions, undoing, project }: RestoreJob): Step[] {
  const folder = `${project.fleet.machine.folders.agents}/`;
  const paths = new Map([
    ...undoing.files.map(({ address, path }) => [address, path] as const),
    ...undoing.moves.map(({ address, to }) => [address, to] as const),
  ]);
  return actions.map((action) => {
    const at = (paths.get(action.address) ?? "").slice(folder.length);
    return { action, record: { parts: {}, portable: false, at }, write: [], drop: [] };
  });
}

/** Folders first, that files have a place. */
async function backOne({ undoing, project, writing }: RestoreJob): Promise<Outcome[]> {
  const { files } = writing.world;
  const outcomes: Outcome[] = [];
  const of = undoing.files.length + undoing.moves.length;
  const note = (outcome: Outcome): void => {
    outcomes.push(outcome);
    project.caller.emit({ event: "step", run: writing.world.run, n: outcomes.length, of, ...outcome });
  };
  for (const { path, mode } of undoing.lost) ignoreHostErrors(() => files.makeFolder(path, mode));
  for (const move of undoing.moves) note(restoreMove(move, project, writing));
  for (const file of undoing.files) note(await fileBack(file, project, writing));
  return outcomes;
}

/** The folder a recorded session lives in: it stays, empty as it may be. */
function isHome(path: string, { fleet, store }: Project): boolean {
  const { folders, socket } = fleet.machine;
  const agent = fleet.agents.find((one) => path === `${folders.agents}/${one.dir}`);
  return agent !== undefined && store.records(socket).get(`session/${agent.name}/main`) !== undefined;
}

/** A folder that cannot be made or removed is no reason to stop: a file that needs it says so itself. */
function ignoreHostErrors(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}

function restoreMove(move: UndoMove, { fleet }: Project, { world }: Writing): Outcome {
  const base = { address: move.address, action: "update" as const, corrective: false };
  if (move.obstacle) return blocked(base, move.obstacle.reason, move.obstacle.hint);
  try {
    // An undo of an undo: what came out of the before-images goes into them again.
    const isKept = move.to.startsWith(`${fleet.machine.folders.state}/`);
    if (isKept && world.files.keepFolder({ path: move.from, run: world.run }) !== null)
      return { ...base, result: "done" };
    world.files.makeFolder(dirname(move.to), isKept ? 0o700 : 0o755);
    // Before it moves: killed in between, an undo done again finds it where it can do this again.
    for (const { path, mode } of move.modes) ignoreHostErrors(() => world.files.chmod(join(move.from, path), mode));
    world.files.move(move.from, move.to);
    return { ...base, result: "done" };
  } catch (error) {
    return failed(base, error);
  }
}

async function fileBack(file: UndoFile, project: Project, { world }: Writing): Promise<Outcome> {
  const action = file.before === null ? ("delete" as const) : ("update" as const);
  const base = { address: file.address, action, corrective: false };
  if (file.obstacle) return blocked(base, file.obstacle.reason, file.obstacle.hint);
  try {
    const widens = gainsOf(file, project);
    const result = await contentBack(file, project, world);
    if (result.state === "moved") return blocked(base, result.reason);
    if (result.state === "refused") return blocked(base, result.message);
    return { ...base, result: "done", ...(widens.length === 0 ? {} : { widens }) };
  } catch (error) {
    return failed(base, error);
  }
}

/** What the old content permits that the present one does not. */
export function gainsOf(
  { address, path, before }: UndoFile,
  { kinds, reader, fleet }: Pick<Project, "kinds" | "reader" | "fleet">,
): readonly string[] {
  const content = (at: string | undefined): Buffer | null => {
    const read = at === undefined ? null : reader.files.read(at, { limit: CONTENT_LIMIT });
    return read?.state === "file" ? read.bytes : null;
  };
  const kind = kinds.find((one) => address.startsWith(`${one.name}/`));
  return (
    kind?.capabilities.permissive?.gains({ address, before: content(path), after: content(before?.image) }, fleet) ?? []
  );
}

function contentBack(
  { path, left, before }: UndoFile,
  { reader }: Project,
  world: Writing["world"],
): Promise<ReplaceResult> {
  const moved = { do: "moved" as const, reason: "it was changed while it was being put back" };
  const isLeft = (current: { readonly bytes: Buffer } | null): boolean =>
    current === null ? left === null : digestBytes(current.bytes) === left;
  const { run } = world;
  if (before === null) {
    const gone = { do: "write" as const, bytes: Buffer.alloc(0) };
    return world.files.remove({ path, run, edit: (current) => (isLeft(current) ? gone : moved) });
  }
  const image = reader.files.read(before.image, { limit: CONTENT_LIMIT });
  if (image.state !== "file") return Promise.resolve({ state: "moved", reason: "its before-image is gone" });
  const { mode, mtimeMs } = before;
  return world.files.replace({
    path,
    run,
    mode,
    parents: true,
    edit: (current) => (isLeft(current) ? { do: "write", bytes: image.bytes } : moved),
    ...(mtimeMs === undefined ? {} : { mtimeMs }),
  });
}

type Base = Pick<Outcome, "address" | "action" | "corrective">;

function blocked(base: Base, message: string, hint?: string): Outcome {
  const error: Failure = { code: "E321", message, ...(hint === undefined ? {} : { hint }) };
  return { ...base, result: "blocked", error };
}

function failed(base: Base, error: unknown): Outcome {
  if (!(error instanceof HostError)) throw error;
  return { ...base, result: "failed", error: { code: error.code, message: error.message } };
}

/** The record as it was before the run: what was drift is drift again, what needed permission needs it again. */
function recordsBack(run: RunRecord, undone: ReadonlySet<string>, records: Records): RecordRepair[] {
  const before = new Map((run.records ?? []).map(({ address, record }) => [address, record ?? undefined]));
  return run.intents.flatMap((intent) => {
    const { address } = intent;
    if (!undone.has(address)) return [];
    if (before.has(address)) return [{ address, record: before.get(address) }];
    const record = records.get(address);
    // A run that was filed and does not name it did not record it anew: what it wrote had failed.
    if (!record || run.records !== undefined) return [];
    // A run that was killed tells only what it saw: that counts as recorded, so that nobody is blamed for it.
    const parts = { ...record.parts };
    for (const path of Object.keys(intent.after)) delete parts[path];
    Object.assign(parts, intent.before);
    const { digest: _, ...rest } = record;
    return [{ address, record: Object.keys(parts).length === 0 ? undefined : { ...rest, parts } }];
  });
}
