// Compiles one agent's registry entry into the policy of its guard. Pure: equal fleets give equal text on every machine.
import { posix } from "node:path";
import picomatch from "picomatch";
import type { Agent, Fleet } from "../../model/fleet.ts";
import type { Place, Policy } from "./guard/policy.ts";

const WILD = /[*?[\]{}()!+@]/;

/** What is looked up for every agent, found once per fleet. */
interface Roster {
  readonly byName: ReadonlyMap<string, Agent>;
  /** The agent that hands out work: the one that delegates to most. */
  readonly hub: Agent | undefined;
  readonly fixed: readonly Place[];
  readonly agents: string;
}

const rosters = new WeakMap<Fleet, Roster>();

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** The folder as seen from the root, `.` for the root itself. */
function fromRoot(fleet: Fleet, path: string): string {
  return posix.relative(fleet.machine.folders.root, path) || ".";
}

function inside(folder: string, rest: string): string {
  return folder === "." ? rest : `${folder}/${rest}`;
}

/** The places no agent may write: every settings folder, the state folder, the lock file. */
function fixedPlaces(fleet: Fleet, ask: string): Place[] {
  const agents = fromRoot(fleet, fleet.machine.folders.agents);
  const state = fromRoot(fleet, fleet.machine.folders.state);
  const depths = new Set(fleet.agents.map((agent) => agent.dir.split("/").length));
  const settings = [...depths].sort().map((depth) => inside(agents, `${"*/".repeat(depth)}.claude`));
  const lock = inside(agents, "rollcall.lock.json");
  const head = agents === "." ? "" : `${escapeRegExp(agents)}/`;
  return [
    {
      glob: inside(agents, "*/.claude"),
      re: `^${head}(?:.*/)?\\.claude(?:/.*)?$`,
      shapes: settings.flatMap((one) => [one, `${one}/**`]),
      ask,
      own: "settings",
    },
    { glob: state, re: `^${escapeRegExp(state)}(?:/.*)?$`, shapes: [state, `${state}/**`], ask, own: "record" },
    { glob: lock, re: `^${escapeRegExp(lock)}$`, shapes: [lock], ask, own: "record" },
  ];
}

function rosterOf(fleet: Fleet): Roster {
  const known = rosters.get(fleet);
  if (known !== undefined) return known;
  const byName = new Map(fleet.agents.map((agent) => [agent.name, agent]));
  const hubs = fleet.agents.filter((agent) => agent.delegatesTo.length > 0);
  const most = Math.max(0, ...hubs.map((agent) => agent.delegatesTo.length));
  const hub = hubs.find((agent) => agent.delegatesTo.length === most);
  const made: Roster = {
    byName,
    hub,
    fixed: fixedPlaces(fleet, "the person who runs rollcall"),
    agents: fromRoot(fleet, fleet.machine.folders.agents),
  };
  rosters.set(fleet, made);
  return made;
}

function mayWrite(agent: Agent | undefined, glob: string): agent is Agent {
  return (
    agent?.tools.some((tool) => tool === "Write" || tool === "Edit") === true &&
    !agent.deniedGlobs.some((denied) => denied.glob === glob)
  );
}

/** Whom the agent should ask to have something written there. */
function askFor(agent: Agent, glob: string, owner: string | undefined, roster: Roster): string {
  if (owner !== undefined) return owner;
  const stem = /^[a-z0-9][a-z0-9-]*/.exec(glob)?.[0] ?? "";
  const names = [`${stem}-agent`, stem, ...agent.delegatesTo];
  const able = names.find((name) => name !== agent.name && mayWrite(roster.byName.get(name), glob));
  return able ?? hubOf(agent, roster);
}

function hubOf(agent: Agent, { hub }: Roster): string {
  return hub === undefined || hub.name === agent.name ? "the person in charge" : hub.name;
}

/** `a/{b,c}` as its two readings; more than 64 become one wildcard each. */
function spread(glob: string): string[] {
  const match = /\{([^{}]*)\}/.exec(glob);
  if (match === null) return [glob];
  const before = glob.slice(0, match.index);
  const after = glob.slice(match.index + match[0].length);
  const body = match[1] ?? "";
  const choices = body.includes(",") ? body.split(",") : ["*"];
  const all = choices.flatMap((one) => spread(before + one + after));
  return all.length > 64 ? [`${before}*${after.replace(/\{[^{}]*\}/g, "*")}`] : all;
}

/** A glob in `*`, `?` and `**` alone that matches at least as much. */
function plain(glob: string): string {
  return glob
    .replace(/[?*+@!]\([^)]*\)/g, "*")
    .replace(/\[[^\]]*\]/g, "?")
    .replace(/\\(.)/g, "$1")
    .replace(/\*{3,}/g, "**");
}

/** `**` + slash may also stand for nothing. */
function optionalFolders(glob: string): string[] {
  const at = glob.startsWith("**/") ? 0 : glob.indexOf("/**/") + 1;
  if (at === 0 && !glob.startsWith("**/")) return [glob];
  const rest = optionalFolders(glob.slice(at + 3));
  return rest.flatMap((one) => [glob.slice(0, at) + one, `${glob.slice(0, at)}**/${one}`]);
}

/**
 * One denied glob. It is relative to the project root; without a slash it matches the base name anywhere; `x/**`
 * covers `x` itself; a last part without wildcards covers what lies below it.
 */
export function compileGlob(glob: string): Pick<Place, "glob" | "re" | "shapes"> {
  const tidy = glob.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "/**");
  const rooted = tidy.includes("/") ? tidy : `**/${tidy}`;
  const last = rooted.slice(rooted.lastIndexOf("/") + 1);
  const source = picomatch.makeRe(rooted, { dot: true, nonegate: true }).source;
  const body = source.replace(/^\^/, "").replace(/\$$/, "");
  const deep = !WILD.test(last);
  const shapes = spread(rooted)
    .map(plain)
    .flatMap(optionalFolders)
    .flatMap((one) => {
      if (one.endsWith("/**")) return [one.slice(0, -3), one];
      return deep ? [one, `${one}/**`] : [one];
    });
  return { glob, re: deep ? `^${body}(?:/.*)?$` : source, shapes: [...new Set(shapes)].slice(0, 64) };
}

/** The policy of an agent's guard. Throws what picomatch throws on a glob it cannot read. */
export function compilePolicy(agent: Agent, fleet: Fleet): Policy {
  const roster = rosterOf(fleet);
  const home = inside(roster.agents, agent.dir);
  const places = agent.deniedGlobs.map(({ glob, owner }) => ({
    ...compileGlob(glob),
    ask: askFor(agent, glob, owner, roster),
    ...(owner === undefined ? {} : { owner }),
  }));
  return {
    v: 1,
    agent: agent.name,
    home,
    root: posix.relative(home, "."),
    up: posix.relative(posix.dirname(fleet.hook.path), "."),
    access: fleet.hook.access,
    tools: [...agent.tools].sort(),
    always: [...fleet.hook.alwaysAllowedTools].sort(),
    delegates: [...agent.delegatesTo].sort(),
    ask: hubOf(agent, roster),
    places: [...places, ...roster.fixed],
  };
}
