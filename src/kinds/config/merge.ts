// Our keys in a file that others write as well: set, added and taken out in the text, every other byte left. Pure.
import { appendAt, removeAt, setAt } from "../../delta/edit.ts";
import type { JsonRead } from "../../delta/edit-read.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { pointerTokens, valueAt } from "../../model/json.ts";
import type { Recorded } from "../../model/resource.ts";
import { removeMany } from "./bulk-removal.ts";
import { costlyFindings } from "./enforcement-loss.ts";
import { type HookUnit, hookUnits, unitPath } from "./hook-list.ts";
import { CLIENT, elementText, isHookPath, type OwnedPart, ownedParts, sameJson, viewHooks, WIDENING } from "./parts.ts";
import { foreignWidenings } from "./widening.ts";

export interface MergeJob {
  /** The rendered document; undefined when nothing is desired any more. */
  readonly json: JsonObject | undefined;
  readonly record: Recorded | undefined;
  readonly hookPath: string;
  /** Part paths to bring to what is desired. */
  readonly write: readonly string[];
  /** Part paths to take out. */
  readonly drop: readonly string[];
}

/** More rounds than any file has values that could be at fault. */
const ROUNDS = 1_000;

/** The text that may be edited: strict JSON, comments, trailing commas and doubled keys gone. Null: unreadable. */
export function editableText(read: JsonRead): string | null {
  switch (read.state) {
    case "json":
      return read.text;
    case "comments":
    case "duplicates":
      return read.strict;
    case "unreadable":
      return null;
  }
}

/** Merges into a text of strict JSON. */
export function mergeKeys(text: string, job: MergeJob): string {
  const wanted = new Map(ownedParts(job.json ?? {}).map((part) => [part.path, part]));
  let result = text;
  for (const path of job.drop) result = drop(result, path);
  for (const [path, part] of wanted) if (job.write.includes(path)) result = write(result, part, job);
  if (job.write.includes(CLIENT)) result = untilNone(result, (document) => costlyCut(result, document, job));
  if (job.write.includes(WIDENING)) result = untilNone(result, (document) => wideCut(result, document, job));
  return result;

  /** Cuts one thing after another, since each cut moves what lies behind it. */
  function untilNone(from: string, cutOne: (document: JsonObject) => string | null): string {
    result = from;
    for (let round = 0; round < ROUNDS; round++) {
      const next = cutOne(parse(result));
      if (next === null || next === result) return result;
      result = next;
    }
    return result;
  }
}

function parse(text: string): JsonObject {
  return JSON.parse(text.replace(/^\uFEFF/, "")) as JsonObject;
}

function write(text: string, { place, value }: OwnedPart, job: MergeJob): string {
  switch (place.in) {
    case "value":
      return setAt(text, place.tokens, value);
    case "set":
      return elementIndex(parse(text), place.list, elementText(place.element)) === null
        ? appendAt(text, ["permissions", place.list], value)
        : text;
    case "hooks":
      return writeHook(text, place.unit, job);
  }
}

function drop(text: string, path: string): string {
  const tokens = pointerTokens(path);
  const [top, list, element] = tokens;
  if (isHookPath(path)) return removeHooks(text, (unit) => unitPath(unit) === path);
  if (top === "permissions" && list !== undefined && element !== undefined) {
    const index = elementIndex(parse(text), list, element);
    if (index !== null) return removeAt(text, ["permissions", list, index]);
  }
  return valueAt(parse(text), tokens) === undefined ? text : removeAt(text, tokens);
}

function elementIndex(document: JsonObject, list: string, text: string): number | null {
  const elements = valueAt(document, ["permissions", list]);
  if (!Array.isArray(elements)) return null;
  const index = elements.findIndex((element: Json) => elementText(element) === text);
  return index < 0 ? null : index;
}

/** Puts one hook in its place; doubles of it and strays of ours go, the first of them becomes it where it can. */
function writeHook(text: string, want: HookUnit, job: MergeJob): string {
  const document = parse(text);
  const unwanted = viewHooks({ ...job, document }).unwanted;
  const path = unitPath(want);
  const same = hookUnits(document).filter((unit) => unitPath(unit) === path);
  const heir =
    same.find((unit) => sameJson(unit.value, want.value)) ??
    same[0] ??
    unwanted.find((unit) => unit.event === want.event);
  const placed = heir ? become(text, heir, want, document) : appendAt(text, ["hooks", want.event], entryOf(want));
  const gone = new Set(unwanted.map(unitPath));
  let kept = false;
  return removeHooks(placed, (unit) => {
    if (unitPath(unit) !== path) return gone.has(unitPath(unit));
    if (!kept && sameJson(unit.value, want.value)) {
      kept = true;
      return false;
    }
    return true;
  });
}

function become(text: string, heir: HookUnit, want: HookUnit, document: JsonObject): string {
  if (sameJson(heir.value, want.value)) return text;
  if (isAlone(heir, document)) return setAt(text, heir.at.slice(0, 3), entryOf(want));
  if (!heir.flat && !want.flat && heir.matcher === want.matcher) return setAt(text, heir.at, want.hook);
  return appendAt(text, ["hooks", want.event], entryOf(want));
}

function entryOf(want: HookUnit): Json {
  return want.flat ? want.hook : { matcher: want.matcher, hooks: [want.hook] };
}

/** True when the hook is all there is in its entry. */
function isAlone(unit: HookUnit, document: JsonObject): boolean {
  const inner = valueAt(document, [...unit.at.slice(0, 3), "hooks"]);
  return unit.flat || (Array.isArray(inner) && inner.length === 1);
}

function removeHooks(text: string, which: (unit: HookUnit) => boolean): string {
  const document = parse(text);
  let result = text;
  // From the last to the first: a cut moves only what lies behind it.
  for (const unit of hookUnits(document).filter(which).reverse()) result = removeHook(result, unit);
  return result;
}

function removeHook(text: string, unit: HookUnit): string {
  return removeAt(text, isAlone(unit, parse(text)) ? unit.at.slice(0, 3) : unit.at);
}

function costlyCut(text: string, document: JsonObject, job: MergeJob): string | null {
  const findings = costlyFindings({ ...job, document });
  const [finding] = findings;
  if (!finding) return null;
  const reduced = removeMany(text, { document, places: findings.map(({ at }) => at), hookPath: job.hookPath });
  if (reduced !== null) return reduced;
  const { at } = finding;
  const rendered = at.some((token) => typeof token === "number") ? undefined : valueAt(job.json, at);
  if (rendered !== undefined) return setAt(text, at, rendered);
  const hook = hookUnits(document).find((unit) => sameJson(unit.at as Json, at as Json));
  return hook ? removeHook(text, hook) : removeAt(text, at);
}

function wideCut(text: string, document: JsonObject, job: MergeJob): string | null {
  const findings = foreignWidenings(document, job.json ?? {});
  const [finding] = findings;
  if (!finding) return null;
  const places = findings.map(({ at }) => at);
  return removeMany(text, { document, places, hookPath: job.hookPath }) ?? removeAt(text, finding.at);
}
