// Runs that are over: one document each, so that they can be listed, shown and undone.
import { randomBytes } from "node:crypto";
import { isTooDeep } from "../delta/depth.ts";
import { RecordError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { FileReader, RecordFolder } from "../model/world.ts";
import { JOURNALS, type UnfinishedRun } from "./journal.ts";
import { isRun, type RunRecord } from "./run-schema.ts";
import { RUN_VERSION, unreadable } from "./schema.ts";

/** Folders in the state folder: run documents, and before-images by run. */
const RUNS = "runs";
const IMAGES = "before";

const KEPT_RUNS = 1000;
/** Before-images hold contents: they go when 20 later runs have some, or after 30 days, whichever comes first. */
const KEPT_IMAGES = 20;
const KEPT_IMAGES_MS = 30 * 24 * 3600 * 1000;

/** A plan as a record may keep it: which things differ and why, but none of the contents. */
export function withoutContents(plan: Plan): Plan {
  const actions = plan.actions.map(({ patch: _, changes, ...action }) => ({
    ...action,
    changes: changes.map(({ path }) => ({ path, before: null, after: null })),
  }));
  return { ...plan, actions, warnings: plan.warnings.map(({ sourceLine: _, ...warning }) => warning) };
}

/** The number a run id begins with; ids sort by it, whatever the clock said. */
function runNumber(id: string): number {
  return Number(/^(\d+)-/.exec(id)?.[1] ?? 0);
}

export function compareRuns(a: string, b: string): number {
  return runNumber(a) - runNumber(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** A new id, `0007-3f2a`: one more than every run, journal and serial so far. Under the run lock only. */
export function nextRunId(state: Pick<RecordFolder, "list">, serial: number): string {
  const names = [...state.list(RUNS), ...state.list(JOURNALS), ...state.list(IMAGES)];
  const last = names.reduce((highest, name) => Math.max(highest, runNumber(name)), serial);
  return `${String(last + 1).padStart(4, "0")}-${randomBytes(2).toString("hex")}`;
}

export function writeRun(state: RecordFolder, run: RunRecord): void {
  state.write(`${RUNS}/${run.id}.json`, `${JSON.stringify(run, null, 1)}\n`);
}

/** What the journal of a killed run tells, as its document. `done`: HostFileWriter.doneBy. */
export function interruptedRun(
  run: UnfinishedRun,
  serial: number,
  done: Pick<RunRecord, "files" | "moves" | "folders"> = { files: [] },
): RunRecord {
  const { id, command, started, intents } = run;
  const serials = { before: serial, after: serial };
  const base = { version: RUN_VERSION, id, command, started, ended: null } as const;
  return { ...base, serial: serials, converged: false, outcomes: [], intents, ...done };
}

/** Ids of all runs on record, newest first. */
export function listRuns(files: FileReader, state: string): string[] {
  const names = (files.list(`${state}/${RUNS}`) ?? []).map((entry) => entry.name);
  return names
    .filter((name) => /^\d+-[0-9a-f]+\.json$/.test(name))
    .map((name) => name.slice(0, -".json".length))
    .sort((a, b) => compareRuns(b, a));
}

/** The document of a run; null when there is none of that id. */
export function readRun(files: FileReader, state: string, id: string): RunRecord | null {
  if (!/^\d+-[0-9a-f]+$/.test(id)) return null;
  const path = `${state}/${RUNS}/${id}.json`;
  const found = files.read(path, { limit: 512 * 1024 * 1024 });
  if (found.state === "absent") return null;
  const run = found.state === "file" ? parseRun(found.bytes.toString("utf8")) : null;
  if (run === null) throw unreadable("E401", path, "it is no document of a run", "nothing needs it: it may be removed");
  return run;
}

function parseRun(text: string): RunRecord | null {
  if (isTooDeep(text)) return null;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  return isRun(value) ? value : null;
}

/** When a run started; an empty text where its document does not tell: clearing up is no reason to end a run badly. */
function startOf(files: FileReader, state: string, id: string): string {
  try {
    return readRun(files, state, id)?.started ?? "";
  } catch (error) {
    if (error instanceof RecordError) return "";
    throw error;
  }
}

/** Removes before-images and documents that are past their time. `now` in milliseconds. */
export function pruneRuns(files: FileReader, state: RecordFolder, now: number): void {
  const ids = listRuns(files, state.path);
  for (const old of ids.slice(KEPT_RUNS)) state.remove(`${RUNS}/${old}.json`);
  const withImages = [...state.list(IMAGES)].sort((a, b) => compareRuns(b, a));
  const going = new Set(state.list(JOURNALS).map((name) => name.replace(/\.jsonl$/, "")));
  for (const [nth, id] of withImages.entries()) {
    if (going.has(id)) continue;
    const ended = Date.parse(startOf(files, state.path, id));
    if (nth >= KEPT_IMAGES || now - ended > KEPT_IMAGES_MS) state.remove(`${IMAGES}/${id}`);
  }
}
