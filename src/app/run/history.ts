// The runs that are over or were killed: listed, and named by their id.
import { createFileReader } from "../../host/fs/files.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { listRuns, readRun } from "../../ledger/runs.ts";
import { openRecords } from "../../ledger/store.ts";
import { UsageError } from "../../model/errors.ts";
import type { Folders } from "../../model/fleet.ts";
import { didYouMean } from "../../model/nearest.ts";
import type { FileReader } from "../../model/world.ts";

/** What a list of runs tells of one. */
export interface RunBrief extends Pick<RunRecord, "id" | "command" | "started" | "ended" | "converged"> {
  readonly done: number;
  readonly corrective: number;
  readonly intended: number;
  readonly failed: number;
}

export interface UnendedRun {
  readonly id: string;
  readonly command: string;
  readonly started: string;
}

const readerOf = ({ root, agents, state }: Folders): FileReader => createFileReader({ roots: [root, agents, state] });

/** The runs that are filed, newest first. */
export function filedRuns(folders: Folders): RunBrief[] {
  const files = readerOf(folders);
  return listRuns(files, folders.state)
    .flatMap((id) => readRun(files, folders.state, id) ?? [])
    .map(brief);
}

/** Runs that are going on, or were killed. */
export function unendedRuns(folders: Folders): readonly UnendedRun[] {
  return openRecords({ files: readerOf(folders), folders }).unfinished;
}

function brief({ id, command, started, ended, converged, outcomes }: RunRecord): RunBrief {
  const done = outcomes.filter((one) => one.result === "done");
  const corrective = done.filter((one) => one.corrective).length;
  const failed = outcomes.filter((one) => one.result === "failed").length;
  const counts = { done: done.length, corrective, intended: done.length - corrective, failed };
  return { id, command, started, ended, converged, ...counts };
}

/** Less than a run's number is a slip, not a name. */
const SHORTEST = 4;

/** The run by its id, or by as much of its beginning as no other shares. Throws a usage error when there is not one such. */
export function runNamed(folders: Folders, word: string): RunRecord {
  return namedRun(readerOf(folders), folders.state, word);
}

/** The same, through the files of an open project. */
export function namedRun(files: FileReader, state: string, word: string): RunRecord {
  const known = listRuns(files, state);
  const meant = known.includes(word) || word.length < SHORTEST ? [word] : known.filter((id) => id.startsWith(word));
  if (meant.length > 1) throw new UsageError(`several runs begin with "${word}"`, `one of ${meant.join(", ")}`);
  const run = meant[0] === undefined ? null : readRun(files, state, meant[0]);
  if (!run) throw new UsageError(`no run "${word}"`, didYouMean(word, known) ?? "rollcall history lists them");
  return run;
}
