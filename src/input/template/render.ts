// Rendering: a cross-checked spec becomes the fleet with all its files. Pure: no clock, no environment, no files.
import { relative } from "node:path";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Agent, AgentSpec, Fleet, Spec } from "../../model/fleet.ts";
import type { RenderContext } from "./context.ts";
import { digestSpec } from "./digest.ts";
import { type FilesRenderer, filesRenderer, startJob } from "./files.ts";
import { Findings } from "./findings.ts";
import { openEngine } from "./liquid.ts";
import { buildRoots, type SharedRoots } from "./scope.ts";
import { type SessionRenderer, sessionRenderer } from "./session.ts";
import { openSource } from "./source.ts";
import { variableNames, warnUnused } from "./usage.ts";
import { childrenOf } from "./variables.ts";

export interface Rendering {
  /** Null when a diagnostic is an error. Its warnings are the spec's and those of the templates. */
  readonly fleet: Fleet | null;
  /** What is wrong or odd in the templates, sorted by place. The spec's own diagnostics are not repeated. */
  readonly diagnostics: readonly Diagnostic[];
  /** By template: the variables it names, as far as they can be told without rendering. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/**
 * Renders every file and session command of every agent. The result depends on nothing but the spec, and not on the
 * order of its agents. All faults of all templates come back at once as diagnostics (E2xx, W2xx).
 */
export async function renderFleet(spec: Spec): Promise<Rendering> {
  const shared = buildRoots(spec);
  const context = await openRenderContext(spec, shared);
  const fleetFile = relative(spec.machine.folders.root, spec.machine.folders.fleet);
  const files = filesRenderer({ spec, context, fleetFile });
  const sessions = sessionRenderer({ context, fleet: spec.session, fleetFile });

  const agents = [...spec.agents]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((agent) => renderAgent(agent, { context, files, sessions }));

  const { findings } = context;
  if (findings.errors === 0) warnUnused(spec.agents, [...files.uses.values(), sessions.uses].flat(), findings);
  const diagnostics = findings.list();
  return {
    fleet: findings.errors > 0 ? null : assemble(spec, agents, { shared, places: files.places, found: diagnostics }),
    diagnostics,
    variables: Object.fromEntries([...files.uses].map(([template, uses]) => [template, variableNames(uses)])),
  };
}

/**
 * What is wrong in the templates of a spec that is not sound itself, as far as it can be told without rendering: told
 * together with the spec's own errors. A template that is missing is one of those.
 */
export async function checkTemplates(spec: Spec): Promise<readonly Diagnostic[]> {
  const context = await openRenderContext(spec, buildRoots(spec));
  filesRenderer({ spec, context, fleetFile: relative(spec.machine.folders.root, spec.machine.folders.fleet) });
  return context.findings.list().filter(({ code, severity }) => severity === "error" && code !== "E200");
}

async function openRenderContext(spec: Spec, shared: SharedRoots): Promise<RenderContext> {
  const partials = new Map(Object.entries(spec.templates).map(([name, file]) => [name, openSource(name, file)]));
  const engine = await openEngine(partials);
  const known = { filters: engine.filters, tags: engine.tags, children: childrenOf(shared) };
  return { engine, partials, known, shared, findings: new Findings(), sound: new Set() };
}

interface Parts {
  readonly context: RenderContext;
  readonly files: FilesRenderer;
  readonly sessions: SessionRenderer;
}

function renderAgent(agent: AgentSpec, parts: Parts): Agent {
  const { context, files, sessions } = parts;
  const view = context.shared.views.get(agent.name) ?? {};
  const session = sessions.render(agent, startJob(context, { view, local: true }));
  return { ...agent, session: session ?? agent.session, files: files.render(agent) };
}

interface RenderFindings {
  readonly shared: SharedRoots;
  readonly places: NonNullable<Fleet["places"]>;
  readonly found: readonly Diagnostic[];
}

function assemble(spec: Spec, agents: readonly Agent[], { shared, places, found }: RenderFindings): Fleet {
  const { templates: _, ...rest } = spec;
  return { ...rest, agents, places, digest: digestSpec(spec, shared), warnings: [...spec.warnings, ...found] };
}
