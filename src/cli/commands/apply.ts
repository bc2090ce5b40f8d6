// `rollcall apply`: shows the plan, asks, converges under the lock, observes again.

import { type ConvergeFlags, hasWork, planRequest, refuseOutside, runWithoutWork } from "../../app/run/converge.ts";
import { planReconnected } from "../../app/session/reconnect.ts";
import { UsageError } from "../../model/errors.ts";
import type { Planned } from "../../reconcile.ts";
import { askFirst } from "../ask-first.ts";
import type { CommandContext } from "../command-context.ts";
import { convergeHere, interruptibly } from "../converge.ts";
import { type ExitCode, runExit } from "../exit-codes.ts";
import { readFile } from "../file-arguments.ts";
import { openHere } from "../opened.ts";
import { type OutputFormat, printPlan, printRun, sayPlan, sayWarnings } from "../print.ts";
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
  if (file !== undefined) return applyFile(io, options, file);
  const project = await openHere(io, { mayUseCache: false });
  refuseOutside(project, options);
  const request = planRequest(project, options, args);
  const planned = await planReconnected(project, request, { command: "apply", timeout: options.lockTimeout });
  const keepsSpec = args.length === 0 && options.portable !== true;
  const answer = planned.steps.length === 0 ? "yes" : await askAbout(io, options, planned);
  if (answer !== "yes") return answer;
  if (!hasWork(planned, project, keepsSpec) && options.maxWait === 0) return withoutWork(io, options, planned);
  if (planned.steps.length === 0 && options.output === "text") sayWarnings(io, planned.plan);
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

function askAbout(io: Terminal, options: ApplyOptions, planned: Planned): Promise<"yes" | ExitCode> {
  return askFirst(io, {
    options,
    show: () => sayPlan(io, planned),
    print: () => printPlan(io, planned, options.output),
    what: "there is work to do",
    question: "Apply this plan?",
  });
}

/** Nothing to write, not even a lock: what is left is told in the form asked for. */
async function withoutWork(io: Terminal, options: ApplyOptions, planned: Planned): Promise<ExitCode> {
  const run = runWithoutWork(planned);
  if (options.output === "text") await printPlan(io, planned, "text");
  else await printRun(io, run, options.output);
  return runExit(run, { blind: planned.unknown.length > 0, overdue: false });
}
