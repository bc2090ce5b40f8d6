// What choices are made from, what they end in, and the small questions about one resource or agent. Pure.
import { type Address, address as joinAddress, parseAddress } from "../model/address.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Delta, Kind } from "../model/kind.ts";
import type { Blocked, CommittedSpec, Deferred, Difference, RecordRepair, Step } from "../model/plan.ts";
import type { Observed, Records } from "../model/resource.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Classified, PartVerdict } from "./classify.ts";
import { type Allowance, livesOrExists } from "./guard.ts";

export interface PlanInput {
  readonly fleet: Fleet;
  readonly judged: readonly Classified[];
  readonly kinds: readonly Kind[];
  readonly records: Records;
  readonly allowed: Allowance;
  /** Record moves that come before everything else (engine/rename.ts). */
  readonly moved: readonly RecordRepair[];
  readonly unmanaged: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** ISO time for a deferral that has no beginning of its own. */
  readonly now: string;
  /** A saved plan carries the digest of everything looked at, any other only what differs. */
  readonly wholeBasis: boolean;
  /** undefined: not asked yet. */
  readonly spec?: CommittedSpec | undefined;
}

export interface Draft {
  readonly steps: Step[];
  readonly blocked: (Blocked & { readonly resource: Address })[];
  readonly deferred: Deferred[];
  readonly orphans: Address[];
  readonly repairs: RecordRepair[];
  readonly unknown: Address[];
  readonly disturbs: Set<Address>;
  /** Whose limit depends on whether the spec is committed. */
  readonly gains: Set<Address>;
  readonly differences: Map<Address, Difference>;
}

export interface Choice {
  readonly delta: Delta;
  readonly write: readonly string[];
  readonly drop: readonly string[];
  readonly verdict: Verdict;
}

/** The address of one part: keys get their pointer, whole files none. */
export function pointed(judged: Classified, path: string): Address {
  const parts = parseAddress(judged.address);
  if (!parts || path === "") return judged.address;
  return joinAddress({ ...parts, pointer: path.startsWith("/") ? path : `/${path}` });
}

export function worstFree(free: readonly PartVerdict[], judged: Classified): Verdict {
  if (free.some((part) => part.verdict === "tampered" || part.verdict === "vanished")) return "tampered";
  return free.length > 0 ? "pending" : judged.verdict;
}

/** Why there is something to do, in one clause. */
export function reasonOf(have: Observed | undefined, { delta, verdict }: Pick<Choice, "delta" | "verdict">): string {
  if (livesOrExists(have)) return delta.reason;
  return verdict === "vanished" ? "it was there and is gone" : "not there yet";
}
