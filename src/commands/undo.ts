// `rollcall undo RUN`: a plan of its own that puts back what a run changed, clobbers no later edit, and holds what it touched.
import { digestBytes } from "../delta/digest.ts";
import { listRuns, type RunRecord, readRun } from "../ledger/runs.ts";
import { HostError, RollcallError, UsageError } from "../model/errors.ts";
import { didYouMean } from "../model/nearest.ts";
import type { Outcome, Run } from "../model/outcome.ts";
import { type Action, type Blocked, FORMAT_VERSION, type Plan, type RecordRepair } from "../model/plan.ts";
import { isConverged, plan } from "../reconcile.ts";
import { jsonDocument } from "../report/json.ts";
import type { Call } from "./call.ts";
import { planRequest, progressOf } from "./converging.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { openProject, type Project } from "./project.ts";
import { printPlan } from "./show-plan.ts";
import { holdOf } from "./stopping.ts";
import { type UndoFile, type Undoing, type UndoMove, undoingOf } from "./undoing.ts";
import { locked, type Writing } from "./writing.ts";

interface UndoOptions {
  readonly yes: boolean;
  readonly lockTimeout: number;
  readonly output: "text" | "json";
}

/** Exit 3 when something cannot be put back (the rest is). */
export async function undoCommand({ io, options, args }: Call<UndoOptions>): Promise<ExitCode> {
  const [id = "", ...agents] = args;
  const project = await openProject(io, { mayUseCache: false });
  const run = runOf(project, id);
  const undoing = undoingFor(project, run, agents);
  const document = await undoPlan(project, run, undoing);
  if (document.actions.length === 0 && document.blocked.length === 0) {
    if (options.output === "json") io.print(jsonDocument(document));
    else io.print(`Nothing to undo: everything run ${run.id} changed is as it was before.`);
    return EXIT.done;
  }
  if (!options.yes) {
    const answer = await ask(io, options, document);
    if (answer !== "yes") return answer;
  } else if (options.output === "text") await printPlan({ ...io, print: io.say }, { plan: document }, "text");
  return locked(project, { command: `undo ${run.id}`, timeout: options.lockTimeout }, (writing) =>
    putBack({ project, writing, run, undoing: undoingFor(project, run, agents), options }),
  );
}

function runOf({ reader, fleet }: Project, id: string): RunRecord {
  const { state } = fleet.machine.folders;
  const run = readRun(reader.files, state, id);
  if (!run)
    throw new UsageError(
      `no run "${id}"`,
      didYouMean(id, listRuns(reader.files, state)) ?? "rollcall history lists them",
    );
  if (run.ended === null)
    throw new RollcallError("E352", `run ${id} was killed: what it changed is not known file by file`, {
      hint: "rollcall apply goes on from where it was; before-images are in state/before",
    });
  return run;
}

function undoingFor({ reader, fleet }: Project, run: RunRecord, agents: readonly string[]): Undoing {
  return undoingOf({ run, agents: new Set(agents), files: reader.files, folder: fleet.machine.folders.agents });
}

async function ask(io: Io, options: UndoOptions, document: Plan): Promise<"yes" | ExitCode> {
  if (!io.mayAsk || options.output === "json") {
    await printPlan(io, { plan: document }, options.output);
    io.complain("E330 there is something to undo: give -y to do it (nobody to ask here); nothing was written");
    return EXIT.usage;
  }
  await printPlan({ ...io, print: io.say }, { plan: document }, "text");
  const { confirm } = await import("./ask.ts");
  if (await confirm("Put this back?")) return "yes";
  io.say("nothing was written");
  return EXIT.error;
}

/** The undoing as a plan document, with the present state as its basis. */
async function undoPlan(project: Project, run: RunRecord, undoing: Undoing): Promise<Plan> {
  const now = await plan(planRequest(project, { filesOnly: true }, []), project.reader);
  const items = [...undoing.files, ...undoing.moves].sort((a, b) => (a.address < b.address ? -1 : 1));
  const actions = items.filter((one) => !one.obstacle).map((one) => actionOf(one, run));
  const blocked: Blocked[] = items.flatMap((one) =>
    one.obstacle ? [{ address: one.address, verdict: "conflicting" as const, ...one.obstacle }] : [],
  );
  const of = (name: Action["action"]) => actions.filter((one) => one.action === name).length;
  const summary = {
    ...now.plan.summary,
    create: of("create"),
    update: of("update"),
    delete: of("delete"),
    replace: 0,
    adopt: 0,
    forget: 0,
    archive: 0,
    blocked: blocked.length,
    deferred: 0,
    widened: 0,
    drift: 0,
    pending: 0,
  };
  return { ...now.plan, actions, blocked, deferred: [], held: [], orphans: [], unmanaged: [], warnings: [], summary };
}

function actionOf(one: UndoFile | UndoMove, run: RunRecord): Action {
  const { kind = "", agent = "-" } = { kind: one.address.split("/")[0] ?? "", agent: one.address.split("/")[1] ?? "-" };
  const base = { address: one.address, kind, agent, verdict: "pending" as const, impact: "none" as const, loses: [] };
  if ("to" in one)
    return {
      ...base,
      action: "update",
      reason: `run ${run.id} moved it; it is moved back`,
      changes: [{ path: "", before: one.from, after: one.to }],
    };
  const changes = [{ path: "", before: one.left, after: one.before === null ? null : "as before the run" }];
  if (one.before === null) return { ...base, action: "delete", reason: `run ${run.id} made it`, changes };
  return {
    ...base,
    action: one.left === null ? "create" : "update",
    reason: `as it was before run ${run.id}`,
    changes,
  };
}

interface PutBack {
  readonly project: Project;
  readonly writing: Writing;
  readonly run: RunRecord;
  readonly undoing: Undoing;
  readonly options: UndoOptions;
}

/** The hold comes first: killed in between, no run does again what is being undone. */
async function putBack({ project, writing, run, undoing, options }: PutBack): Promise<ExitCode> {
  const { io } = project;
  const agents = new Set([...undoing.files.map((one) => one.agent), ...undoing.moves.map(() => "-")]);
  const hold = holdOf(project, `undo of run ${run.id}`);
  writing.commit({ holds: Object.fromEntries([...agents].map((agent) => [agent, hold])) });
  writing.recorder.begin({ id: writing.world.run, command: `undo ${run.id}`, steps: [] });
  const outcomes: Outcome[] = [];
  const total = undoing.files.length + undoing.moves.length;
  const tell = progressOf(io);
  const note = (outcome: Outcome): void => {
    outcomes.push(outcome);
    tell(outcome, outcomes.length, total);
  };
  for (const move of undoing.moves) note(moveBack(move, writing));
  for (const file of undoing.files) note(await fileBack(file, project, writing));
  await writing.recorder.commit(recordsBack(run, outcomes, project));
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
  if (options.output === "json") io.print(jsonDocument(document));
  else io.print(closing(outcomes, agents, run));
  if (outcomes.some((one) => one.result === "failed"))
    return outcomes.some((one) => one.result === "done") ? EXIT.partly : EXIT.error;
  return outcomes.some((one) => one.result === "blocked") ? EXIT.blocked : EXIT.done;
}

function closing(outcomes: readonly Outcome[], agents: ReadonlySet<string>, run: RunRecord): string {
  const done = outcomes.filter((one) => one.result === "done").length;
  const names = [...agents].sort().join(" ");
  return `Undone: ${done} of ${outcomes.length} changes of run ${run.id}. Held until you release them: ${names}\n  (rollcall release NAME; the next apply then does again what the registry wants)`;
}

function moveBack(move: UndoMove, { world }: Writing): Outcome {
  const base = { address: move.address, action: "update" as const, corrective: false };
  if (move.obstacle)
    return {
      ...base,
      result: "blocked",
      error: { code: "E321", message: move.obstacle.reason, hint: move.obstacle.hint },
    };
  return attempt(base, () => {
    world.files.move(move.from, move.to);
    return { ...base, result: "done" };
  });
}

async function fileBack(file: UndoFile, { reader }: Project, { world }: Writing): Promise<Outcome> {
  const { path, left, before, obstacle } = file;
  const base = {
    address: file.address,
    action: before === null ? ("delete" as const) : ("update" as const),
    corrective: false,
  };
  if (obstacle)
    return { ...base, result: "blocked", error: { code: "E321", message: obstacle.reason, hint: obstacle.hint } };
  const moved = { do: "moved" as const, reason: "it was changed while it was being put back" };
  const isLeft = (current: { readonly bytes: Buffer } | null): boolean =>
    current === null ? left === null : digestBytes(current.bytes) === left;
  const image = before === null ? null : reader.files.read(before.image, { limit: 512 * 1024 * 1024 });
  try {
    const result =
      before === null || image?.state !== "file"
        ? await world.files.remove({
            path,
            run: world.run,
            edit: (current) => (isLeft(current) ? { do: "write", bytes: Buffer.alloc(0) } : moved),
          })
        : await world.files.replace({
            path,
            run: world.run,
            mode: before.mode,
            parents: true,
            edit: (current) => (isLeft(current) ? { do: "write", bytes: image.bytes } : moved),
          });
    if (result.state === "moved")
      return { ...base, result: "blocked", error: { code: "E321", message: result.reason } };
    if (result.state === "refused")
      return { ...base, result: "blocked", error: { code: "E321", message: result.message } };
    return { ...base, result: "done" };
  } catch (error) {
    return failed(base, error);
  }
}

type Base = Pick<Outcome, "address" | "action" | "corrective">;

function attempt(base: Base, act: () => Outcome): Outcome {
  try {
    return act();
  } catch (error) {
    return failed(base, error);
  }
}

function failed(base: Base, error: unknown): Outcome {
  if (!(error instanceof HostError)) throw error;
  return { ...base, result: "failed", error: { code: error.code, message: error.message } };
}

/** The record as it was before the run: what was put back is then pending, not somebody's drift. */
function recordsBack(run: RunRecord, outcomes: readonly Outcome[], project: Project): RecordRepair[] {
  const done = new Set(outcomes.filter((one) => one.result === "done").map((one) => one.address));
  const records = project.store.records(project.fleet.machine.socket);
  return run.intents.flatMap((intent) => {
    const record = records.get(intent.address);
    if (!done.has(intent.address) || !record) return [];
    const parts = { ...record.parts };
    for (const path of Object.keys(intent.after)) delete parts[path];
    Object.assign(parts, intent.before);
    const { digest: _, ...rest } = record;
    return [{ address: intent.address, record: Object.keys(parts).length === 0 ? undefined : { ...rest, parts } }];
  });
}
