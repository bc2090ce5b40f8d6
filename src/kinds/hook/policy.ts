// Compiles one agent's registry entry into the policy of its guard. Pure: equal fleets give equal text on every machine.
import { posix } from "node:path";
import type { ClosedPlace, GuardPolicy } from "../../guard/policy.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { compileGlob, escapeRegExp } from "./glob-rule.ts";
import { closedSpec, type SpecPlaces, specPlaces } from "./spec-places.ts";

/** What is looked up for every agent, found once per fleet. */
interface Roster {
  readonly byName: ReadonlyMap<string, Agent>;
  /** The agent that hands out work: the one that delegates to most, of equals the first by name. */
  readonly hub: Agent | undefined;
  readonly fixed: readonly ClosedPlace[];
  readonly spec: SpecPlaces;
  readonly agents: string;
  readonly up: string;
  readonly always: readonly string[];
  /** Places of the fleet's globs, shared by all agents that are denied there in the same way. */
  readonly places: Map<string, ClosedPlace>;
  /** The agent after whom a glob's first folder is named, when it may write there. */
  readonly namesakes: Map<string, Agent | undefined>;
}

const rosters = new WeakMap<Fleet, Roster>();

/** The folder as seen from the root, `.` for the root itself. */
function fromRoot(fleet: Fleet, path: string): string {
  return posix.relative(fleet.machine.folders.root, path) || ".";
}

function inside(folder: string, rest: string): string {
  return folder === "." ? rest : `${folder}/${rest}`;
}

/** The places no agent may write: every settings folder, the state folder, the lock file. */
function fixedPlaces(fleet: Fleet, ask: string): ClosedPlace[] {
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
  const hubs = fleet.agents.filter((agent) => agent.delegatesTo.length > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  const most = Math.max(0, ...hubs.map((agent) => agent.delegatesTo.length));
  const hub = hubs.find((agent) => agent.delegatesTo.length === most);
  const made: Roster = {
    byName,
    hub,
    fixed: fixedPlaces(fleet, "the person who runs rollcall"),
    spec: specPlaces(fleet.machine.folders),
    agents: fromRoot(fleet, fleet.machine.folders.agents),
    up: posix.relative(posix.dirname(fleet.hook.path), "."),
    always: [...fleet.hook.alwaysAllowedTools].sort(),
    places: new Map(),
    namesakes: new Map(),
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
  const able =
    namesake(glob, roster) ??
    [...agent.delegatesTo]
      .sort()
      .map((name) => roster.byName.get(name))
      .find((one) => mayWrite(one, glob));
  return able?.name ?? hubOf(agent, roster);
}

function namesake(glob: string, { byName, namesakes }: Roster): Agent | undefined {
  if (namesakes.has(glob)) return namesakes.get(glob);
  const stem = /^[a-z0-9][a-z0-9-]*/.exec(glob)?.[0] ?? "";
  const found = [byName.get(`${stem}-agent`), byName.get(stem)].find((one) => mayWrite(one, glob));
  namesakes.set(glob, found);
  return found;
}

function placeOf(agent: Agent, { glob, owner }: Agent["deniedGlobs"][number], roster: Roster): ClosedPlace {
  const ask = askFor(agent, glob, owner, roster);
  const key = `${glob}\n${owner ?? ""}\n${ask}`;
  const known = roster.places.get(key);
  if (known !== undefined) return known;
  const made: ClosedPlace = { ...compileGlob(glob), ask, ...(owner === undefined ? {} : { owner }) };
  roster.places.set(key, made);
  return made;
}

function hubOf(agent: Agent, { hub }: Roster): string {
  return hub === undefined || hub.name === agent.name ? "the person in charge" : hub.name;
}

/** The policy of an agent's guard. */
export function compilePolicy(agent: Agent, fleet: Fleet): GuardPolicy {
  const roster = rosterOf(fleet);
  const home = inside(roster.agents, agent.dir);
  return {
    v: 1,
    agent: agent.name,
    home,
    root: home.startsWith("..") ? posix.relative(home, ".") : home.replace(/[^/]+/g, ".."),
    up: roster.up,
    access: fleet.hook.access,
    tools: [...agent.tools].sort(),
    always: roster.always,
    delegates: [...agent.delegatesTo].sort(),
    ask: hubOf(agent, roster),
    places: [
      ...agent.deniedGlobs.map((denied) => placeOf(agent, denied, roster)),
      ...roster.fixed,
      ...closedSpec(agent, roster.spec),
    ],
  };
}
