// What became of one resource that a kind put, removed, marked or proved.
import type { Address } from "./address.ts";
import type { JsonObject } from "./json.ts";
import type { Failure } from "./outcome.ts";

export type Settled =
  | {
      readonly address: Address;
      readonly result: "done";
      /** Digests now in force for the parts written (and dropped ones left out). */
      readonly parts: Readonly<Record<string, string>>;
      /** Replaces the record's facts when given. */
      readonly facts?: JsonObject;
    }
  | { readonly address: Address; readonly result: "failed"; readonly error: Failure }
  /** What was planned on moved before we wrote: left alone. */
  | { readonly address: Address; readonly result: "blocked"; readonly reason: string; readonly hint: string };

export type Settle = (settled: Settled) => void;
