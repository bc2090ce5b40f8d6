// What a settings file permits: whether a change permits more than before, and which foreign entries do.
import { isJsonObject, type Json, type JsonObject, valueAt } from "../../model/json.ts";
import { hookUnits, isOurHook } from "./hook-list.ts";
import { elementText } from "./parts.ts";

/** Modes by how much they let pass without asking; `auto` is what the client does when nothing is said (2.1.330). */
const MODE_RANK: Readonly<Record<string, number>> = {
  plan: 0,
  dontAsk: 1,
  default: 2,
  manual: 2,
  acceptEdits: 3,
  auto: 4,
  bypassPermissions: 5,
};
const UNSAID = 4;

/** Top-level switches that permit more when they are on. */
const WIDE_SWITCHES = ["disableAllHooks", "enableAllProjectMcpServers", "skipDangerousModePermissionPrompt"];

/**
 * What `after` permits that `before` did not: clauses for people, empty when nothing. Pass null for a file that is not
 * there or that the client drops: nothing was held back by it, so nothing can be lost.
 */
export function widenings(before: JsonObject | null, after: JsonObject | null, hookPath: string): string[] {
  if (before === null) return [];
  const next = after ?? {};
  const found: string[] = [];
  for (const list of ["deny", "ask"]) {
    for (const rule of missing(listOf(before, list), listOf(next, list))) found.push(`${list} ${rule} goes`);
  }
  for (const list of ["allow", "additionalDirectories"]) {
    for (const rule of missing(listOf(next, list), listOf(before, list))) found.push(`${list} ${rule} comes`);
  }
  if (rankOf(next) > rankOf(before)) found.push(`defaultMode becomes ${String(modeOf(next) ?? "unset")}`);
  for (const name of WIDE_SWITCHES) {
    if (next[name] === true && before[name] !== true) found.push(`${name} is turned on`);
  }
  if (isEnforcing(before, hookPath) && !isEnforcing(next, hookPath)) found.push("the hook is taken out");
  return found;
}

/** The document of a settings file, null where there is none that the client would take. */
export function documentIn(bytes: Buffer | null): JsonObject | null {
  if (bytes === null) return null;
  try {
    const value: Json = JSON.parse(bytes.toString("utf8"));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

export interface ForeignWidening {
  readonly at: readonly (string | number)[];
  readonly message: string;
}

/** Entries that permit more and that we did not render: an element we want is never among them. */
export function foreignWidenings(document: JsonObject, want: JsonObject): ForeignWidening[] {
  const found: ForeignWidening[] = [];
  for (const list of ["allow", "additionalDirectories"]) {
    const wanted = new Set(listOf(want, list));
    const there = valueAt(document, ["permissions", list]);
    if (!Array.isArray(there)) continue;
    there.forEach((element: Json, index) => {
      const text = elementText(element);
      if (typeof element === "string" && !wanted.has(text))
        found.push({ at: ["permissions", list, index], message: `${list} ${text}` });
    });
  }
  if (modeOf(want) === undefined && modeOf(document) !== undefined && rankOf(document) > (MODE_RANK["default"] ?? 0)) {
    found.push({ at: ["permissions", "defaultMode"], message: `defaultMode ${String(modeOf(document))}` });
  }
  for (const name of WIDE_SWITCHES) {
    if (document[name] === true && want[name] === undefined) found.push({ at: [name], message: `${name} true` });
  }
  return found;
}

function listOf(document: JsonObject, list: string): string[] {
  const value = valueAt(document, ["permissions", list]);
  return Array.isArray(value) ? value.map((element: Json) => elementText(element)) : [];
}

function missing(from: readonly string[], inList: readonly string[]): string[] {
  const there = new Set(inList);
  return [...new Set(from)].filter((rule) => !there.has(rule));
}

function modeOf(document: JsonObject): Json | undefined {
  return valueAt(document, ["permissions", "defaultMode"]);
}

function rankOf(document: JsonObject): number {
  const mode = modeOf(document);
  return typeof mode === "string" ? (MODE_RANK[mode] ?? UNSAID) : UNSAID;
}

function isEnforcing(document: JsonObject, hookPath: string): boolean {
  return isJsonObject(document["hooks"]) && hookUnits(document).some((unit) => !unit.flat && isOurHook(unit, hookPath));
}
