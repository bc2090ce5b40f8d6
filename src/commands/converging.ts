// Converging under the lock, shared by apply, reconcile and start: plan again, do it, wait for what is put off.
import { createProcesses } from "../host/proc.ts";
import { createRecordFolder } from "../host/records.ts";
import { lockHolder } from "../ledger/lock.ts";
import { RollcallError } from "../model/errors.ts";
import type { Outcome, Run } from "../model/outcome.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import { converge, isConverged, type Planned, type PlanRequest, plan, settleRecords } from "../reconcile.ts";
import { outcomeLine } from "../report/text.ts";
import { type ExitCode, runExit } from "./exit.ts";
import { type Interruption, interruptible } from "./interrupt.ts";
import type { Io } from "./io.ts";
import type { Project } from "./project.ts";
import { type AllowanceFlags, allowanceOf, requestedScope, type ScopeFlags } from "./request.ts";
import { refuseWithin } from "./within-session.ts";
import { locked } from "./writing.ts";

export interface ConvergeFlags extends ScopeFlags, AllowanceFlags {
  readonly keepGoing: boolean;
  /** Seconds. */
  readonly lockTimeout: number;
  /** Seconds to wait for what is deferred; 0: do not wait. */
  readonly maxWait: number;
  /** The agents folder may lie outside of the project. */
  readonly allowOutside?: boolean;
}

/** `agents:` comes from a file that a pull request may change: nothing is written elsewhere without a word of a person. */
export function refuseOutside({ fleet }: Project, { allowOutside }: Pick<ConvergeFlags, "allowOutside">): void {
  const { root, agents } = fleet.machine.folders;
  if (allowOutside === true || agents.startsWith(`${root}/`)) return;
  throw new RollcallError("E360", `the agents folder lies outside of the project: ${agents}; nothing was written`, {
    hint: "give --allow-outside if that is meant, or change `agents:` in rollcall.config.yaml",
  });
}

/** What a command asks the loop for. */
export function planRequest(
  project: Project,
  flags: ScopeFlags & AllowanceFlags,
  agents: readonly string[],
): PlanRequest {
  const { fleet, kinds } = project;
  const scope = requestedScope(project, agents, flags);
  return {
    fleet,
    kinds,
    scope,
    allowed: allowanceOf(flags),
    records: project.records(),
    wholeBasis: false,
    committed: async () => (await import("./committed-spec.ts")).committedSpec(project),
  };
}

/** Also work: records or a compiled spec that are missing or stale, the journal or the lock of a killed run. */
export function hasWork({ steps, repairs }: Planned, project: Project): boolean {
  const { store, compiled } = project;
  const isStale = store.stale || store.unfinished.length > 0 || !compiled.isKept;
  return steps.length > 0 || repairs.length > 0 || isStale || hasDeadLock(project);
}

/** A run that was killed as it was about to give its lock back left nothing else to do. */
function hasDeadLock({ fleet }: Project): boolean {
  const state = createRecordFolder({ path: fleet.machine.folders.state });
  return lockHolder(state, createProcesses())?.state === "dead";
}

export interface ConvergeJob {
  readonly project: Project;
  readonly request: PlanRequest;
  readonly flags: ConvergeFlags;
  readonly command: string;
}

export interface Converged {
  readonly run: Run;
  readonly code: ExitCode;
}

const POLL_MS = 2000;

/**
 * Converges, and with --max-wait goes on until nothing is deferred any more or the time is over. The lock is given back
 * while waiting, so that others may work.
 */
export async function convergeUnderLock(job: ConvergeJob): Promise<Converged> {
  const { flags, project } = job;
  refuseOutside(project, flags);
  const stop = interruptible(project.io);
  try {
    const deadline = Date.now() + flags.maxWait * 1000;
    let { run, blind } = await once(job, stop);
    while (run.remaining.deferred.length > 0 && !stop.asked() && Date.now() < deadline) {
      await pause(Math.min(POLL_MS, deadline - Date.now()), stop);
      const next = await once(job, stop);
      run = { ...next.run, id: next.run.id || run.id, outcomes: [...run.outcomes, ...next.run.outcomes] };
      blind = next.blind;
    }
    const overdue = flags.maxWait > 0 && run.remaining.deferred.length > 0;
    return { run, code: stop.code() ?? runExit(run, { blind, overdue }) };
  } finally {
    stop.done();
  }
}

async function pause(ms: number, stop: Interruption): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !stop.asked()) await new Promise((wake) => setTimeout(wake, 100));
}

/** One pass: planned again under the lock, because the world may have moved while we waited or asked. */
async function once(job: ConvergeJob, stop: Interruption): Promise<{ readonly run: Run; readonly blind: boolean }> {
  const { project, request, flags, command } = job;
  const planned = await plan({ ...request, records: project.records() }, project.reader);
  refuseWithin(project, planned.steps);
  if (!hasWork(planned, project)) return { run: runWithoutWork(planned), blind: planned.unknown.length > 0 };
  return locked(project, { command, timeout: flags.lockTimeout }, async ({ recorder, world }) => {
    const again = await plan({ ...request, records: recorder.records() }, world);
    refuseWithin(project, again.steps);
    const blind = again.unknown.length > 0;
    if (again.steps.length === 0) {
      await settleRecords(again, { recorder, scope: request.scope });
      return { run: runWithoutWork(again), blind };
    }
    const progress = progressOf(project.io);
    const run = await converge(
      again,
      { ...request, recorder, command, keepGoing: flags.keepGoing, stopping: stop.asked, progress },
      world,
    );
    return { run, blind };
  });
}

/** The document of a run that had nothing to write. */
export function runWithoutWork(planned: Planned): Run {
  return {
    kind: "run",
    formatVersion: FORMAT_VERSION,
    id: "",
    outcomes: [],
    converged: isConverged(planned),
    remaining: planned.plan,
  };
}

/** A line per finished action on stderr. */
export function progressOf(io: Io): (outcome: Outcome, done: number, total: number) => void {
  const options = { paint: io.stderr.paint, verbose: io.options.verbose };
  return (outcome, done, total) => io.say(outcomeLine(outcome, { done, total }, options));
}
