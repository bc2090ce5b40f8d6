// Kinds look at the world through the read halves of the doors: what is really there, for all that is desired or recorded.
import type { Address } from "../model/address.ts";
import { parseAddress } from "../model/address.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Kind, Query } from "../model/kind.ts";
import type { Observed, Records } from "../model/resource.ts";
import type { Reader } from "../model/world.ts";
import type { DesiredState } from "./desire.ts";
import type { Scope } from "./scope.ts";

export interface ObservedState {
  readonly resources: ReadonlyMap<Address, Observed>;
  readonly unmanaged: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

export interface ObserveInput {
  readonly desired: DesiredState;
  readonly records: Records;
  readonly fleet: Fleet;
  readonly kinds: readonly Kind[];
  readonly scope: Scope;
  readonly world: Reader;
}

/** Looks at everything desired or recorded, kind by kind; kinds that wait for a process overlap with those that read. */
export async function observe(input: ObserveInput): Promise<ObservedState> {
  const queries = queriesByKind(input);
  const kinds = input.kinds.filter((kind) => input.scope.kind(kind));
  // Live kinds first: their process runs while the others read files.
  const order = [...kinds].sort((a, b) => Number(b.live) - Number(a.live));
  const observations = await Promise.all(
    order.map((kind) => kind.observe(queries.get(kind.name) ?? [], input.fleet, input.world)),
  );
  const resources = new Map<Address, Observed>();
  for (const observation of observations) for (const one of observation.observed) resources.set(one.address, one);
  return {
    resources,
    unmanaged: observations.flatMap((observation) => observation.unmanaged).sort(),
    warnings: observations.flatMap((observation) => observation.warnings),
  };
}

/** Asks kinds for costly facts about the resources a plan would disturb, and only about those. */
export async function inspect(
  addresses: ReadonlySet<Address>,
  state: ObservedState,
  input: ObserveInput,
): Promise<ObservedState> {
  const closer = new Map(state.resources);
  for (const kind of input.kinds) {
    const haves = [...addresses].map((address) => state.resources.get(address)).filter((have) => have !== undefined);
    const own = haves.filter((have) => parseAddress(have.address)?.kind === kind.name);
    if (!kind.inspect || own.length === 0) continue;
    for (const one of await kind.inspect(own, input.fleet, input.world)) closer.set(one.address, one);
  }
  return { ...state, resources: closer };
}

function queriesByKind({ desired, records, kinds, scope }: ObserveInput): Map<string, Query<unknown>[]> {
  const queries = new Map<string, Query<unknown>[]>();
  const add = (kind: string, query: Query<unknown>) => {
    const list = queries.get(kind);
    if (list) list.push(query);
    else queries.set(kind, [query]);
  };
  for (const want of desired.resources.values()) {
    const record = records.get(want.address);
    const elsewhere = records.elsewhere(want.address);
    add(want.kind, {
      address: want.address,
      agent: want.agent,
      want,
      ...(record ? { record } : {}),
      ...(elsewhere.length > 0 ? { elsewhere } : {}),
    });
  }
  for (const address of records.addresses()) {
    if (desired.resources.has(address)) continue;
    const record = records.get(address);
    const parts = parseAddress(address);
    if (!record || !parts || !scope.record(address, record, kinds)) continue;
    add(parts.kind, { address, agent: parts.agent, record });
  }
  return queries;
}
