// `reconcile` while the spec has errors: what it heals, and how it says so.

import type { ConvergeFlags } from "../app/run/converge.ts";
import { heal, projectOfLastGood } from "../app/run/heal-from-last-good.ts";
import { openWithoutSpec } from "../app/without-spec.ts";
import { isError } from "../model/diagnostic.ts";
import type { SpecError } from "../model/errors.ts";
import type { Run } from "../model/outcome.ts";
import { diagnosticsText } from "../report/diagnostics.ts";
import { visibleLine } from "../report/redact.ts";
import { callerOf } from "./caller.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { interruptible } from "./interrupt.ts";
import { type OutputFormat, printRun } from "./print.ts";
import type { Terminal } from "./terminal.ts";

type HealFlags = ConvergeFlags & { readonly output: OutputFormat };

/** Exit 1, also when something was healed: the spec is still wrong. Throws the error where there is nothing to heal from. */
export async function healDespiteSpec(io: Terminal, flags: HealFlags, error: SpecError): Promise<ExitCode> {
  const project = await projectOfLastGood(await openWithoutSpec(callerOf(io), error));
  if (typeof project === "string") {
    io.complain(visibleLine(`warning W741 the spec has errors, and nothing is healed: ${project}`));
    throw error;
  }
  io.complain(diagnosticsText(error.diagnostics.filter(isError), io.stderr.paint));
  io.complain(
    "warning W740 the spec has errors: only hooks and files are healed, from the spec of the last good apply",
  );
  const stop = interruptible(io);
  const run = await heal(project, { flags, stopping: stop.asked }).finally(stop.done);
  if (flags.output === "text") io.print(summary(run));
  else await printRun(io, { ...run, spec: { diagnostics: error.diagnostics } }, flags.output);
  return EXIT.error;
}

/** What was healed. What remains is not told: with errors in the spec nobody knows. */
function summary({ id, outcomes, remaining }: Run): string {
  const count = (result: string): number => outcomes.filter((one) => one.result === result).length;
  const parts = [`${count("done")} healed`];
  for (const result of ["failed", "skipped", "blocked"])
    if (count(result) > 0) parts.push(`${count(result)} ${result}`);
  const blocked = remaining.blocked.map((one) => visibleLine(`blocked ${one.address}: ${one.reason} (${one.hint})`));
  const head = outcomes.length === 0 ? "Nothing to heal." : `Run ${id}: ${parts.join(", ")}.`;
  return [...blocked, head].join("\n");
}
