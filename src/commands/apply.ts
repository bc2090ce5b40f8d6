// `rollcall apply`: shows the plan, asks, converges under the lock, observes again.

import { UsageError } from "../model/errors.ts";
import type { Outcome, Run } from "../model/outcome.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import { converge, isConverged, type Planned, plan, settleRecords } from "../reconcile.ts";
import { outcomeLine, planText, warningsText } from "../report/text.ts";
import type { Call } from "./call.ts";
import { EXIT, type ExitCode, planExit, runExit } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { openProject, type Project } from "./project.ts";
import { type AllowanceFlags, allowanceOf, requestedScope, type ScopeFlags } from "./request.ts";
import { type OutputFormat, printPlan, printRun } from "./show-plan.ts";
import { locked, type Writing } from "./writing.ts";

export interface ApplyOptions extends ScopeFlags, AllowanceFlags {
  readonly output: OutputFormat;
  readonly yes: boolean;
  readonly keepGoing: boolean;
  readonly lockTimeout: number;
  readonly maxWait: number;
}

/** A word with a slash or a dot names a saved plan; others are agents. */
function planFileOf(words: readonly string[]): string | undefined {
  const files = words.filter((word) => /[/.]/.test(word));
  if (files.length === 0) return undefined;
  if (words.length > 1) throw new UsageError("apply takes agents, or one saved plan file, not both");
  return files[0];
}

/** Plans without the lock; only with work to do it locks, plans again, and does that. */
export async function applyCommand({ io, options, args }: Call<ApplyOptions>): Promise<ExitCode> {
  const file = planFileOf(args);
  if (file !== undefined) {
    const { applySavedPlan } = await import("./saved-plan.ts");
    return applySavedPlan({ io, options, file });
  }
  const project = await openProject(io, { mayUseCache: false });
  const planned = await planFor(project, options, args);
  const answer = await mayProceed(io, options, planned);
  if (answer !== "yes") return answer;
  if (!hasWork(planned, project)) return finishWithoutWork(io, options, planned);
  return locked(project, { command: "apply", timeout: options.lockTimeout }, (writing) =>
    applyLocked({ io, options, project, writing, agents: args }),
  );
}

/** Also work: records that are missing or stale, a ledger to be written anew, the journal of a killed run. */
function hasWork({ steps, repairs }: Planned, { store }: Project): boolean {
  return steps.length > 0 || repairs.length > 0 || store.stale || store.unfinished.length > 0;
}

export async function planFor(
  project: Project,
  options: ScopeFlags & AllowanceFlags,
  agents: readonly string[],
): Promise<Planned> {
  const { fleet, kinds, reader } = project;
  const scope = requestedScope(project, agents, options);
  return plan(
    { fleet, kinds, scope, allowed: allowanceOf(options), records: project.records(), wholeBasis: false },
    reader,
  );
}

/** Shows the plan and asks. Without a terminal and without -y nothing is written: exit 64, the plan printed. */
async function mayProceed(io: Io, options: ApplyOptions, planned: Planned): Promise<"yes" | ExitCode> {
  if (planned.steps.length === 0) return "yes";
  if (options.yes) {
    if (options.output === "text") showPlan(io, planned);
    return "yes";
  }
  if (options.output !== "text" || !io.mayAsk) {
    await printPlan(io, planned.plan, options.output);
    io.complain("E330 there is work to do: give -y to do it (nobody to ask here); nothing was written");
    return EXIT.usage;
  }
  showPlan(io, planned);
  const { confirm } = await import("./ask.ts");
  if (await confirm("Apply this plan?")) return "yes";
  io.say("nothing was written");
  return EXIT.error;
}

function showPlan(io: Io, planned: Planned): void {
  const options = { paint: io.stderr.paint, verbose: io.options.verbose };
  if (planned.plan.warnings.length > 0) io.say(warningsText(planned.plan, options));
  io.say(planText(planned.plan, options));
}

/** Nothing to write: the run that was none is told in the form asked for. */
async function finishWithoutWork(io: Io, options: ApplyOptions, planned: Planned): Promise<ExitCode> {
  const run = emptyRun(planned);
  if (options.output === "text") {
    if (planned.plan.warnings.length > 0)
      io.say(warningsText(planned.plan, { paint: io.stderr.paint, verbose: false }));
    io.print(planText(planned.plan, { paint: io.stdout.paint, verbose: io.options.verbose }));
  } else await printRun(io, run, options.output);
  if (planned.unknown.length > 0) return EXIT.partly;
  return planExit(planned.plan) === EXIT.blocked ? EXIT.blocked : EXIT.done;
}

function emptyRun(planned: Planned): Run {
  return {
    kind: "run",
    formatVersion: FORMAT_VERSION,
    id: "",
    outcomes: [],
    converged: isConverged(planned),
    remaining: planned.plan,
  };
}

interface LockedApply {
  readonly io: Io;
  readonly options: ApplyOptions;
  readonly project: Project;
  readonly writing: Writing;
  readonly agents: readonly string[];
}

/** Under the lock: plans again, because the world may have moved while we waited or asked. */
async function applyLocked({ io, options, project, writing, agents }: LockedApply): Promise<ExitCode> {
  const { fleet, kinds } = project;
  const { recorder, world } = writing;
  const scope = requestedScope(project, agents, options);
  const request = { fleet, kinds, scope, allowed: allowanceOf(options), wholeBasis: false };
  const planned = await plan({ ...request, records: recorder.records() }, world);
  if (planned.steps.length === 0) {
    await settleRecords(planned, { recorder, scope });
    return finishWithoutWork(io, options, planned);
  }
  const stop = interruptible(io);
  try {
    const run = await converge(
      planned,
      {
        ...request,
        recorder,
        command: "apply",
        keepGoing: options.keepGoing,
        stopping: stop.asked,
        progress: progressOf(io),
      },
      world,
    );
    await printRun(io, run, options.output);
    return stop.code() ?? runExit(run, { blind: planned.unknown.length > 0, overdue: false });
  } finally {
    stop.done();
  }
}

/** A line per finished action on stderr. */
export function progressOf(io: Io): (outcome: Outcome, done: number, total: number) => void {
  const options = { paint: io.stderr.paint, verbose: io.options.verbose };
  return (outcome, done, total) => io.say(outcomeLine(outcome, { done, total }, options));
}
