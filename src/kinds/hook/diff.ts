// What differs between the hook that shall be and the one that is there, in words, and what it would newly permit. Pure.
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { type Delta, NO_DELTA } from "../../model/kind.ts";
import type { Change } from "../../model/plan.ts";
import type { Desired, Observed } from "../../model/resource.ts";
import { carriedPolicy } from "./render.ts";
import { type HookProps, type HookSeen, MODE } from "./types.ts";

export function diff(
  want: Desired<HookProps> | undefined,
  have: Observed<HookSeen> | undefined,
  context: { readonly paths?: readonly string[] },
): Delta {
  if (want === undefined) {
    const changes = Object.entries(have?.parts ?? {}).map(([path, part]) => ({
      path,
      before: part.digest,
      after: null,
    }));
    return { ...NO_DELTA, changes, reason: "the hook is no longer in the registry" };
  }
  if (have === undefined || !have.exists) {
    const changes = changed(want, undefined, context.paths);
    return { ...NO_DELTA, changes, reason: "the hook is missing" };
  }
  if (have.same) return { ...NO_DELTA, reason: "the hook is as it should be" };
  const changes = changed(want, have, context.paths);
  return { ...NO_DELTA, changes, reason: reasonOf(want, have, changes), widens: widening(want, have.seen) };
}

function changed(
  want: Desired<HookProps>,
  have: Observed<HookSeen> | undefined,
  paths: readonly string[] | undefined,
): Change[] {
  return Object.keys(want.parts)
    .filter((path) => paths === undefined || paths.includes(path))
    .filter((path) => have?.parts[path]?.digest !== want.parts[path]?.digest)
    .map((path) => (path === "mode" ? modeChange(have) : contentChange(path, want, have)));
}

/** Contents of hooks are never shown: digests only. */
function contentChange(path: string, want: Desired<HookProps>, have: Observed<HookSeen> | undefined): Change {
  return { path, before: have?.parts[path]?.digest ?? null, after: want.parts[path]?.digest ?? null };
}

function modeChange(have: Observed<HookSeen> | undefined): Change {
  const mode = have?.seen.mode ?? null;
  return { path: "mode", before: mode === null ? null : octal(mode), after: octal(MODE) };
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

function reasonOf(want: Desired<HookProps>, { seen }: Observed<HookSeen>, changes: readonly Change[]): string {
  const found: string[] = [];
  if (changes.some(({ path }) => path === "")) found.push(contentReason(want, seen));
  if (changes.some(({ path }) => path === "mode")) {
    const mode = seen.mode ?? 0;
    if ((mode & 0o100) === 0) found.push("the hook is not executable");
    if ((mode & 0o002) !== 0) found.push("everybody may write to the hook");
  }
  return found.length > 0 ? found.join("; ") : "the hook is as it should be";
}

function contentReason(want: Desired<HookProps>, seen: HookSeen): string {
  switch (seen.content) {
    case "empty":
      return "the hook was emptied";
    case "idle":
      return "the hook was replaced by one that does nothing";
    case "ours":
      return ownReason(want, seen);
    case "other":
      return "another program lies in the hook's place";
    case "absent":
    case "same":
      return "the hook is missing";
  }
}

/** An executable of our form: another policy, or other code around it. */
function ownReason(want: Desired<HookProps>, seen: HookSeen): string {
  if (seen.policy === want.props.policy) return "the hook's program differs (edited, or made by another version)";
  const before = parsed(seen.policy);
  const after = parsed(want.props.policy);
  if (before === null || after === null) return "the hook was edited";
  const lists = ["tools", "delegates", "always"].flatMap((key) =>
    moved(key, strings(before[key]), strings(after[key])),
  );
  const all = [...lists, ...moved("denied", globs(before), globs(after))];
  return all.length > 0 ? `the policy differs: ${all.join(", ")}` : "the policy differs";
}

function moved(name: string, before: readonly string[], after: readonly string[]): string[] {
  const more = after.filter((one) => !before.includes(one)).map((one) => `+${one}`);
  const less = before.filter((one) => !after.includes(one)).map((one) => `-${one}`);
  return more.length + less.length === 0 ? [] : [`${name} ${[...more, ...less].join(" ")}`];
}

/** What the new policy permits that the old one did not. Nothing when what lies there is not a policy of ours. */
function widening(want: Desired<HookProps>, seen: HookSeen): string[] {
  return policyGains(seen.policy, want.props.policy);
}

/** What one hook permits that another did not, from the executables themselves. */
export function hookGains(before: Buffer | null, after: Buffer | null): string[] {
  const old = before === null ? null : carriedPolicy(before.toString("utf8"));
  if (old === null) return [];
  const next = after === null ? null : carriedPolicy(after.toString("utf8"));
  return next === null ? ["the hook is taken out"] : policyGains(old, next);
}

function policyGains(old: string | null, next: string): string[] {
  const before = parsed(old);
  const after = parsed(next);
  if (before === null || after === null) return [];
  const gained = (key: string): string[] => strings(after[key]).filter((one) => !strings(before[key]).includes(one));
  return [
    ...[...new Set([...gained("tools"), ...gained("always")])].map((tool) => `may use ${tool}`),
    ...gained("delegates").map((name) => `may start ${name}`),
    ...globs(before)
      .filter((glob) => !globs(after).includes(glob))
      .map((glob) => `may write ${glob}`),
    ...(before["access"] === "all" && after["access"] === "write" ? ["may read what it may not write"] : []),
  ];
}

function parsed(text: string | null): JsonObject | null {
  if (text === null) return null;
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) && value["v"] === 1 ? value : null;
  } catch {
    return null;
  }
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function globs(policy: JsonObject): string[] {
  const { places } = policy;
  if (!Array.isArray(places)) return [];
  return places.flatMap((place: Json) =>
    isJsonObject(place) && typeof place["glob"] === "string" ? [place["glob"]] : [],
  );
}
