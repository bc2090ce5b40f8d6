// `rollcall history`: the runs, newest first.

import { createFileReader } from "../../host/fs/files.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { listRuns, readRun } from "../../ledger/runs.ts";
import { openRecords } from "../../ledger/store.ts";
import { FORMAT_VERSION } from "../../model/plan.ts";
import { jsonDocument } from "../../report/json.ts";
import type { CommandContext } from "../command-context.ts";
import { openRuns } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Needs no valid spec: one looks at the history when something is wrong. */
export async function historyCommand({
  io,
  options,
}: CommandContext<{ readonly output: "text" | "json" }>): Promise<ExitCode> {
  const { folders, ...problems } = await openRuns(io);
  const files = createFileReader({ roots: [folders.root, folders.agents, folders.state] });
  const runs = listRuns(files, folders.state).flatMap((id) => readRun(files, folders.state, id) ?? []);
  if (options.output === "json") {
    io.print(jsonDocument({ kind: "history", formatVersion: FORMAT_VERSION, runs: runs.map(brief), ...problems }));
    return EXIT.done;
  }
  const unfinished = openRecords({ files, folders }).unfinished.map(
    (run) => `${run.id}  ${run.started}  ${run.command}: going on, or killed`,
  );
  const lines = [...unfinished, ...runs.map(line)];
  io.print(lines.length > 0 ? lines.join("\n") : "No runs yet.");
  return EXIT.done;
}

function brief(run: RunRecord) {
  const { id, command, started, ended, converged, outcomes } = run;
  return { id, command, started, ended, converged, ...counts(outcomes) };
}

function counts(outcomes: RunRecord["outcomes"]) {
  const done = outcomes.filter((one) => one.result === "done");
  const corrective = done.filter((one) => one.corrective).length;
  return {
    done: done.length,
    corrective,
    intended: done.length - corrective,
    failed: outcomes.filter((one) => one.result === "failed").length,
  };
}

function line(run: RunRecord): string {
  const { done, corrective, intended, failed } = counts(run.outcomes);
  const end = run.ended === null ? "killed" : run.converged ? "converged" : "not converged";
  return `${run.id}  ${run.started}  ${run.command}: ${done} done (${corrective} corrective, ${intended} intended)${failed > 0 ? `, ${failed} failed` : ""}, ${end}`;
}
