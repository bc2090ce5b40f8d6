// `rollcall show`: a run of the history by its id, or a saved plan by its file.

import { runDocument } from "../../app/run/document.ts";
import { readSavedPlan } from "../../app/run/saved-plan.ts";
import { specPart } from "../../app/without-spec.ts";
import { createFileReader } from "../../host/fs/files.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { jsonDocument } from "../../report/json.ts";
import { outcomeLine, widenedLines } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec, openRuns } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { readFile } from "../file-arguments.ts";
import { type OutputFormat, printPlan } from "../print.ts";
import { namedRun } from "../run-argument.ts";
import type { Terminal } from "../terminal.ts";

/** A word with a slash or a dot is a plan file. */
export async function showCommand({
  io,
  options,
  args,
}: CommandContext<{ readonly output: OutputFormat }>): Promise<ExitCode> {
  const [what = ""] = args;
  if (/[/.]/.test(what)) {
    return despiteSpec(io, { mayUseCache: true }, async (project) => {
      const { saved: _, ...plan } = await readSavedPlan(readFile(project, what), what);
      await printPlan(io, { plan: { ...plan, ...specPart(project) } }, options.output);
      return EXIT.done;
    });
  }
  const { folders, ...problems } = await openRuns(io);
  const files = createFileReader({ roots: [folders.root, folders.agents, folders.state] });
  const run = namedRun(files, folders.state, what);
  if (options.output === "json") io.print(jsonDocument({ ...runDocument(run, folders.root), ...problems }));
  else io.print(text(io, run));
  return EXIT.done;
}

function text(io: Terminal, run: RunRecord): string {
  const total = run.outcomes.length;
  const options = { paint: io.stdout.paint, verbose: io.options.verbose };
  return [
    `Run ${run.id}: ${run.command}, from ${run.started} to ${run.ended ?? "the moment it was killed"}`,
    ...run.outcomes.map((one, index) => outcomeLine(one, { done: index + 1, total }, options)),
    ...widenedLines(run.outcomes, options),
    ...(run.outcomes.length === 0 ? run.intents.map((one) => `  meant to ${one.action} ${one.address}`) : []),
    run.converged ? "Converged." : "Not converged.",
  ].join("\n");
}
