// The three views meet here, once: every address that is desired or observed gets its verdict.
import { compareAddress, parseAddress } from "../model/address.ts";
import type { RecordRepair } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import { type Classified, classify } from "./classify.ts";
import type { DesiredState } from "./desire.ts";
import type { ObservedState } from "./observe.ts";

export interface Views {
  readonly desired: DesiredState;
  readonly observed: ObservedState;
  readonly records: Records;
  /** Records that moved to other addresses with their agent's name. */
  readonly moved: readonly RecordRepair[];
}

/** One judgement per address, in the order of addresses. Pure. */
export function judge({ desired, observed, records }: Omit<Views, "moved">): Classified[] {
  const addresses = new Set([...desired.resources.keys(), ...observed.resources.keys()]);
  return [...addresses].sort(compareAddress).map((address) => {
    const { kind = "", agent = "-" } = parseAddress(address) ?? {};
    const want = desired.resources.get(address);
    const have = observed.resources.get(address);
    const unfinished = records.unfinished(address);
    return classify({ address, kind, agent, want, have, record: records.get(address), unfinished });
  });
}
