// The parts a JSON file is compared by: which paths we own in a document, and what stands there in another one.

import { PERMISSION_LISTS } from "../../client/settings-keys.ts";
import { canonicalJson, digestJson } from "../../delta/digest.ts";
import { type Json, type JsonObject, leavesOf, pointerOf, pointerTokens } from "../../model/json.ts";
import type { Recorded } from "../../model/resource.ts";
import { type HookUnit, hookUnits, isOurHook, unitPath } from "./hook-list.ts";

/** Paths that stand for the file as a whole beside its keys; a JSON pointer begins with a slash, so none can clash. */
export const MODE = "mode";
export const BLOCK = "block";
export const SYNTAX = "syntax";
export const CLIENT = "client";
export const WIDENING = "widening";

/** One owned path of a JSON document and what stands there. */
export interface OwnedPart {
  readonly path: string;
  readonly value: Json;
  readonly place:
    | { readonly in: "value"; readonly tokens: readonly string[] }
    | { readonly in: "set"; readonly list: string; readonly element: Json }
    | { readonly in: "hooks"; readonly unit: HookUnit };
}

/**
 * The parts of a rendered document: every leaf by its pointer, each element of the permission lists, each hook. Other
 * lists are one value. An empty object owns nothing, so that what others put in it stays theirs.
 */
export function ownedParts(document: JsonObject): OwnedPart[] {
  const parts = new Map<string, OwnedPart>();
  const add = (part: OwnedPart): void => {
    if (!parts.has(part.path)) parts.set(part.path, part);
  };
  for (const { tokens, value } of leavesOf(document)) {
    const list = permissionList(tokens);
    if (list !== null && Array.isArray(value)) for (const element of value) add(elementPart(list, element));
    else if (!isHookList(tokens, value)) add({ path: pointerOf(tokens), value, place: { in: "value", tokens } });
  }
  for (const unit of hookUnits(document)) {
    add({ path: unitPath(unit), value: unit.value, place: { in: "hooks", unit } });
  }
  return [...parts.values()];
}

/** The name of the permission list at `/permissions/<list>`, whose elements are compared one by one. */
function permissionList([top, name, deeper]: readonly string[]): string | null {
  return top === "permissions" && name !== undefined && isSet(name) && deeper === undefined ? name : null;
}

function isHookList(tokens: readonly string[], value: Json): boolean {
  return tokens.length === 2 && tokens[0] === "hooks" && Array.isArray(value);
}

/** The path of one element of a permission list. */
export function elementPath(list: string, element: Json): string {
  return pointerOf(["permissions", list, elementText(element)]);
}

function elementPart(list: string, element: Json): OwnedPart {
  const path = elementPath(list, element);
  return { path, value: element, place: { in: "set", list, element } };
}

/** How an element of a permission list is named in its path. */
export function elementText(element: Json): string {
  return typeof element === "string" ? element : canonicalJson(element);
}

/** True for the permission lists whose elements are compared one by one. */
export function isSet(name: string): boolean {
  return (PERMISSION_LISTS as readonly string[]).includes(name);
}

/** True for the path of one hook: `/hooks/<event>/<matcher>/<command>`. */
export function isHookPath(path: string): boolean {
  return path.startsWith("/hooks/") && pointerTokens(path).length === 4;
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);
}

/** The hooks of a document, seen against the hooks we want in it. */
export interface HookView {
  /** What stands at a hook's path; strays and doubles of our own hook make it differ from any single hook. */
  valueAt(path: string): Json | undefined;
  /** Hooks that run our hook file and are not what we want: to be taken out. */
  readonly unwanted: readonly HookUnit[];
  /** Those of them that no wanted hook answers for. */
  readonly unclaimed: readonly HookUnit[];
}

/**
 * Compares hooks. A hook that runs our hook file is ours in any shape: where it is not one of the wanted ones it is a
 * stray, unless it is an intact old one of ours that the record still names (that one is simply no longer wanted).
 */
export function viewHooks(options: {
  readonly document: JsonObject;
  /** The rendered document. */
  readonly json: JsonObject | undefined;
  readonly hookPath: string;
  readonly record: Recorded | undefined;
}): HookView {
  const { document, hookPath, record } = options;
  const units = hookUnits(document);
  const wanted = new Map(hookUnits(options.json ?? {}).map((unit) => [unitPath(unit), unit]));
  const own = [...wanted.values()].filter((unit) => isOurHook(unit, hookPath));
  const unwanted = options.json
    ? units.filter((unit) => {
        const path = unitPath(unit);
        return isOurHook(unit, hookPath) && !wanted.has(path) && record?.parts[path] !== digestJson(unit.value);
      })
    : [];
  const carrier = (wrong: HookUnit): HookUnit | undefined => own.find((unit) => unit.event === wrong.event) ?? own[0];
  return {
    unwanted,
    unclaimed: unwanted.filter((unit) => carrier(unit) === undefined),
    valueAt(path) {
      const want = wanted.get(path);
      const there = units.filter((unit) => unitPath(unit) === path);
      const odd = want && there.find((unit) => !sameJson(unit.value, want.value));
      const claimed = want ? unwanted.filter((unit) => carrier(unit) === want) : [];
      if (claimed.length > 0) return { found: [...there, ...claimed].map((unit) => unit.value) };
      return (odd ?? there[0])?.value;
    },
  };
}
