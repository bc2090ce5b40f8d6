// One digest over every input of the spec, whatever the order in which agents and keys were written.
import { createHash } from "node:crypto";
import type { Spec } from "../../model/fleet.ts";
import type { SharedRoots } from "./scope.ts";

/**
 * SHA-256 over all that decides the desired state, 32 hex digits. Left out: places and warnings (a comment moves
 * them) and the PATH of the sessions (it differs between a terminal and cron, and changes nothing desired).
 */
export function digestSpec(spec: Spec, shared: SharedRoots): string {
  const { folders, socket, sessionCommand, variables, layout } = spec.machine;
  const agents = [...spec.agents]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((agent) => [shared.views.get(agent.name), agent.session, agent.deniedGlobs]);
  const inputs = {
    agents,
    fleet: shared.fleet,
    session: spec.session,
    policy: spec.policy,
    machine: { folders, socket, sessionCommand, variables, layout },
    templates: Object.entries(spec.templates)
      .map(([name, template]) => [name, template.path, template.text])
      .sort(byName),
  };
  return createHash("sha256").update(JSON.stringify(inputs, sortKeys)).digest("hex").slice(0, 32);
}

function byName([a = ""]: string[], [b = ""]: string[]): number {
  return a < b ? -1 : 1;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
