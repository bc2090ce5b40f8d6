// What became of a run: one outcome per action, and the run as a document.
import type { Address } from "./address.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { ActionName, FORMAT_VERSION, Plan } from "./plan.ts";

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** What the program that failed last said, line by line, without control characters. */
  readonly output?: readonly string[];
}

export interface Outcome {
  readonly address: Address;
  readonly action: ActionName;
  readonly result: "done" | "failed" | "skipped" | "deferred" | "blocked";
  /** True: drift was healed. False: the spec had changed. */
  readonly corrective: boolean;
  /** What it permits that was not permitted before, as clauses; only of what was done. */
  readonly widens?: readonly string[];
  readonly error?: Failure;
}

export interface Run {
  readonly kind: "run";
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly id: string;
  readonly outcomes: readonly Outcome[];
  /** So many things that were as desired were proven as well; left out when it is none. */
  readonly proven?: number;
  readonly converged: boolean;
  readonly remaining: Plan;
  /** Only there where the spec has errors, and hooks and files were healed all the same. */
  readonly spec?: { readonly diagnostics: readonly Diagnostic[] };
}
