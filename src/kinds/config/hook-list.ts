// The hooks of a settings file as single units, whatever shape they were written in, and which of them are ours.
import { canonicalJson } from "../../delta/digest.ts";
import { escapeToken, isJsonObject, type Json, type JsonObject } from "../../model/json.ts";

/** One hook: an event, a matcher and what is run. */
export interface HookUnit {
  readonly event: string;
  /** `*` for an absent, empty or `*` matcher: the client takes them as one. */
  readonly matcher: string;
  /** What says which hook it is: the command with its arguments, or what another type has in its place. */
  readonly command: string;
  /** The whole content that is compared and shown. A flat entry (the old shape) never equals a nested one. */
  readonly value: Json;
  /** Where it stands, from the top of the document. */
  readonly at: readonly (string | number)[];
  /** The nested hook itself, or the flat entry. */
  readonly hook: Json;
  readonly flat: boolean;
}

/** The units of a document's `hooks`, in the order of the file. Anything that is no entry at all counts as a flat one. */
export function hookUnits(document: JsonObject): HookUnit[] {
  const hooks = Object.hasOwn(document, "hooks") ? document["hooks"] : undefined;
  if (!isJsonObject(hooks)) return [];
  return Object.entries(hooks).flatMap(([event, entries]) =>
    Array.isArray(entries) ? entries.flatMap((entry: Json, index) => entryUnits(event, entry, index)) : [],
  );
}

function entryUnits(event: string, entry: Json, index: number): HookUnit[] {
  const matcher = isJsonObject(entry) ? matcherOf(entry["matcher"]) : "*";
  const inner = isJsonObject(entry) ? entry["hooks"] : undefined;
  if (!Array.isArray(inner)) {
    const value = { entry } satisfies JsonObject;
    const at = ["hooks", event, index];
    return [{ event, matcher, command: commandOf(entry), value, at, hook: entry, flat: true }];
  }
  return inner.map((hook: Json, position): HookUnit => {
    const value = { matcher, hook } satisfies JsonObject;
    const at = ["hooks", event, index, "hooks", position];
    return { event, matcher, command: commandOf(hook), value, at, hook, flat: false };
  });
}

function matcherOf(matcher: Json | undefined): string {
  return typeof matcher === "string" && matcher !== "" ? matcher : "*";
}

function commandOf(hook: Json): string {
  if (typeof hook === "string") return hook;
  if (!isJsonObject(hook)) return canonicalJson(hook);
  const { command, args, url, prompt, tool } = hook;
  if (typeof command === "string") return args === undefined ? command : `${command} ${canonicalJson(args)}`;
  const other = url ?? prompt ?? tool;
  return typeof other === "string" ? other : canonicalJson(hook);
}

/** The part path of a unit: `/hooks/PreToolUse/<matcher>/<command>`. */
export function unitPath(unit: HookUnit): string {
  return `/hooks/${[unit.event, unit.matcher, unit.command].map(escapeToken).join("/")}`;
}

/**
 * Is this hook ours? True when a path in its command ends in our hook's path, whatever the root before it, the
 * quoting around it, the shape of the entry, and whatever program is made to run it.
 */
export function isOurHook(unit: HookUnit, hookPath: string): boolean {
  return hookPath !== "" && wordsOf(unit).some((text) => mentions(text, hookPath));
}

function wordsOf({ hook }: HookUnit): string[] {
  if (typeof hook === "string") return [hook];
  if (!isJsonObject(hook)) return [];
  const { command, args } = hook;
  return [command, ...(Array.isArray(args) ? args : [])].filter((one): one is string => typeof one === "string");
}

function mentions(text: string, hookPath: string): boolean {
  const plain = text.replaceAll(/["'\\`]/g, "").replaceAll(/\/(?:\.?\/)+/g, "/");
  for (let at = plain.indexOf(hookPath); at >= 0; at = plain.indexOf(hookPath, at + 1)) {
    const before = plain[at - 1];
    const after = plain[at + hookPath.length];
    if ((before === undefined || /[\s/=;&|(]/.test(before)) && (after === undefined || /[\s;&|)<>]/.test(after))) {
      return true;
    }
  }
  return false;
}
