// What a difference is, for people and for machines. Loads the diff libraries: only with the first difference.

import { writeBlock } from "../../delta/block.ts";
import { changesBetween } from "../../delta/changes.ts";
import { digestBytes } from "../../delta/digest.ts";
import { readJson } from "../../delta/edit-read.ts";
import { makePatch } from "../../delta/patch.ts";
import { textDifference } from "../../delta/text-diff.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Change } from "../../model/plan.ts";
import type { Parts } from "../../model/resource.ts";
import type { Explanation, KeysChange, TextChange } from "./diff-tools.ts";
import { editableText, mergeKeys } from "./merge.ts";
import { maskedJson, maskedText } from "./secrets.ts";

/** The explanation of a change to a JSON file that is shared with others, which may hold more than ours. */
export function explainKeys(options: KeysChange): Explanation {
  const { job } = options;
  const read = readJson(options.bytes);
  const text = editableText(read);
  const document = read.state === "unreadable" ? null : read.value;
  const next = text === null ? (job.json ?? null) : parse(mergeKeys(text, job));
  return {
    changes: changesBetween(options.before, options.after),
    patch:
      document === null
        ? [{ op: "add", path: "", value: maskedJson(next) }]
        : makePatch(maskedJson(document), maskedJson(next)),
    lines: null,
    documents: { before: read.state === "json" || read.state === "duplicates" ? document : null, after: next },
  };
}

/** The explanation of a change to a text, whole or between the marks. */
export function explainText(options: TextChange): Explanation {
  const { name, path, before, text } = options;
  const after = path === "" ? Buffer.from(text) : writeBlock(before, text);
  const difference = textDifference({ name, before: shown(name, before), after: shown(name, after) });
  const isJson = name.endsWith(".json");
  return {
    changes: [{ path, before: digestBytes(before), after: digestBytes(after) } satisfies Change],
    patch: difference.unified,
    lines: difference.lines,
    documents: { before: isJson ? documentOf(before) : null, after: isJson ? documentOf(after) : null },
  };
}

function shown(name: string, bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return name.endsWith(".json") ? maskedText(text) : text;
}

/** The document in a JSON file; null where the client could not read one. */
export function documentOf(bytes: Buffer): JsonObject | null {
  const read = readJson(bytes);
  return read.state === "json" || read.state === "duplicates" ? read.value : null;
}

function parse(text: string): JsonObject {
  return JSON.parse(text.replace(/^\uFEFF/, "")) as JsonObject;
}

/** The values of parts as a map to compare. */
export function shownValues(parts: Parts, paths: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  for (const path of paths) {
    const part = parts[path];
    if (part) values[path] = part.value ?? part.digest;
  }
  return values;
}
