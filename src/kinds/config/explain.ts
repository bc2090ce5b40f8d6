// What a difference is, for people and for machines. Loads the diff libraries: only with the first difference.
import { changesBetween } from "../../delta/changes.ts";
import { digestBytes } from "../../delta/digest.ts";
import { readJson } from "../../delta/edit-read.ts";
import { makePatch } from "../../delta/patch.ts";
import { textDifference } from "../../delta/text.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Change, PatchOperation } from "../../model/plan.ts";
import type { Observed } from "../../model/resource.ts";
import { removeBlock, writeBlock } from "./block.ts";
import { editableText, type MergeJob, mergeKeys } from "./merge.ts";
import type { ConfigSeen } from "./props.ts";
import { maskedJson, maskedText } from "./secrets.ts";

export interface Explanation {
  readonly changes: Change[];
  readonly patch: string | PatchOperation[];
  /** For texts: how many lines differ; null when it is not known. */
  readonly lines: number | null;
  /** The document before and after, for a JSON file; null where there is none or the client drops it. */
  readonly documents: { readonly before: JsonObject | null; readonly after: JsonObject | null };
}

/** The functions of this room, as an observation carries them. */
export type DiffTools = typeof import("./explain.ts");

/** The explanation of a change to a JSON file that is shared with others. `after` null: everything of ours goes. */
export function explainKeys(options: {
  readonly job: MergeJob;
  readonly have: Observed<ConfigSeen>;
  readonly before: JsonObject;
  readonly after: JsonObject;
}): Explanation {
  const { job, have } = options;
  const read = readJson(have.seen.bytes ?? Buffer.alloc(0));
  const text = editableText(read);
  const document = read.state === "unreadable" ? null : read.value;
  const next = text === null ? (job.json ?? null) : parse(mergeKeys(text, job));
  return {
    changes: changesBetween(options.before, options.after),
    patch: makePatch(maskedJson(document), maskedJson(next)),
    lines: null,
    documents: { before: read.state === "json" || read.state === "duplicates" ? document : null, after: next },
  };
}

/** The explanation of a change to a text, whole or between the marks. */
export function explainText(options: {
  readonly name: string;
  /** The part path: `""` or `block`. */
  readonly path: string;
  readonly before: Buffer;
  /** What is to stand there; null when ours goes. */
  readonly text: string | null;
}): Explanation {
  const { name, path, before, text } = options;
  const after = path === "" ? (text === null ? null : Buffer.from(text)) : blockAfter(before, text);
  const difference = textDifference({ name, before: shown(name, before), after: after && shown(name, after) });
  const documents = name.endsWith(".json")
    ? { before: documentOf(before), after: after && documentOf(after) }
    : { before: null, after: null };
  const change: Change = { path, before: digestBytes(before), after: after && digestBytes(after) };
  return { changes: [change], patch: difference.unified, lines: difference.lines, documents };
}

function blockAfter(before: Buffer, text: string | null): Buffer {
  return text === null ? removeBlock(before) : writeBlock(before, text);
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
export function shownValues(parts: Observed["parts"], paths: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  for (const path of paths) {
    const part = parts[path];
    if (part) values[path] = part.value ?? part.digest;
  }
  return values;
}
