// The machine's form of a difference: RFC 6902 with guards, made and applied by fast-json-patch.
import jsonpatch from "fast-json-patch";
import { isJsonObject, type Json, pointerTokens, RESERVED_KEYS } from "../model/json.ts";
import type { PatchOperation } from "../model/plan.ts";

/** Where a patch reaches for an object's prototype. */
export interface ReservedSegment {
  readonly index: number;
  readonly pointer: string;
  readonly segment: string;
}

export type PatchOutcome =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      readonly code: "E660" | "E661";
      readonly message: string;
      /** The operation that could not be applied, counted from 0. */
      readonly index: number;
    };

/**
 * The operations that turn `before` into `after`. Every value that goes or changes is guarded by a `test` before it, so
 * that on any other document the patch fails instead of damaging it.
 */
export function makePatch(before: Json, after: Json): PatchOperation[] {
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    return jsonpatch.compare(before, after, true).flatMap(plainOperation);
  }
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [
        { op: "test", path: "", value: before },
        { op: "replace", path: "", value: after },
      ];
}

/**
 * Applies a patch to a copy of the document: all of it or, with the reason, nothing (E661). Refuses a patch that names
 * `__proto__`, `constructor` or `prototype` anywhere in a path before it looks at anything else (E660): validation
 * alone let a `copy` from `/constructor` through in 3.1.1.
 */
export function applyPatch(document: Json, patch: readonly PatchOperation[]): PatchOutcome {
  const reserved = reservedSegment(patch);
  if (reserved) {
    const message = `operation ${reserved.index} names ${reserved.segment} in its path ${reserved.pointer}`;
    return { ok: false, code: "E660", message, index: reserved.index };
  }
  const operations = structuredClone(patch) as jsonpatch.Operation[];
  try {
    const result = jsonpatch.applyPatch<unknown>(document, operations, true, false);
    return { ok: true, value: result.newDocument as Json };
  } catch (error) {
    if (!(error instanceof jsonpatch.JsonPatchError)) throw error;
    // `error.index` is 0 for what the library's validation finds, so the operation itself is looked up.
    const at = operations.indexOf(error.operation as jsonpatch.Operation);
    const index = Math.max(at, 0);
    const operation = patch[index];
    const message = `operation ${index} (${operation?.op ?? "?"} ${operation?.path ?? ""}) does not fit the document: ${error.name}`;
    return { ok: false, code: "E661", message, index };
  }
}

/** The first operation whose `path` or `from` has a segment that reaches a prototype; null when there is none. */
export function reservedSegment(patch: readonly PatchOperation[]): ReservedSegment | null {
  for (const [index, operation] of patch.entries()) {
    const from: unknown = Reflect.get(operation, "from");
    for (const pointer of [operation.path, from]) {
      if (typeof pointer !== "string") continue;
      const segment = pointerTokens(pointer).find((token) => RESERVED_KEYS.has(token));
      if (segment !== undefined) return { index, pointer, segment };
    }
  }
  return null;
}

function isContainer(value: Json): value is Exclude<Json, null | boolean | number | string> {
  return Array.isArray(value) || isJsonObject(value);
}

function plainOperation(operation: jsonpatch.Operation): PatchOperation[] {
  switch (operation.op) {
    case "add":
    case "replace":
    case "test":
      return [{ op: operation.op, path: operation.path, value: operation.value as Json }];
    case "remove":
      return [{ op: "remove", path: operation.path }];
    case "move":
    case "copy":
    case "_get":
      return [];
  }
}
