// Sessions of ours that no agent of the registry wants any more: seen, named and reached like those of agents.
import type { Classified } from "../../engine/classify.ts";
import { UsageError } from "../../model/errors.ts";
import { didYouMean } from "../../model/nearest.ts";
import { type Planned, plan } from "../../reconcile.ts";
import type { Project } from "../project.ts";
import { NOTHING_ALLOWED, requestedScope } from "../request.ts";

/** An agent as a command line names it. */
export interface NamedAgent {
  readonly agent: string;
  /** It is not in the registry: only a session, or the record of one, has its name. */
  readonly orphan: boolean;
}

/** What is there alive, marked as ours, and wanted by nobody. */
export function orphanSessions({ kinds }: Pick<Project, "kinds">, { judged }: Pick<Planned, "judged">): Classified[] {
  const live = new Set(kinds.filter((kind) => kind.live).map((kind) => kind.name));
  return judged.filter(
    (one) =>
      live.has(one.kind) && !one.want && one.have?.exists === true && one.have.mark !== null && one.agent !== "-",
  );
}

/** Looks at everything alive on the machine, held or not, and at nothing else. */
export function observeLive(project: Project): Promise<Planned> {
  const { fleet, reader } = project;
  const kinds = project.kinds.filter((kind) => kind.live);
  const records = { ...project.records(), holds: {} };
  const scope = requestedScope(project, [], {});
  return plan({ fleet, kinds, scope, allowed: NOTHING_ALLOWED, records, wholeBasis: false }, reader);
}

/** The agent of that name, or the orphan; a usage error with a suggestion when there is neither. */
export async function agentOrOrphan(project: Project, name: string): Promise<NamedAgent> {
  if (project.fleet.agents.some((agent) => agent.name === name)) return { agent: name, orphan: false };
  if (hasLiveRecord(project, name)) return { agent: name, orphan: true };
  // Without a record only the mark on the session tells of it.
  const orphans = orphanSessions(project, await observeLive(project)).map(({ agent }) => agent);
  if (orphans.includes(name)) return { agent: name, orphan: true };
  throw unknownAgent(project, name, orphans);
}

/** The usage error about a name that neither the registry nor a session has. */
export function unknownAgent(project: Project, name: string, orphans: readonly string[]): UsageError {
  const known = new Set([...project.fleet.agents.map((agent) => agent.name), ...orphans]);
  const names = project.specErrors ? new Set([...project.agentNames(), ...known]) : known;
  const where = project.specErrors ? "the records or in a session (the registry has errors)" : "registry";
  return new UsageError(
    `agent "${name}" not found in ${where}`,
    didYouMean(name, names) ?? "rollcall status lists them",
  );
}

/** Where the registry cannot be read, whatever is recorded of a name makes it known. */
function hasLiveRecord(project: Project, name: string): boolean {
  if (project.specErrors && project.agentNames().has(name)) return true;
  const records = project.records();
  const live = project.kinds.filter((kind) => kind.live).map((kind) => `${kind.name}/${name}/`);
  return [...records.addresses()].some((address) => live.some((start) => address.startsWith(start)));
}
