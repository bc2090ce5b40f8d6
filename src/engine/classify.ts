// The three views meet here, once: each resource gets its verdict, part by part, by the decision table.
import { type Address, compareAddress, parseAddress } from "../model/address.ts";
import type { RecordRepair } from "../model/plan.ts";
import type { Desired, Observed, Recorded, Records } from "../model/resource.ts";
import type { Verdict } from "../model/verdict.ts";
import type { DesiredState } from "./desire.ts";
import type { ObservedState } from "./observe.ts";
import { relate, verdictOf } from "./table.ts";

/** Worst first: the verdict of a resource is the worst of its parts'. */
const SEVERITY: readonly Verdict[] = [
  "conflicting",
  "unowned",
  "tampered",
  "vanished",
  "pending",
  "missing",
  "in-sync",
];

/** The worst verdict of a list; in-sync for an empty one. */
function worst(verdicts: Iterable<Verdict>): Verdict {
  const seen = new Set(verdicts);
  return SEVERITY.find((verdict) => seen.has(verdict)) ?? "in-sync";
}

export interface PartVerdict {
  readonly path: string;
  readonly verdict: Verdict;
}

/** One resource with its three views and what they amount to. */
export interface Classified {
  readonly address: Address;
  readonly kind: string;
  readonly agent: string;
  readonly verdict: Verdict;
  readonly want: Desired | undefined;
  readonly have: Observed | undefined;
  readonly record: Recorded | undefined;
  /** The parts that are not in sync, desired ones and recorded ones that are no longer desired. */
  readonly parts: readonly PartVerdict[];
}

export interface ClassifyInput {
  readonly address: Address;
  readonly kind: string;
  readonly agent: string;
  readonly want: Desired | undefined;
  readonly have: Observed | undefined;
  readonly record: Recorded | undefined;
  /** After-digests of a run that did not end: our own unrecorded write is never a conflict. */
  readonly unfinished: Readonly<Record<string, readonly string[]>> | undefined;
}

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

/** The verdict of one resource. Pure. */
export function classify(input: ClassifyInput): Classified {
  const { address, kind, agent, want, have } = input;
  const record = overlaid(input);
  const base = { address, kind, agent, want, have, record };
  if (have?.unknown !== undefined) return { ...base, verdict: verdictOf("unseen"), parts: [] };
  if (want === undefined) return { ...base, verdict: undesired(have, record), parts: [] };
  if (!have?.exists) {
    if (want.optional) return { ...base, verdict: "in-sync", parts: [] };
    const verdict = record === undefined ? "missing" : "vanished";
    return { ...base, verdict, parts: Object.keys(want.parts).map((path) => ({ path, verdict })) };
  }
  if (have.same && !leftovers(want, record)) return { ...base, verdict: "in-sync", parts: [] };
  if (record === undefined) {
    return {
      ...base,
      verdict: "unowned",
      parts: Object.keys(want.parts).map((path) => ({ path, verdict: "unowned" as const })),
    };
  }
  const parts = judgeParts(want, have, record);
  return { ...base, verdict: worst(parts.map(asResourceVerdict)), parts };
}

/**
 * The record with what vouches for our own writes laid over it: the journal of a run that did not end, and the mark on
 * the thing itself when there is no record at all.
 */
function overlaid({ want, have, record, unfinished }: ClassifyInput): Recorded | undefined {
  // The usual case, and the hot path: nothing to lay over, and the parts need not even be parsed.
  if (record !== undefined && unfinished === undefined) return record;
  const marked = have?.mark;
  const parts: Record<string, string> = { ...(record?.parts ?? marked ?? {}) };
  let known = record !== undefined || (marked !== undefined && marked !== null);
  for (const [path, digests] of Object.entries(unfinished ?? {})) {
    // What is not there cannot be our write, even where its absence is as desired.
    const seen = have?.exists && have.same ? want?.parts[path]?.digest : have?.parts[path]?.digest;
    if (seen !== undefined && digests.includes(seen)) {
      parts[path] = seen;
      known = true;
    }
  }
  if (!known) return undefined;
  if (record) return { ...record, parts };
  const facts = have?.facts === undefined ? {} : { facts: have.facts };
  return { parts, portable: want?.portable ?? false, at: want?.at ?? "", ...facts };
}

/** True when the record holds parts that are no longer desired: keys to take out although all desired ones are right. */
function leftovers(want: Desired, record: Recorded | undefined): boolean {
  if (record === undefined || record.digest === want.digest) return false;
  return Object.keys(record.parts).some((path) => want.parts[path] === undefined);
}

function judgeParts(want: Desired, have: Observed, record: Recorded): PartVerdict[] {
  const paths = new Set([...Object.keys(want.parts), ...Object.keys(record.parts)]);
  const judged: PartVerdict[] = [];
  for (const path of paths) {
    const desired = want.parts[path];
    const observed = have.same && desired ? desired.digest : have.parts[path]?.digest;
    const relation = relate({ desired: desired?.digest, observed, recorded: record.parts[path] });
    const verdict = verdictOf(relation, desired?.enforced ?? false);
    if (verdict !== "in-sync") judged.push({ path, verdict });
  }
  return judged;
}

/** What a part's verdict says of a resource that is there: a lost key is tampering, a new or dropped key is pending. */
function asResourceVerdict({ verdict }: PartVerdict): Verdict {
  switch (verdict) {
    case "vanished":
      return "tampered";
    case "missing":
    case "orphan":
      return "pending";
    case "tampered-orphan":
    case "gone":
    case "foreign":
      return "in-sync";
    case "in-sync":
    case "pending":
    case "tampered":
    case "conflicting":
    case "unowned":
    case "unknown":
      return verdict;
  }
}

function undesired(have: Observed | undefined, record: Recorded | undefined): Verdict {
  if (!have?.exists) return "gone";
  if (record === undefined) return "foreign";
  const paths = Object.keys(record.parts);
  const intact = paths.every((path) => have.parts[path]?.digest === record.parts[path]);
  return intact ? "orphan" : "tampered-orphan";
}
