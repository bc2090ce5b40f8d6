// `rollcall history`: the runs, newest first.

import { filedRuns, type RunBrief, unendedRuns } from "../../app/run/history.ts";
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
  const { folders, ...trouble } = await openRuns(io);
  const runs = filedRuns(folders);
  if (options.output === "json") {
    io.print(jsonDocument({ kind: "history", formatVersion: FORMAT_VERSION, runs, ...trouble }));
    return EXIT.done;
  }
  const unended = unendedRuns(folders).map((run) => `${run.id}  ${run.started}  ${run.command}: going on, or killed`);
  const lines = [...unended, ...runs.map(line)];
  io.print(lines.length > 0 ? lines.join("\n") : "No runs yet.");
  return EXIT.done;
}

function line(run: RunBrief): string {
  const { done, corrective, intended, failed } = run;
  const end = run.ended === null ? "killed" : run.converged ? "converged" : "not converged";
  return `${run.id}  ${run.started}  ${run.command}: ${done} done (${corrective} corrective, ${intended} intended)${failed > 0 ? `, ${failed} failed` : ""}, ${end}`;
}
