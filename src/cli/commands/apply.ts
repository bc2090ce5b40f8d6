// `rollcall apply`: shows the plan, asks, converges under the lock, observes again.

import { type ConvergeFlags, hasWork, planRequest, refuseOutside, runWithoutWork } from "../../app/run/converge.ts";
import { planReconnected } from "../../app/session/reconnect.ts";
import { UsageError } from "../../model/errors.ts";
import type { Planned } from "../../reconcile.ts";
import { planText, warningsText } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { convergeHere, interruptibly } from "../converge.ts";
import { EXIT, type ExitCode, runExit } from "../exit-codes.ts";
import { readFile } from "../file-arguments.ts";
import { openHere } from "../opened.ts";
import { type OutputFormat, printPlan, printRun } from "../print.ts";
import type { Terminal } from "../terminal.ts";

interface ApplyOptions extends ConvergeFlags {
  readonly output: OutputFormat;
  readonly yes: boolean;
}

/** A word with a slash or a dot names a saved plan; others are agents. */
function planFileOf(words: readonly string[]): string | undefined {
  const files = words.filter((word) => /[/.]/.test(word));
  if (files.length === 0) return undefined;
  if (words.length > 1) throw new UsageError("apply takes agents, or one saved plan file, not both");
  return files[0];
}

/** Plans without the lock; only with work to do it locks, plans again, and does that. */
export async function applyCommand({ io, options, args }: CommandContext<ApplyOptions>): Promise<ExitCode> {
  const file = planFileOf(args);
  if (file !== undefined) {
    return applyFile(io, options, file);
  }
  const project = await openHere(io, { mayUseCache: false });
  refuseOutside(project, options);
  const request = planRequest(project, options, args);
  const planned = await planReconnected(project, request, { command: "apply", timeout: options.lockTimeout });
  const keepsSpec = args.length === 0 && options.portable !== true;
  const answer = await mayProceed(io, options, planned);
  if (answer !== "yes") return answer;
  if (!hasWork(planned, project, keepsSpec) && options.maxWait === 0) return withoutWork(io, options, planned);
  if (planned.steps.length === 0 && options.output === "text") sayWarnings(io, planned);
  const { run, code } = await convergeHere(io, { project, request, flags: options, command: "apply", keepsSpec });
  await printRun(io, run, options.output);
  return code;
}

async function applyFile(io: Terminal, options: ApplyOptions, file: string): Promise<ExitCode> {
  const { applySavedPlan } = await import("../../app/run/saved-plan.ts");
  const project = await openHere(io, { mayUseCache: false });
  const text = readFile(project, file);
  const { run, code } = await interruptibly(io, (stopping) =>
    applySavedPlan({ project, text, file, flags: options, stopping }),
  );
  await printRun(io, run, options.output);
  return code;
}

/** Shows the plan and asks. Without a terminal and without -y nothing is written: exit 64, the plan printed. */
async function mayProceed(io: Terminal, options: ApplyOptions, planned: Planned): Promise<"yes" | ExitCode> {
  if (planned.steps.length === 0) return "yes";
  if (options.yes) {
    if (options.output === "text") showPlan(io, planned);
    return "yes";
  }
  if (options.output !== "text" || !io.mayAsk) {
    await printPlan(io, planned, options.output);
    io.complain("E330 there is work to do: give -y to do it (nobody to ask here); nothing was written");
    return EXIT.usage;
  }
  showPlan(io, planned);
  const { confirm } = await import("../prompt.ts");
  if (await confirm("Apply this plan?")) return "yes";
  io.say("nothing was written");
  return EXIT.error;
}

function showPlan(io: Terminal, planned: Planned): void {
  sayWarnings(io, planned);
  const options = { paint: io.stderr.paint, verbose: io.options.verbose, differences: planned.differences };
  io.say(planText(planned.plan, options));
}

function sayWarnings(io: Terminal, { plan: document }: Planned): void {
  const options = { paint: io.stderr.paint, verbose: io.options.verbose };
  if (document.warnings.length > 0) io.say(warningsText(document, options));
}

/** Nothing to write, not even a lock: what is left is told in the form asked for. */
async function withoutWork(io: Terminal, options: ApplyOptions, planned: Planned): Promise<ExitCode> {
  const run = runWithoutWork(planned);
  if (options.output === "text") await printPlan(io, planned, "text");
  else await printRun(io, run, options.output);
  return runExit(run, { blind: planned.unknown.length > 0, overdue: false });
}
