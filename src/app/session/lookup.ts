// One agent's live things: found, started, stopped. What start, stop, attach and the original's verbs share.
import type { Classified } from "../../engine/classify.ts";
import { RollcallError } from "../../model/errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Kind } from "../../model/kind.ts";
import type { Observed } from "../../model/resource.ts";
import { type Planned, type PlanRequest, plan } from "../../reconcile.ts";
import type { Project } from "../project.ts";
import { planRequest } from "../run/converge.ts";
import { type NamedAgent, observeLive, unknownAgent } from "./orphans.ts";

/** The agent of that name, or a usage error with a suggestion. */
export function knownAgent(project: Project, name: string): string {
  if (project.fleet.agents.some((agent) => agent.name === name)) return name;
  if (project.specErrors && project.agentNames().has(name)) return name;
  throw unknownAgent(project, name, []);
}

/** The project as if these agents' sessions were to run always, however they ended: what `start` asks for. */
export function wantingRunning(project: Project, names: ReadonlySet<string>): Project {
  const agents = project.fleet.agents.map((agent) =>
    names.has(agent.name)
      ? { ...agent, session: { ...agent.session, start: "always" as const, restart: "always" as const } }
      : agent,
  );
  const fleet: Fleet = { ...project.fleet, agents };
  return { ...project, fleet };
}

interface PlanFlags {
  readonly force?: boolean;
  readonly despiteHold?: boolean;
  readonly filesOnly?: boolean;
}

/** Plans some agents, all kinds; holds are looked through when `despiteHold`. */
export async function planForAgents(
  project: Project,
  names: readonly string[],
  flags: PlanFlags = {},
): Promise<Planned> {
  return plan(agentPlanRequest(project, names, flags), project.reader);
}

/** What `lookAt` asks the loop for. */
export function agentPlanRequest(project: Project, names: readonly string[], flags: PlanFlags = {}): PlanRequest {
  const request = planRequest(project, flags, names);
  const records = flags.despiteHold ? { ...request.records, holds: {} } : request.records;
  return { ...request, records };
}

/** The judgements of an agent's live resources. */
export function liveOf(project: Project, planned: Planned, name: string): Classified[] {
  const live = new Set(project.kinds.filter((kind) => kind.live).map((kind) => kind.name));
  return planned.judged.filter((one) => one.agent === name && live.has(one.kind));
}

/** Why something could not be looked at. With a hint it lives where nobody reaches it. */
export interface Unseen {
  readonly reason: string;
  readonly hint?: string;
}

/** Why something live could not be looked at; undefined when all was seen. */
export function unseen(judged: readonly Classified[]): Unseen | undefined {
  const have = judged.find((one) => one.have?.unknown !== undefined)?.have;
  if (have?.unknown === undefined) return undefined;
  return { reason: have.unknown, ...(have.obstacle ? { hint: have.obstacle.hint } : {}) };
}

/** What is not known is neither there nor absent: for commands that would have to say one of the two. */
export function unseenError({ reason, hint }: Unseen): RollcallError {
  const message = `nothing is known of the sessions: ${reason}`;
  return hint === undefined
    ? new RollcallError("E711", message, { hint: "rollcall explain E711" })
    : new RollcallError("E720", message, { hint });
}

/** Addresses of the agent's files that are not in sync: a start refuses while there are any. */
export function outOfSyncFiles(project: Project, planned: Planned, name: string): Classified[] {
  const live = new Set(project.kinds.filter((kind) => kind.live).map((kind) => kind.name));
  return planned.judged.filter(
    (one) => one.agent === name && !live.has(one.kind) && one.want && one.verdict !== "in-sync",
  );
}

/** An agent's live thing that is there and ours, with the kind that knows it. */
export interface LiveThing {
  readonly kind: Kind;
  readonly one: Classified;
  readonly have: Observed;
}

/** The agent's session, whether it is held or not; E351 when there is none of ours, E711 when it cannot be seen. */
export async function sessionOf(project: Project, { agent, orphan }: NamedAgent): Promise<LiveThing> {
  const planned = orphan ? await observeLive(project) : await planForAgents(project, [agent], { despiteHold: true });
  for (const one of liveOf(project, planned, agent)) {
    const kind = project.kinds.find((candidate) => candidate.name === one.kind);
    const notSeen = unseen([one]);
    if (notSeen) throw unseenError(notSeen);
    if (kind && one.have?.exists && one.have.mark !== null) return { kind, one, have: one.have };
  }
  const hint = orphan ? "rollcall list shows the sessions that are there" : `rollcall start ${agent}`;
  throw new RollcallError("E351", `${agent} has no session managed by Rollcall`, { hint });
}
