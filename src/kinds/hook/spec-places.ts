// The places of the project that say what agents may do: closed to every agent, by whatever name they are configured. Pure.
import { posix } from "node:path";
import type { ClosedPlace } from "../../guard/policy.ts";
import type { Agent, Folders } from "../../model/fleet.ts";

const ASK = "the person who runs rollcall";

/** Found once per fleet and shared by its agents. */
export interface SpecPlaces {
  /** What `edits_spec` opens. */
  readonly editable: readonly ClosedPlace[];
  readonly always: readonly ClosedPlace[];
  /** The agents folder, and what of the spec lies in it; relative to the root. */
  readonly agents: string;
  readonly specInAgents: readonly string[];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function deep(at: string): ClosedPlace {
  return { glob: at, re: `^${escaped(at)}(?:/.*)?$`, shapes: [at, `${at}/**`], ask: ASK, own: "spec" };
}

function single(glob: string, re: string, shapes: readonly string[]): ClosedPlace {
  return { glob, re: `^${re}$`, shapes, ask: ASK, own: "spec" };
}

/** The folder that registry and fleet.yaml share counts as theirs, unless it is the project itself. */
function editablePaths({ root, registry, fleet, templates, agents }: Folders): string[] {
  const shared = posix.dirname(registry);
  const isForeign = shared === posix.dirname(fleet) && shared !== root && !`${agents}/`.startsWith(`${shared}/`);
  const spec = isForeign ? [shared] : [registry, fleet];
  return [...spec, templates].map((path) => posix.relative(root, path));
}

/** What the client reads in the project's root, and what Rollcall is configured by. */
const IN_ROOT: readonly ClosedPlace[] = [
  single("rollcall.config.*", "rollcall\\.config\\.[^/]*", ["rollcall.config.yaml", "rollcall.config.yml"]),
  deep(".claude"),
  single("CLAUDE.md", "CLAUDE(?:\\.local)?\\.md", ["CLAUDE.md", "CLAUDE.local.md"]),
  single(".mcp.json", "\\.mcp\\.json", [".mcp.json"]),
];

export function specPlaces(folders: Folders): SpecPlaces {
  const agents = posix.relative(folders.root, folders.agents);
  const paths = editablePaths(folders);
  const inAgents = (path: string): boolean => path.startsWith(`${agents}/`);
  return {
    editable: paths.map(deep),
    always: IN_ROOT,
    agents,
    specInAgents: paths.filter(inAgents),
  };
}

/** The agents folder but what is the agent's own. The registry of the original's layout lies in it. */
function othersFolders(agents: string, but: readonly string[]): ClosedPlace {
  const open = but.map((one) => escaped(one.slice(agents.length + 1))).join("|");
  return {
    glob: `${agents}/** but its own folder`,
    re: `^${escaped(agents)}(?:/(?!(?:${open})(?:/|$)).*)?$`,
    shapes: [agents, `${agents}/**`],
    but,
    ask: ASK,
    own: "spec",
  };
}

/** The closed places of one agent. */
export function closedSpec(
  agent: Agent,
  { editable, always, agents, specInAgents }: SpecPlaces,
): readonly ClosedPlace[] {
  const home = `${agents}/${agent.dir}`;
  const mcp = `${home}/.mcp.json`;
  const opened = agent.editsSpec === true;
  return [
    ...(opened ? [] : editable),
    ...always,
    othersFolders(agents, [home, ...(opened ? specInAgents : [])]),
    single(`${agents}/*/.mcp.json`, escaped(mcp), [mcp]),
  ];
}
