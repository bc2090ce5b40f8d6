// Starting one agent's session by hand: its hold ends, and the session runs whatever its rule for starts says.
import { parseAddress } from "../../model/address.ts";
import type { Failure, Run } from "../../model/outcome.ts";
import { plan } from "../../reconcile.ts";
import { openProject, type Project } from "../project.ts";
import { type ConvergeJob, planRequest } from "../run/converge.ts";
import { locked } from "../run/transaction.ts";
import {
  agentPlanRequest,
  liveOf,
  outOfSyncFiles,
  planForAgents,
  type Unseen,
  unseen,
  unseenError,
  wantingRunning,
} from "./lookup.ts";
import { planReconnected } from "./reconnect.ts";

export interface StartFlags {
  /** Seconds to wait for a running apply. */
  readonly lockTimeout: number;
  readonly force: boolean;
  /** False: the start counts as soon as it was seen. */
  readonly wait?: boolean;
}

/** How the caller converges, which knows when to end early and what the end of a run means to it. */
export type Converging<Ended extends { readonly run: Run }> = (job: Omit<ConvergeJob, "stopping">) => Promise<Ended>;

/** What became of a start. */
export interface Started<Ended> {
  /** The differences that forbid it, one line each. */
  readonly drift: readonly string[];
  /** Why the session is not up, when its start was tried and failed, and the run that tried it. */
  readonly failed?: { readonly failure: Failure; readonly ended: Ended };
}

/** Ends a hold and starts the session. Refuses while the agent's files are not in sync. */
export async function startAgent<Ended extends { readonly run: Run }>(
  { project, agent, flags }: { readonly project: Project; readonly agent: string; readonly flags: StartFlags },
  converging: Converging<Ended>,
): Promise<Started<Ended>> {
  const running = wantingRunning(project, new Set([agent]));
  const locking = { command: "start", timeout: flags.lockTimeout };
  const planned = await planReconnected(running, agentPlanRequest(running, [agent], { despiteHold: true }), locking);
  // Nothing is started beside what may live, and the hold stays: whoever asked is told why by the next look.
  if (unseen(liveOf(running, planned, agent))) return { drift: [] };
  const drift = outOfSyncFiles(running, planned, agent);
  if (drift.length > 0) return { drift: drift.map((one) => `${one.address} ${one.verdict}`) };
  const isHeld = project.store.holds[agent] !== undefined;
  if (isHeld) await locked(running, locking, async ({ commit }) => commit({ holds: { [agent]: null } }));
  const fresh = isHeld ? wantingRunning(await reopened(project), new Set([agent])) : running;
  const ended = await converging({
    project: fresh,
    request: planRequest(fresh, flags, [agent]),
    flags: { ...flags, keepGoing: false, maxWait: 0 },
    command: "start",
  });
  const live = new Set(fresh.kinds.filter((kind) => kind.live).map((kind) => kind.name));
  const outcome = ended.run.outcomes.find(
    (one) => live.has(parseAddress(one.address)?.kind ?? "") && one.result === "failed",
  );
  return outcome?.error ? { drift: [], failed: { failure: outcome.error, ended } } : { drift: [] };
}

/** Starts what waits for somebody to come. An agent that is held stays as it is, and so does what is there or unseen. */
export async function startOnDemand<Ended extends { readonly run: Run }>(
  project: Project,
  agent: string,
  converging: Converging<Ended>,
): Promise<Started<Ended>> {
  const rule = project.fleet.agents.find(({ name }) => name === agent)?.session.start;
  if (rule !== "on-demand" || project.store.holds[agent]) return { drift: [] };
  const live = liveOf(project, await planForAgents(project, [agent]), agent);
  if (live.some(({ have }) => have?.exists || have?.unknown !== undefined)) return { drift: [] };
  return startAgent({ project, agent, flags: { lockTimeout: ATTACH_LOCK_WAIT, force: false } }, converging);
}

/** Seconds to wait for a run that is going on: the person sits there. */
const ATTACH_LOCK_WAIT = 30;

/** What a look after a start finds. */
export type AfterStart =
  | { readonly state: "running" }
  /** It lives where nobody reaches it. */
  | { readonly state: "unreachable"; readonly reason: string; readonly hint: string }
  | { readonly state: "blocked"; readonly reason: string; readonly hint: string }
  | { readonly state: "not-running"; readonly reason: string };

/** Looks at the session again. Throws E711 where nothing is known of it. */
export async function lookAfterStart(project: Project, agent: string): Promise<AfterStart> {
  const again = await reopened(project);
  const planned = await plan(planRequest(wantingRunning(again, new Set([agent])), {}, [agent]), again.reader);
  const live = liveOf(again, planned, agent);
  const [one] = live;
  if (one?.verdict === "in-sync" && one.have?.exists) return { state: "running" };
  const notSeen = unseen(live);
  if (notSeen) return unreachable(notSeen);
  const { blocked, actions, deferred } = planned.plan;
  const isMine = ({ address }: { readonly address: string }): boolean => address === one?.address;
  const block = blocked.find(isMine);
  if (block) return { state: "blocked", reason: block.reason, hint: block.hint };
  const reason = actions.find(isMine)?.reason ?? deferred.find(isMine)?.reason ?? "it is not there";
  return { state: "not-running", reason };
}

function unreachable(notSeen: Unseen): AfterStart {
  const { reason, hint } = notSeen;
  if (hint === undefined) throw unseenError(notSeen);
  return { state: "unreachable", reason, hint };
}

/** Records and holds may have changed since the project was opened. */
const reopened = ({ caller }: Project): Promise<Project> => openProject(caller, { mayUseCache: false });
