// What is to be recorded: after an action, and where the record is missing or stale although the world is right.

import type { RecordRepair, Step } from "../model/plan.ts";
import type { Desired, Recorded, Records } from "../model/resource.ts";
import type { Settled } from "../model/settled.ts";
import type { Classified } from "./classify.ts";

/** The part digests of a resource that is as desired. */
function desiredParts(want: Desired): Record<string, string> {
  return Object.fromEntries(Object.entries(want.parts).map(([path, part]) => [path, part.digest]));
}

function recordOf(
  want: Desired,
  parts: Readonly<Record<string, string>>,
  more: { record: Recorded | undefined; protect: boolean },
): Recorded {
  const facts = more.record?.facts;
  return {
    parts,
    portable: want.portable,
    at: want.at,
    ...(facts === undefined ? {} : { facts }),
    ...(more.protect ? { protect: true as const } : {}),
  };
}

/** The record a resource in sync should have; null when it has it. */
export function repairInSync(judged: Classified, stored: Recorded | undefined, protect: boolean): RecordRepair | null {
  const { want, have, address } = judged;
  if (!want || !have?.exists) return null;
  if (stored?.digest === want.digest && sameFrame(stored, want, protect)) return null;
  const right = recordOf(want, desiredParts(want), { record: stored, protect });
  return stored && sameRecord(stored, right) ? null : { address, record: right };
}

/**
 * The record after an action: written parts as they were settled, dropped ones gone, parts in sync as desired, parts
 * that were blocked as they were recorded before.
 */
export function recordAfter(step: Step, settled: Settled & { result: "done" }, protect: boolean): RecordRepair {
  const { want, record, action } = step;
  if (!want) return { address: action.address, record: undefined };
  const parts: Record<string, string> = {};
  const touched = new Set([...step.write, ...step.drop]);
  for (const [path, part] of Object.entries(want.parts)) {
    if (touched.has(path)) continue;
    const seen = step.have?.same ? part.digest : step.have?.parts[path]?.digest;
    const before = record?.parts[path];
    if (seen === part.digest) parts[path] = part.digest;
    else if (before !== undefined) parts[path] = before;
  }
  Object.assign(parts, settled.parts);
  const facts = settled.facts ?? record?.facts;
  // A resource whose desired state is to be away leaves nothing in force, and nothing to record.
  if (want.optional && Object.keys(parts).length === 0 && facts === undefined) {
    return { address: action.address, record: undefined };
  }
  const after = recordOf(want, parts, { record: undefined, protect });
  return { address: action.address, record: facts === undefined ? after : { ...after, facts } };
}

/** What the journal of a killed run vouches for, to be recorded before that journal goes. */
export function recordVouched(judged: Classified, records: Records): RecordRepair | null {
  const { address, record } = judged;
  const written = Object.entries(records.unfinished(address) ?? {});
  // A mark on the thing may vouch for it as well: that needs no record.
  if (!record || !written.some(([path, digests]) => digests.includes(record.parts[path] ?? ""))) return null;
  const stored = records.get(address);
  return stored && sameRecord(stored, record) ? null : { address, record };
}

/** R := O, for the desired parts that are there: what adopt records. */
export function recordObserved(judged: Classified, protect: boolean, facts?: Recorded["facts"]): RecordRepair | null {
  const { want, have, address } = judged;
  if (!want || !have?.exists) return null;
  const parts: Record<string, string> = {};
  for (const [path, part] of Object.entries(want.parts)) {
    const digest = have.same ? part.digest : have.parts[path]?.digest;
    if (digest !== undefined) parts[path] = digest;
  }
  const record = recordOf(want, parts, { record: judged.record, protect });
  return { address, record: facts === undefined ? record : { ...record, facts } };
}

/** Everything of a record but its parts. */
function sameFrame(stored: Recorded, want: Desired, protect: boolean): boolean {
  return stored.portable === want.portable && stored.at === want.at && (stored.protect ?? false) === protect;
}

function sameRecord(a: Recorded, b: Recorded): boolean {
  if (a.portable !== b.portable || a.at !== b.at || (a.protect ?? false) !== (b.protect ?? false)) return false;
  const paths = Object.keys(b.parts);
  return paths.length === Object.keys(a.parts).length && paths.every((path) => a.parts[path] === b.parts[path]);
}
