// Converging under the lock, shared by apply, reconcile and start: plan again, do it, wait for what is put off.

import { setTimeout as sleep } from "node:timers/promises";
import { proofSteps } from "../../engine/proof-steps.ts";
import { settle } from "../../engine/settle.ts";
import { createRecordFolder } from "../../host/fs/durable-folder.ts";
import { createProcesses } from "../../host/process/procfs.ts";
import { lockHolder } from "../../ledger/lock.ts";
import type { LastGood } from "../../ledger/schema.ts";
import { HostError, RollcallError } from "../../model/errors.ts";
import type { Emit, RunEvent } from "../../model/events.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Run } from "../../model/outcome.ts";
import { FORMAT_VERSION } from "../../model/plan.ts";
import type { Recorder } from "../../model/recorder.ts";
import type { Hold, Records } from "../../model/resource.ts";
import type { RecordFolder } from "../../model/world.ts";
import { converge, isConverged, type Planned, type PlanRequest, plan } from "../../reconcile.ts";
import { note } from "../caller.ts";
import { isLastGoodFresh, tidyLastGood, writeLastGood } from "../last-good.ts";
import type { Project } from "../project.ts";
import { type AllowanceFlags, allowanceOf, requestedScope, type ScopeFlags } from "../request.ts";
import { refuseWithin } from "../session/within-session.ts";
import { locked, type Writing } from "./transaction.ts";

export interface ConvergeFlags extends ScopeFlags, AllowanceFlags {
  readonly keepGoing: boolean;
  /** Seconds. */
  readonly lockTimeout: number;
  /** Seconds to wait for what is deferred; 0: do not wait. */
  readonly maxWait: number;
  /** False: a start counts as soon as it was seen, whatever `session.ready.after` says. */
  readonly wait?: boolean;
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
  flags: ScopeFlags & AllowanceFlags & Pick<ConvergeFlags, "wait">,
  agents: readonly string[],
): PlanRequest {
  const { kinds } = project;
  const fleet = flags.wait === false ? withoutReadyWait(project.fleet) : project.fleet;
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

/** The fleet as if no start had to live any time to count. */
export function withoutReadyWait(fleet: Fleet): Fleet {
  const agents = fleet.agents.map((agent) => {
    const ready = { ...agent.session.ready, afterMs: 0 };
    return { ...agent, session: { ...agent.session, ready } };
  });
  return { ...fleet, agents };
}

/** Also work: records, proofs or a compiled spec that are missing or stale, the journal or the lock of a killed run. */
export function hasWork({ steps, repairs, judged }: Planned, project: Project, keepsSpec = false): boolean {
  const { store, compiled } = project;
  const isStale = store.stale || store.unfinished.length > 0 || !compiled.isKept;
  if (steps.length > 0 || repairs.length > 0 || isStale || hasDeadLock(project)) return true;
  if (keepsSpec && !isLastGoodFresh(project)) return true;
  return proofSteps(judged, { kinds: project.kinds, records: store }).length > 0;
}

/**
 * The recorder of a run that leaves the last good spec behind, together with its records. What a hook or a file of it
 * failed with is not known to be good: `noticed` is told each event.
 */
export function keepingSpec(
  project: Project,
  { recorder, remember }: Writing,
): { readonly recorder: Recorder; noticed(event: RunEvent): void } {
  const state = createRecordFolder({ path: project.fleet.machine.folders.state, ownersAlone: true });
  let mayKeep = true;
  return {
    noticed(event) {
      if (event.event !== "step" || event.result !== "failed") return;
      if (!event.address.startsWith("session/")) mayKeep = false;
    },
    recorder: {
      ...recorder,
      async commit(repairs) {
        const lastGood = mayKeep ? written(project, state) : null;
        mayKeep = false;
        if (lastGood) remember({ lastGood });
        await recorder.commit(repairs);
        if (lastGood) tidyLastGood(lastGood, state);
      },
    },
  };
}

/** Each event is noticed before it goes on. */
export function noticing({ noticed }: Pick<ReturnType<typeof keepingSpec>, "noticed">, emit: Emit): Emit {
  return (event) => {
    noticed(event);
    emit(event);
  };
}

/** A run that was killed as it was about to give its lock back left nothing else to do. */
function hasDeadLock({ fleet }: Project): boolean {
  const state = createRecordFolder({ path: fleet.machine.folders.state });
  return lockHolder(state, createProcesses())?.state === "dead";
}

/** Null also where it cannot be written: the records of what was done matter more, and the next apply tries again. */
function written(project: Project, state: RecordFolder): LastGood | null {
  try {
    return writeLastGood(project, state);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    note(project.caller, `the spec is not kept for a day on which it has errors: ${error.message}`);
    return null;
  }
}

export interface ConvergeJob {
  readonly project: Project;
  readonly request: PlanRequest;
  readonly flags: ConvergeFlags;
  readonly command: string;
  /** Holds that this work goes through. */
  readonly despite?: (hold: Hold) => boolean;
  /** It is about all agents' files, so the spec it leaves behind is the last good one. */
  readonly keepsSpec?: boolean;
  /** Asked again and again: true ends the run after what is being done. */
  readonly stopping: () => boolean;
}

export interface Converged {
  readonly run: Run;
  /** Something could not be looked at (no tmux). */
  readonly blind: boolean;
  /** Something is deferred beyond the time given with --max-wait. */
  readonly overdue: boolean;
}

const POLL_MS = 2000;

/**
 * Converges, and with --max-wait goes on until nothing is deferred any more or the time is over. The lock is given back
 * while waiting, so that others may work.
 */
export async function convergeUnderLock(job: ConvergeJob): Promise<Converged> {
  const { flags, project, stopping } = job;
  refuseOutside(project, flags);
  const deadline = Date.now() + flags.maxWait * 1000;
  let { run, blind } = await once(job);
  while (run.remaining.deferred.length > 0 && !stopping() && Date.now() < deadline) {
    await pause(Math.min(POLL_MS, deadline - Date.now()), stopping);
    const next = await once(job);
    run = { ...next.run, id: next.run.id || run.id, outcomes: [...run.outcomes, ...next.run.outcomes] };
    blind = next.blind;
  }
  return { run, blind, overdue: flags.maxWait > 0 && run.remaining.deferred.length > 0 };
}

async function pause(ms: number, stopping: () => boolean): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !stopping()) await sleep(100);
}

/** One pass: planned again under the lock, because the world may have moved while we waited or asked. */
async function once(job: ConvergeJob): Promise<Omit<Converged, "overdue">> {
  const { project, request, flags, command, stopping } = job;
  const planned = await plan({ ...request, records: recordsFor(job, project.records()) }, project.reader);
  refuseWithin(project, planned.steps);
  if (!hasWork(planned, project, job.keepsSpec))
    return { run: runWithoutWork(planned), blind: planned.unknown.length > 0 };
  return locked(project, { command, timeout: flags.lockTimeout }, async (writing) => {
    const { world, store } = writing;
    const isFirst = store.lastGood === undefined && job.keepsSpec !== undefined;
    const keeping = job.keepsSpec || isFirst ? keepingSpec(project, writing) : null;
    const { recorder } = keeping ?? writing;
    const again = await plan({ ...request, records: recordsFor(job, recorder.records()) }, world);
    refuseWithin(project, again.steps);
    const blind = again.unknown.length > 0;
    const { by } = project.caller;
    const emit = keeping ? noticing(keeping, project.caller.emit) : project.caller.emit;
    const asked = { ...request, recorder, command, by, keepGoing: flags.keepGoing, stopping, emit };
    if (again.steps.length > 0) return { run: await converge(again, asked, world), blind };
    return { run: { ...runWithoutWork(again), ...(await settle(again, asked, world)) }, blind };
  });
}

function recordsFor({ despite }: ConvergeJob, records: Records): Records {
  if (!despite) return records;
  return { ...records, holds: Object.fromEntries(Object.entries(records.holds).filter(([, hold]) => !despite(hold))) };
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
