// What a template can see: the roots agent, fleet, agents, variables and, for this machine's own files, project.
import { posix } from "node:path";
import type { AgentSpec, Folders, Machine, Policy, SessionSpec, Spec } from "../../model/fleet.ts";
import { escapeGlob } from "../../model/glob.ts";
import type { Json, JsonObject } from "../../model/json.ts";

/** The roots every template has. `project` comes on top in `*.local.*` targets and session commands. */
export interface Roots {
  readonly agent: JsonObject;
  readonly fleet: JsonObject;
  readonly agents: readonly JsonObject[];
  readonly variables: JsonObject;
  readonly project?: JsonObject;
}

export const ROOT_NAMES = ["agent", "fleet", "agents", "variables", "project"] as const;

/** Everything but `agent`, made once for all agents; and the agents' own views by name, in the order of their names. */
export interface SharedRoots {
  readonly fleet: JsonObject;
  readonly agents: readonly JsonObject[];
  readonly variables: JsonObject;
  readonly project: JsonObject;
  readonly views: ReadonlyMap<string, JsonObject>;
}

export function buildRoots(spec: Spec): SharedRoots {
  const agents = [...spec.agents].sort((a, b) => compare(a.name, b.name)).map(agentView);
  return {
    fleet: fleetView(spec),
    agents,
    variables: sortedMap(spec.machine.variables),
    project: projectView(spec.machine),
    views: new Map(agents.map((view) => [String(view["name"]), view])),
  };
}

/** The roots for one agent; `local` adds `project`. */
export function rootsFor(shared: SharedRoots, agent: JsonObject, local: boolean): Roots {
  const { fleet, agents, variables, project } = shared;
  return local ? { agent, fleet, agents, variables, project } : { agent, fleet, agents, variables };
}

/**
 * One registry entry in the names of the registry. What is a set (tools, globs, delegates, labels) is sorted, so that
 * its order in the registry changes no file; sentences keep their order. Missing optional fields are null or empty.
 */
function agentView(agent: AgentSpec): JsonObject {
  return {
    name: agent.name,
    display_name: agent.displayName,
    description: agent.description,
    model: agent.model,
    tools: sorted(agent.tools),
    delegates_to: sorted(agent.delegatesTo),
    cannot_access: sorted(agent.cannotAccess),
    exclusive_access: sorted(agent.exclusiveAccess),
    responsibilities: agent.responsibilities,
    forbidden: agent.forbidden,
    enabled: agent.enabled,
    protect: agent.protect,
    dir: agent.dir,
    renamed_from: agent.renamedFrom ?? null,
    labels: sorted(agent.labels),
    env: sortedMap(agent.env),
    session: sessionView(agent.session),
    host: agent.host ?? null,
    denied_globs: [...new Set(agent.deniedGlobs.map((denied) => denied.glob))].sort(compare),
    owned_elsewhere: ownedElsewhere(agent),
  };
}

/** The globs other agents own: `[{ owner, globs }]`, by owner. */
function ownedElsewhere(agent: AgentSpec): Json {
  const byOwner = new Map<string, Set<string>>();
  for (const { glob, owner } of agent.deniedGlobs) {
    if (owner === undefined) continue;
    const globs = byOwner.get(owner);
    if (globs) globs.add(glob);
    else byOwner.set(owner, new Set([glob]));
  }
  return [...byOwner]
    .sort(([a], [b]) => compare(a, b))
    .map(([owner, globs]) => ({ owner, globs: [...globs].sort(compare) }));
}

function fleetView(spec: Spec): JsonObject {
  const { hook, retire } = spec;
  return {
    name: spec.name,
    files: spec.files.map(({ template, target, merge, mode }) => ({ template, target, merge, mode })),
    hook: { path: hook.path, access: hook.access, always_allowed_tools: sorted(hook.alwaysAllowedTools) },
    session: sessionView(spec.session),
    policy: policyView(spec.policy),
    retire: {
      label: retire.label,
      archive: retire.archive.map((entry) => ({ dir: entry.dir, replaced_by: entry.replacedBy ?? null })),
      delete: retire.delete,
      keep: retire.keep,
    },
  };
}

/** Without command, fallback and prefix: a machine's configuration may replace those, and no portable file may show it. */
function sessionView(session: SessionSpec): JsonObject {
  const { start, restart, onChange, size, parallel } = session;
  return { start, restart, on_change: onChange, size: [...size], parallel };
}

function policyView(policy: Policy): JsonObject {
  const { pruneBudget, parallelism, clientSchema, widening, attachedGraceMs, enforce } = policy;
  return {
    prune_budget: "percent" in pruneBudget ? `${pruneBudget.percent}%` : pruneBudget.count,
    parallelism,
    client_schema: clientSchema,
    widening,
    attached_grace: duration(attachedGraceMs),
    enforce: sortedMap(enforce),
  };
}

/** `reserved`: absolute globs of what no agent may write, whatever the registry says (the agents' settings, our state). */
function projectView({ folders }: Machine): JsonObject {
  return {
    root: folders.root,
    agents: folders.agents,
    state: folders.state,
    reserved: [fromRoot(folders, folders.agents, "**/.claude/**"), fromRoot(folders, folders.state, "**")],
  };
}

/** What lies in a folder, as a glob that edit_rules knows to begin at the root. */
function fromRoot({ root }: Folders, folder: string, rest: string): string {
  return [root, ...posix.relative(root, folder).split("/")].filter(Boolean).map(escapeGlob).concat(rest).join("/");
}

function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sorted(list: readonly string[]): readonly string[] {
  return [...list].sort(compare);
}

function sortedMap(map: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compare(a, b)));
}
