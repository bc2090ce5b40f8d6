// What changed between two keyed maps, in the words of people: deep-diff compares, and compares only.
import deepDiff from "deep-diff";
import type { Json, JsonObject } from "../model/json.ts";
import type { Change } from "../model/plan.ts";

/**
 * One change per key whose value differs, sorted by key; a key that is missing on one side is null there. The maps are
 * keyed by part path, never lists: deep-diff compares lists by index, so that one element taken out of the front
 * would read as an edit of all. (Its applyChange pollutes Object.prototype: only `diff` is ever used.)
 */
export function changesBetween(before: JsonObject, after: JsonObject): Change[] {
  const keys = new Set<string>();
  for (const difference of deepDiff.diff(before, after) ?? []) {
    const key: unknown = difference.path?.[0];
    if (typeof key === "string") keys.add(key);
  }
  return [...keys]
    .sort()
    .map((path) => ({ path, before: ownValue(before, path) ?? null, after: ownValue(after, path) ?? null }));
}

function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
