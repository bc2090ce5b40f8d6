// `rollcall status`: every agent on two axes, sync and health, from one look.
import { parseAddress } from "../model/address.ts";
import type { Agent } from "../model/fleet.ts";
import type { HealthReport } from "../model/kind.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import { type Planned, plan } from "../reconcile.ts";
import { jsonDocument } from "../report/json.ts";
import { type AgentStatus, type Status, type SyncState, statusText } from "../report/status.ts";
import type { Call } from "./call.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { openProject, type Project } from "./project.ts";
import { LOOKING, requestedScope, type ScopeFlags } from "./request.ts";

/** Exit 0: it tells, it does not judge. */
export async function statusCommand({
  io,
  options,
  args,
}: Call<ScopeFlags & { readonly output: "text" | "json" }>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: true });
  const status = await statusOf(project, args, options);
  if (options.output === "json") io.print(jsonDocument(status));
  else io.print(statusText(status, io.stdout.paint));
  return EXIT.done;
}

/** Looks once and tells of every agent in scope. */
export async function statusOf(project: Project, agents: readonly string[], flags: ScopeFlags): Promise<Status> {
  return (await lookForStatus(project, agents, flags)).status;
}

/** The status with the plan it was read from. */
export async function lookForStatus(
  project: Project,
  agents: readonly string[],
  flags: ScopeFlags,
): Promise<{ readonly status: Status; readonly planned: Planned }> {
  const { fleet, kinds, reader } = project;
  const scope = requestedScope(project, agents, flags);
  const records = project.records();
  const kept = project.compiled.desired;
  const planned = await plan({ fleet, kinds, scope, allowed: LOOKING, records, wholeBasis: false, kept }, reader);
  const healths = await healthsOf(project, planned, records);
  const seen = fleet.agents.filter((agent) => scope.agent(agent.name));
  const status: Status = {
    kind: "status",
    formatVersion: FORMAT_VERSION,
    socket: fleet.machine.socket,
    agents: seen.map((agent) => agentStatus(agent, { planned, records, healths })),
  };
  return { status, planned };
}

interface Views {
  readonly planned: Planned;
  readonly records: Records;
  readonly healths: ReadonlyMap<string, HealthReport>;
}

function agentStatus(agent: Agent, { planned, records, healths }: Views): AgentStatus {
  const hold = records.holds[agent.name];
  const report = healths.get(agent.name);
  return {
    agent: agent.name,
    sync: hold ? "held" : syncOf(agent.name, planned),
    health: report?.health ?? "unknown",
    notes: report?.notes ?? [],
    session: report?.session ?? null,
    drift: planned.judged
      .filter(
        (one) => one.agent === agent.name && one.want && one.verdict !== "in-sync" && one.have?.unknown === undefined,
      )
      .map((one) => one.address),
    ...(hold ? { hold: { reason: hold.reason, since: hold.since, by: hold.by } } : {}),
  };
}

function syncOf(agent: string, { plan: document, unknown }: Planned): SyncState {
  const belongs = (address: string) => parseAddress(address)?.agent === agent;
  if (document.blocked.some((one) => belongs(one.address))) return "blocked";
  const waiting = document.deferred.filter((one) => belongs(one.address) && !unknown.includes(one.address));
  if (document.actions.some((one) => one.agent === agent) || waiting.length > 0) return "out-of-sync";
  return unknown.some(belongs) ? "unknown" : "in-sync";
}

/** What each kind says of an agent's health, in one report: the live kind's word is the health, notes add up. */
async function healthsOf(project: Project, planned: Planned, records: Records): Promise<Map<string, HealthReport>> {
  const reports = new Map<string, HealthReport>();
  for (const kind of project.kinds) {
    if (!kind.health) continue;
    const mine = planned.judged.filter((one) => one.kind === kind.name && one.want);
    const haves = mine.flatMap((one) => (one.have?.exists ? [one.have] : []));
    const closer = kind.inspect && haves.length > 0 ? await kind.inspect(haves, project.fleet, project.reader) : haves;
    const byAddress = new Map(closer.map((have) => [have.address, have]));
    for (const one of mine) {
      if (!one.want) continue;
      const report = kind.health(one.want, byAddress.get(one.address) ?? one.have, records.get(one.address));
      const before = reports.get(one.agent);
      reports.set(one.agent, before ? merged(before, report, kind.live) : report);
    }
  }
  return reports;
}

function merged(before: HealthReport, report: HealthReport, live: boolean): HealthReport {
  const notes = [...before.notes, ...report.notes];
  return live ? { ...report, notes } : { ...before, notes };
}
