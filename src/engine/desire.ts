// Fleet and kinds become the desired state: every resource there shall be, each address once.
import { type Address, compareAddress } from "../model/address.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Agent, Fleet } from "../model/fleet.ts";
import type { Kind } from "../model/kind.ts";
import type { Desired } from "../model/resource.ts";
import type { Scope } from "./scope.ts";

export interface DesiredState {
  /** In the order of addresses, whatever the order of the registry. */
  readonly resources: ReadonlyMap<Address, Desired>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The part of a desired state that is in scope. Pure. */
export function within(resources: readonly Desired[], kinds: readonly Kind[], scope: Scope): DesiredState {
  const inScope = new Set(kinds.filter((kind) => scope.kind(kind)).map((kind) => kind.name));
  const wanted = resources.filter((one) => inScope.has(one.kind) && scope.resource(one));
  return { resources: new Map(wanted.map((one) => [one.address, one])), diagnostics: [] };
}

/** The desired resources in scope. Two resources in one place are an error. Pure. */
export function desire(fleet: Fleet, kinds: readonly Kind[], scope: Scope): DesiredState {
  const wanted: Desired[] = [];
  const found = new Map<string, Diagnostic>();
  for (const kind of kinds) {
    if (!scope.kind(kind)) continue;
    for (const agent of fleet.agents) {
      // What being switched off means is the kinds' own: an agent without a session still has its rules.
      if (!scope.agent(agent.name)) continue;
      wanted.push(...kind.desire(agent, fleet).filter((one) => scope.resource(one)));
      for (const one of kind.check?.(agent, fleet) ?? []) found.set(wordsOf(one), one);
    }
    wanted.push(...(kind.desireFleet?.(fleet) ?? []).filter((one) => scope.resource(one)));
  }
  wanted.sort((a, b) => compareAddress(a.address, b.address));
  return {
    resources: new Map(wanted.map((one) => [one.address, one])),
    diagnostics: [...found.values(), ...collisions(wanted, fleet)],
  };
}

/** Equal for what is the same finding, told of several agents. */
function wordsOf({ code, file, line, col, message }: Diagnostic): string {
  return `${code} ${file}:${line}:${col} ${message}`;
}

/** Two agents may not fill one folder: each place of a kind belongs to one address. */
function collisions(wanted: readonly Desired[], fleet: Fleet): Diagnostic[] {
  const found: Diagnostic[] = [];
  const places = new Map<string, Desired>();
  const agents = new Map<string, Agent>(fleet.agents.map((agent) => [agent.name, agent]));
  for (const one of wanted) {
    const key = `${one.kind === "session" ? "session" : "file"} ${one.at}`;
    const other = places.get(key);
    const place = agents.get(one.agent)?.place ?? { file: "", line: 1, col: 1 };
    if (other) {
      found.push({
        code: "E301",
        severity: "error",
        ...place,
        message: `${one.address} and ${other.address} would both be ${one.at}`,
        hint: "give one of the agents another dir, or one of the files another target",
      });
    }
    places.set(key, one);
  }
  return found;
}
