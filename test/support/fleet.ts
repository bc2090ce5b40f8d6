// Builders of fleets for tests: agents and fleets with nothing special about them, where a test says only what matters to it.
import { join } from "node:path";
import type { Agent, AgentSpec, Fleet, Folders, Policy, SessionSpec } from "../../src/model/fleet.ts";

/** The settings of sessions when fleet.yaml says nothing. */
export const SESSION: SessionSpec = {
  command: ["claude"],
  fallback: ["bash", "-l"],
  prefix: "iw-",
  start: "always",
  restart: "on-failure",
  onChange: "when-idle",
  env: {},
  size: [220, 50],
  parallel: 4,
  // Stories that are about starts say how long one has to live.
  ready: { afterMs: 0, timeoutMs: 30_000 },
};

/** The policy when fleet.yaml says nothing. */
export const POLICY: Policy = {
  pruneBudget: { percent: 25 },
  parallelism: 8,
  clientSchema: "error",
  widening: "report",
  unattendedWidening: "committed",
  attachedGraceMs: 600_000,
  enforce: { config: "enforce", hook: "enforce", session: "enforce" },
};

/** A registry entry that names only what has to be named. */
export function entryNamed(name: string, more: Partial<AgentSpec> = {}): AgentSpec {
  return {
    name,
    displayName: name,
    description: `The ${name}`,
    model: "opus",
    tools: ["Read"],
    delegatesTo: [],
    cannotAccess: [],
    exclusiveAccess: [],
    responsibilities: [],
    forbidden: [],
    enabled: true,
    protect: false,
    dir: name,
    labels: [],
    env: {},
    session: SESSION,
    deniedGlobs: [],
    place: { file: "desired/registry.yaml", line: 2, col: 3 },
    ...more,
  };
}

/** The same agent after rendering: without files unless they are given. */
export function agentNamed(name: string, more: Partial<Agent> = {}): Agent {
  return { ...entryNamed(name), files: [], ...more };
}

/** Where everything is in a project that says nothing about it. */
export function foldersIn(root: string): Folders {
  return {
    root,
    registry: join(root, "desired/registry.yaml"),
    fleet: join(root, "desired/fleet.yaml"),
    templates: join(root, "templates"),
    agents: join(root, "agents"),
    state: join(root, "state"),
  };
}

/** A fleet of the named agents in a project at `root`. */
export function fleetOf(
  names: readonly string[],
  { root = "/fleet", ...more }: Partial<Fleet> & { root?: string } = {},
) {
  const fleet: Fleet = {
    name: "harbour",
    agents: names.map((name) => agentNamed(name)),
    files: [],
    hook: { path: ".claude/hooks/auto-deny", access: "write", alwaysAllowedTools: [] },
    session: SESSION,
    policy: POLICY,
    retire: { label: "old", archive: [], delete: [], keep: [] },
    machine: {
      folders: foldersIn(root),
      socket: "rollcall-harbour-00000000",
      sessionPath: "/usr/bin:/bin",
      variables: {},
      layout: "native",
    },
    digest: "fleet-digest",
    warnings: [],
    ...more,
  };
  return fleet;
}
