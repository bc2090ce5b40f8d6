// Holds by hand: an agent is left alone until somebody releases it.
import type { Hold } from "../../model/resource.ts";
import type { Project } from "../project.ts";
import { locked } from "../run/transaction.ts";
import { knownAgent } from "./lookup.ts";
import { holdOf } from "./stop.ts";

interface Holding {
  readonly reason: string;
  /** Seconds to wait for a running apply. */
  readonly lockTimeout: number;
}

/** Records the hold; nothing of the agent is touched. */
export async function holdAgent(project: Project, agent: string, { reason, lockTimeout }: Holding): Promise<Hold> {
  const hold = holdOf(project, reason);
  await locked(project, { command: "hold", timeout: lockTimeout }, async ({ commit }) =>
    commit({ holds: { [agent]: hold } }),
  );
  return hold;
}

/** Which of the names are held, in their order. Throws a usage error about a name that is neither held nor an agent's. */
export function heldAmong(
  project: Project,
  names: readonly string[],
): { readonly held: string[]; readonly notHeld: string[] } {
  const { holds } = project.store;
  const agents = names.map((name) => (holds[name] ? name : knownAgent(project, name)));
  return { held: agents.filter((agent) => holds[agent]), notHeld: agents.filter((agent) => !holds[agent]) };
}

/** Ends the holds. What has changed meanwhile, the next apply puts right. */
export async function releaseAgents(
  project: Project,
  agents: readonly string[],
  { lockTimeout }: Pick<Holding, "lockTimeout">,
): Promise<void> {
  await locked(project, { command: "release", timeout: lockTimeout }, async ({ commit }) =>
    commit({ holds: Object.fromEntries(agents.map((agent) => [agent, null])) }),
  );
}
