// What the bytes of a file hold, part by part, against what is desired and recorded of it. Pure; loaded with the first difference.

import { readBlock } from "../../delta/block.ts";
import { digestBytes, digestJson } from "../../delta/digest.ts";
import { type JsonRead, readJson } from "../../delta/edit-read.ts";
import type { Merge } from "../../model/fleet.ts";
import type { JsonObject } from "../../model/json.ts";
import { pointerTokens, valueAt } from "../../model/json.ts";
import type { Part, Recorded } from "../../model/resource.ts";
import { NOTHING_DIGEST, STRICT_DIGEST } from "./desire.ts";
import { costlyFindings } from "./enforcement-loss.ts";
import { BLOCK, CLIENT, isHookPath, MODE, ownedParts, SYNTAX, viewHooks, WIDENING } from "./parts.ts";
import { shownValue } from "./secrets.ts";
import { type ConfigProps, modeWord, octal } from "./types.ts";
import { foreignWidenings } from "./widening.ts";

export interface ContentQuery {
  readonly bytes: Buffer;
  readonly mode: number;
  /** The part paths asked for. */
  readonly paths: readonly string[];
  readonly want: ConfigProps | undefined;
  readonly record: Recorded | undefined;
  readonly hookPath: string;
}

export interface Content {
  /** The parts asked for that are there. */
  readonly parts: Readonly<Record<string, Part>>;
  /** The document, where the file holds one. */
  readonly read: JsonRead | null;
  /** Why the content is not what it should be, in one clause with its place. */
  readonly defect?: string;
  readonly unreadable?: true;
}

/** Takes a file apart. */
export function readContent(query: ContentQuery): Content {
  const common: Record<string, Part> = {};
  for (const path of query.paths) {
    if (path === "") common[path] = { digest: digestBytes(query.bytes) };
    if (path === MODE) common[path] = { digest: digestJson(modeWord(query.mode)), value: octal(query.mode) };
  }
  switch (mergeOf(query)) {
    case "whole":
      return { parts: common, read: null };
    case "block":
      return blockContent(query, common);
    case "keys":
      return keysContent(query, common);
  }
}

/** How a file is compared that is only recorded: its recorded paths tell. */
export function mergeOf({ want, record }: Pick<ContentQuery, "want" | "record">): Merge {
  if (want) return want.merge;
  if (record?.parts[""] !== undefined) return "whole";
  return record?.parts[BLOCK] !== undefined ? "block" : "keys";
}

function blockContent(query: ContentQuery, common: Record<string, Part>): Content {
  const block = readBlock(query.bytes);
  if (!query.paths.includes(BLOCK) || block.state === "none") return { parts: common, read: null };
  if (block.state === "block") {
    return { parts: { ...common, [BLOCK]: { digest: digestBytes(block.content) } }, read: null };
  }
  const digest = digestBytes(query.bytes);
  return { parts: { ...common, [BLOCK]: { digest: `damaged ${digest}` } }, read: null, defect: block.why };
}

function keysContent(query: ContentQuery, common: Record<string, Part>): Content {
  const read = readJson(query.bytes);
  switch (read.state) {
    case "unreadable":
      return { parts: common, read, unreadable: true, defect: defectOf(read) };
    case "duplicates":
      return { parts: common, read, defect: defectOf(read) };
    case "comments":
      return { parts: { ...common, ...documentParts(query, read.value, false) }, read, defect: defectOf(read) };
    case "json":
      return { parts: { ...common, ...documentParts(query, read.value, true) }, read };
  }
}

function defectOf(read: Exclude<JsonRead, { state: "json" }>): string {
  return read.place ? `${read.why} at ${read.place.line}:${read.place.col}` : read.why;
}

function documentParts(query: ContentQuery, document: JsonObject, strict: boolean): Record<string, Part> {
  const there = new Map(ownedParts(document).map((part) => [part.path, part.value]));
  const hooks = viewHooks({ document, json: query.want?.json, hookPath: query.hookPath, record: query.record });
  const parts: Record<string, Part> = {};
  for (const path of query.paths) {
    const whole = wholeFilePart(path, { query, document, strict });
    if (whole) parts[path] = whole;
    else if (path.startsWith("/")) {
      const value = isHookPath(path)
        ? hooks.valueAt(path)
        : (there.get(path) ?? valueAt(document, pointerTokens(path)));
      if (value !== undefined) parts[path] = { digest: digestJson(value), value: shownValue(path, value) };
    }
  }
  return parts;
}

/** The parts that stand for the file as a whole: its syntax, and whether the client takes it. */
function wholeFilePart(
  path: string,
  { query, document, strict }: { query: ContentQuery; document: JsonObject; strict: boolean },
): Part | null {
  switch (path) {
    case SYNTAX: {
      const value = strict ? "strict JSON" : "JSON with comments";
      return { digest: strict ? STRICT_DIGEST : digestJson(value), value };
    }
    // Without a desired document our own entries would count as foreign: of an orphan, neither is asked.
    case CLIENT:
      return query.want
        ? listPart(costlyFindings({ ...query, json: query.want.json, document }).map((one) => one.message))
        : listPart([]);
    case WIDENING:
      return query.want
        ? listPart(foreignWidenings(document, query.want.json ?? {}).map((one) => one.message))
        : listPart([]);
    default:
      return null;
  }
}

function listPart(messages: readonly string[]): Part {
  return { digest: messages.length === 0 ? NOTHING_DIGEST : digestJson(messages), value: messages };
}
