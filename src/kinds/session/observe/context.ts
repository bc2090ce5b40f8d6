// What looking at sessions needs, made once for all of them.
import type { Agent, Fleet } from "../../../model/fleet.ts";
import type { Reader } from "../../../model/world.ts";
import { type Finder, launchPath, rememberingFinder } from "../launch.ts";

export interface ObserveContext {
  readonly fleet: Fleet;
  readonly world: Reader;
  readonly find: Finder;
  readonly agents: ReadonlyMap<string, Agent>;
}

/** A look at the world for one pass: programs are searched once, agents found by name. */
export function observeContext(fleet: Fleet, world: Reader): ObserveContext {
  const agents = new Map(fleet.agents.map((agent) => [agent.name, agent]));
  return { fleet, world, find: rememberingFinder(world.files), agents };
}

/** What finding an agent's program needs. */
export function launchContext(agent: string, { agents, fleet, find }: ObserveContext): { path: string; find: Finder } {
  return { path: launchPath(agents.get(agent), fleet), find };
}
