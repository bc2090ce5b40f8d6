// An agent that got another name keeps what was recorded of it: its records move to the new addresses.
import { type Address, address as joinAddress, parseAddress } from "../model/address.ts";
import type { Fleet } from "../model/fleet.ts";
import type { RecordRepair } from "../model/plan.ts";
import type { Recorded, Records } from "../model/resource.ts";

/** Old name → new name, for agents whose old name is not in the registry any more. */
function renames(fleet: Fleet): ReadonlyMap<string, string> {
  const present = new Set(fleet.agents.map((agent) => agent.name));
  return new Map(
    fleet.agents.flatMap(({ name, renamedFrom }) =>
      renamedFrom !== undefined && !present.has(renamedFrom) ? [[renamedFrom, name] as const] : [],
    ),
  );
}

function underName(address: Address, agent: string): Address | undefined {
  const parts = parseAddress(address);
  return parts === null ? undefined : joinAddress({ ...parts, agent });
}

export interface Renamed {
  readonly records: Records;
  /** What makes it so on disk: the records under the new addresses, the old ones forgotten. */
  readonly repairs: readonly RecordRepair[];
}

/** The records as they are after every renaming; the same object where nothing was renamed. Pure. */
export function withRenames(records: Records, fleet: Fleet): Renamed {
  const names = renames(fleet);
  if (names.size === 0) return { records, repairs: [] };
  const former = new Map<Address, Address>();
  for (const address of records.addresses()) {
    const to = names.get(parseAddress(address)?.agent ?? "");
    const target = to === undefined ? undefined : underName(address, to);
    if (target !== undefined) former.set(target, address);
  }
  if (former.size === 0 && ![...names.keys()].some((name) => records.holds[name])) return { records, repairs: [] };
  const old = new Set(former.values());
  const get = (address: Address): Recorded | undefined => {
    const from = former.get(address);
    return old.has(address)
      ? undefined
      : (records.get(address) ?? (from === undefined ? undefined : records.get(from)));
  };
  const addresses = function* (): Iterable<Address> {
    for (const address of records.addresses()) if (!old.has(address)) yield address;
    yield* [...former.keys()].filter((address) => records.get(address) === undefined);
  };
  const holds = Object.fromEntries(
    Object.entries(records.holds).map(([agent, hold]) => [names.get(agent) ?? agent, hold]),
  );
  const repairs = [...former].flatMap(([to, from]) => [
    ...(records.get(to) === undefined ? [{ address: to, record: records.get(from) }] : []),
    { address: from, record: undefined },
  ]);
  return {
    records: {
      lineage: records.lineage,
      serial: records.serial,
      holds,
      get,
      addresses,
      elsewhere: (address) => records.elsewhere(former.get(address) ?? address),
      unfinished: (address) => records.unfinished(address),
    },
    repairs,
  };
}
