// The plan: a document that says what would be done, why, and what it costs. Apply is driven by nothing else.
import type { Address } from "./address.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Json } from "./json.ts";
import type { Desired, Hold, Loss, Observed, Recorded } from "./resource.ts";
import type { Verdict } from "./verdict.ts";

export const FORMAT_VERSION = "1.0";

export const ACTIONS = ["create", "update", "replace", "delete", "adopt", "forget", "archive"] as const;
export type ActionName = (typeof ACTIONS)[number];

/** The sign that stands before an action in text. */
export const ACTION_SIGN: Readonly<Record<ActionName, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  adopt: "←",
  forget: "·",
  archive: "→",
};

/** What a change costs a live agent. */
export const IMPACTS = ["none", "reload", "restart-when-idle", "restart-now", "fresh-context"] as const;
export type Impact = (typeof IMPACTS)[number];

/** One difference. `path` is a part's path; values are left out (null) where they may not be shown. */
export interface Change {
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** RFC 6902, or a unified diff for text. */
export type Patch = string | readonly PatchOperation[];
export interface PatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  /** Of a move or a copy. */
  readonly from?: string;
  readonly value?: Json;
}

export interface Action {
  readonly address: Address;
  readonly kind: string;
  readonly agent: string;
  readonly action: ActionName;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly impact: Impact;
  readonly loses: readonly Loss[];
  readonly widens?: true;
  readonly changes: readonly Change[];
  readonly patch?: Patch;
}

export interface Deferred {
  readonly address: Address;
  readonly reason: string;
  readonly impact: Impact;
  readonly since: string;
}

export interface Blocked {
  /** The resource, or one key of it (`address#/pointer`). */
  readonly address: Address;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly hint: string;
}

export interface Held extends Omit<Hold, "by"> {
  readonly agent: string;
}

export interface Summary extends Readonly<Record<ActionName, number>> {
  readonly blocked: number;
  readonly deferred: number;
  readonly widened: number;
  readonly drift: number;
  readonly pending: number;
}

/** What the plan was made from; a saved plan is stale when any of it moved. */
export interface Basis {
  readonly root: string;
  readonly lineage: string;
  readonly serial: number;
  /** Digest of the desired state in scope. */
  readonly desired: string;
  /** Digest per observed thing that differs from what is desired (all things, in a saved plan). */
  readonly observed: Readonly<Record<Address, string>>;
}

export interface Plan {
  readonly kind: "plan";
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly fleet: string;
  readonly basis: Basis;
  readonly actions: readonly Action[];
  readonly deferred: readonly Deferred[];
  readonly blocked: readonly Blocked[];
  readonly held: readonly Held[];
  readonly orphans: readonly Address[];
  readonly unmanaged: readonly string[];
  readonly warnings: readonly Diagnostic[];
  readonly summary: Summary;
}

/** Whether the spec files, byte for byte, are those of the last commit; and why not. */
export type CommittedSpec = { readonly committed: true } | { readonly committed: false; readonly reason: string };

/** One action with the three views it came from: what apply hands to the kind. Never leaves the process. */
export interface Step {
  readonly action: Action;
  readonly want?: Desired;
  readonly have?: Observed;
  readonly record?: Recorded;
  /** The part paths to bring to their desired content. */
  readonly write: readonly string[];
  /** The part paths to take out: recorded, no longer desired, still with our value. */
  readonly drop: readonly string[];
  /** What it permits that was not permitted before, as clauses. */
  readonly widens?: readonly string[];
  /** Nothing is changed: what is there is run, to see that it does its work. */
  readonly proves?: true;
}

/** Records that are missing or stale although the world is as desired: to be written without a run. */
export interface RecordRepair {
  readonly address: Address;
  /** undefined: forget it. */
  readonly record: Recorded | undefined;
}

/** What stands between a blocked resource and what is desired: shown to people, no part of the document. */
export interface Difference {
  readonly changes: readonly Change[];
  readonly patch?: Patch;
}

export interface PlanResult {
  readonly plan: Plan;
  /** By the blocked address, where there is anything to compare. */
  readonly differences: ReadonlyMap<Address, Difference>;
  readonly steps: readonly Step[];
  readonly repairs: readonly RecordRepair[];
}
