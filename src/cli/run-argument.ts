// A run that a command line names: by its id, or by as much of its beginning as no other run shares.
import type { RunRecord } from "../ledger/run-schema.ts";
import { listRuns, readRun } from "../ledger/runs.ts";
import { UsageError } from "../model/errors.ts";
import { didYouMean } from "../model/nearest.ts";
import type { FileReader } from "../model/world.ts";

/** Less than a run's number is a slip, not a name. */
const SHORTEST = 4;

/** The run's document. Throws a usage error when there is none, or when several begin so. */
export function namedRun(files: FileReader, state: string, word: string): RunRecord {
  const known = listRuns(files, state);
  const meant = known.includes(word) || word.length < SHORTEST ? [word] : known.filter((id) => id.startsWith(word));
  if (meant.length > 1) throw new UsageError(`several runs begin with "${word}"`, `one of ${meant.join(", ")}`);
  const run = meant[0] === undefined ? null : readRun(files, state, meant[0]);
  if (!run) throw new UsageError(`no run "${word}"`, didYouMean(word, known) ?? "rollcall history lists them");
  return run;
}
