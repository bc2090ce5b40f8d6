// The status of a fleet: every agent on two axes, sync and health, from one look.

import type { Classified } from "../engine/classify.ts";
import { parseAddress } from "../model/address.ts";
import type { HealthReport } from "../model/capabilities.ts";
import type { Kind } from "../model/kind.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import { type Planned, plan } from "../reconcile.ts";
import type { AgentStatus, Status, SyncState } from "../report/status.ts";
import type { Project } from "./project.ts";
import { NOTHING_ALLOWED, requestedScope, type ScopeFlags } from "./request.ts";
import { orphanSessions, unknownAgent } from "./session/orphans.ts";
import { specPart } from "./without-spec.ts";

/** Looks once and tells of every agent in scope. */
export async function statusOf(project: Project, agents: readonly string[], flags: ScopeFlags): Promise<Status> {
  return (await planForStatus(project, agents, flags)).status;
}

/** The status with the plan it was read from. */
export async function planForStatus(
  project: Project,
  agents: readonly string[],
  flags: ScopeFlags,
): Promise<{ readonly status: Status; readonly planned: Planned }> {
  const { fleet, reader, specErrors } = project;
  const known = project.agentNames();
  const chosen = new Set(agents);
  // A name that is neither declared nor recorded may still be on a session, which only a look at all of them finds.
  const scope = requestedScope(project, agents.every((name) => known.has(name)) ? agents : [], flags);
  // Without a spec nothing is known of files.
  const kinds = specErrors ? project.kinds.filter((kind) => kind.live) : project.kinds;
  const records = project.records();
  const kept = project.compiled.desired;
  const planned = await plan(
    { fleet, kinds, scope, allowed: NOTHING_ALLOWED, records, wholeBasis: false, kept },
    reader,
  );
  const orphans = new Set(orphanSessions(project, planned).map((one) => one.agent));
  const stranger = agents.find((name) => !known.has(name) && !orphans.has(name));
  if (stranger !== undefined) throw unknownAgent(project, stranger, [...orphans]);
  const views = { planned, records, healths: await healthsOf(project, planned, records), orphans, specErrors };
  const status: Status = {
    kind: "status",
    formatVersion: FORMAT_VERSION,
    socket: fleet.machine.socket,
    agents: namesIn(project, orphans)
      .filter((name) => chosen.size === 0 || chosen.has(name))
      .map((name) => agentStatus(name, views)),
    ...specPart(project),
  };
  return { status, planned };
}

/** The agents of the registry, then those that only a session has; without a registry, those of the records. */
function namesIn(project: Project, orphans: ReadonlySet<string>): string[] {
  const declared = project.fleet.agents.map((agent) => agent.name);
  const recorded = project.specErrors ? [...project.agentNames()] : [];
  const more = [...new Set([...recorded, ...orphans])].filter((name) => !declared.includes(name));
  return [...declared, ...more.sort()];
}

interface StatusInput {
  readonly planned: Planned;
  readonly records: Records;
  readonly healths: ReadonlyMap<string, HealthReport>;
  readonly orphans: ReadonlySet<string>;
  readonly specErrors: Project["specErrors"];
}

function agentStatus(agent: string, views: StatusInput): AgentStatus {
  const { planned, records, healths } = views;
  const hold = records.holds[agent];
  const report = healths.get(agent);
  return {
    agent,
    sync: syncOf(agent, views),
    health: report?.health ?? (views.specErrors ? "absent" : "unknown"),
    notes: report?.notes ?? [],
    session: report?.session ?? null,
    drift: planned.judged
      .filter(
        (one) =>
          (one.agent === agent || one.want?.shared) &&
          one.want &&
          one.verdict !== "in-sync" &&
          one.have?.unknown === undefined,
      )
      .map((one) => one.address),
    ...(hold ? { hold: { reason: hold.reason, since: hold.since, by: hold.by } } : {}),
  };
}

function syncOf(agent: string, { planned, records, orphans, specErrors }: StatusInput): SyncState {
  if (specErrors) return "unknown";
  if (orphans.has(agent)) return "orphan";
  if (records.holds[agent]) return "held";
  const { plan: document, unknown, judged } = planned;
  const shared = new Set(judged.flatMap((one) => (one.want?.shared ? [one.address] : [])));
  const belongs = (address: string) => parseAddress(address)?.agent === agent || shared.has(address);
  if (document.blocked.some((one) => belongs(one.address))) return "blocked";
  const waiting = document.deferred.filter((one) => belongs(one.address) && !unknown.includes(one.address));
  if (document.actions.some((one) => belongs(one.address)) || waiting.length > 0) return "out-of-sync";
  return unknown.some(belongs) ? "unknown" : "in-sync";
}

/** What each kind says of an agent's health, in one report: the live kind's word is the health, notes add up. */
async function healthsOf(project: Project, planned: Planned, records: Records): Promise<Map<string, HealthReport>> {
  const reports = new Map<string, HealthReport>();
  for (const kind of project.kinds) {
    const { monitored } = kind.capabilities;
    if (!monitored) continue;
    const mine = planned.judged.filter((one) => one.kind === kind.name && (one.want || isAlive(kind, one)));
    const haves = mine.flatMap((one) => (one.have?.exists ? [one.have] : []));
    const closer = kind.inspect && haves.length > 0 ? await kind.inspect(haves, project.fleet, project.reader) : haves;
    const byAddress = new Map(closer.map((have) => [have.address, have]));
    for (const one of mine) {
      const report = monitored.health(one.want, byAddress.get(one.address) ?? one.have, records.get(one.address));
      const before = reports.get(one.agent);
      reports.set(one.agent, before ? merged(before, report, kind.live) : report);
    }
  }
  return reports;
}

/** Also what nobody wants any more has a health while it runs, or while nobody can tell whether it does. */
function isAlive(kind: Kind, { have }: Classified): boolean {
  return kind.live && (have?.exists === true || have?.unknown !== undefined);
}

function merged(before: HealthReport, report: HealthReport, live: boolean): HealthReport {
  const notes = [...before.notes, ...report.notes];
  return live ? { ...report, notes } : { ...before, notes };
}
