// What of a rendered file is compared, by its merge rule: the bytes, the block between our marks, or the values at the
// paths it renders. Pure. The same projection of what lies on disk is projection-read.ts.
import type { RenderedFile } from "../model/fleet.ts";
import { isJsonObject, type Json, type JsonObject, type Leaf, leavesOf, pointerOf } from "../model/json.ts";
import { withLineEnd } from "./block.ts";
import { digestBytes } from "./digest.ts";

/** Keys at the top of a JSON document that do not count. */
export type LeftOut = ReadonlySet<string>;

/** The projection of a file as it is rendered. */
export function projectRendered(file: RenderedFile, leftOut: LeftOut): Json {
  switch (file.merge) {
    case "whole":
      return projectWhole(file.text, leftOut.size > 0 ? documentOf(file) : null, leftOut);
    case "block":
      return digestBytes(withLineEnd(file.text));
    case "keys":
      return Object.fromEntries(
        renderedLeaves(documentOf(file), leftOut).map(({ tokens, value }) => [pointerOf(tokens), value]),
      );
  }
}

/** Bytes of which some keys do not count are compared as a document, where they are one. */
export function projectWhole(bytes: string | Uint8Array, document: JsonObject | null, leftOut: LeftOut): Json {
  return document === null ? digestBytes(bytes) : without(document, leftOut);
}

function without(document: JsonObject, leftOut: LeftOut): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !leftOut.has(key)));
}

/** The leaves of a rendered document that count. */
export function renderedLeaves(document: JsonObject | null, leftOut: LeftOut): Leaf[] {
  return document === null ? [] : leavesOf(without(document, leftOut));
}

/** The rendered document; null where the text is none. */
export function documentOf({ json, text }: RenderedFile): JsonObject | null {
  if (json !== undefined) return isJsonObject(json) ? json : null;
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
