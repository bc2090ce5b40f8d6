// The difference between a file as desired and as seen: changes, patch, reason, what it costs and what it permits.
import type { Fleet } from "../../model/fleet.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type Delta, NO_DELTA } from "../../model/kind.ts";
import type { Change, Impact } from "../../model/plan.ts";
import type { Desired, Observed } from "../../model/resource.ts";
import type { Explanation } from "./diff-tools.ts";
import { BLOCK, CLIENT, MODE, SYNTAX, WIDENING } from "./parts.ts";
import { maskedJson } from "./secrets.ts";
import { type ConfigProps, type ConfigSeen, isClientSettings, octal } from "./types.ts";
import { widenings } from "./widening.ts";

export interface DiffContext {
  readonly fleet: Fleet;
  readonly paths?: readonly string[];
  readonly drop?: readonly string[];
}

/** See Kind.diff. Pure; what explains a difference came with the observation. */
export function diff(
  want: Desired<ConfigProps> | undefined,
  have: Observed<ConfigSeen> | undefined,
  context: DiffContext,
): Delta {
  if (want === undefined) return have?.exists ? removal(have, context) : NO_DELTA;
  if (!have?.exists) return creation(want, context);
  const asked = context.paths ?? Object.keys(want.parts);
  const paths = have.same ? [] : asked.filter((path) => want.parts[path]?.digest !== have.parts[path]?.digest);
  const drop = (context.drop ?? []).filter((path) => have.parts[path] !== undefined);
  return paths.length === 0 && drop.length === 0 ? NO_DELTA : update(want, have, { ...context, paths, drop });
}

function creation(want: Desired<ConfigProps>, { paths }: DiffContext): Delta {
  const { props } = want;
  const shown = (paths ?? Object.keys(want.parts)).filter(
    (path) => path.startsWith("/") || path === "" || path === BLOCK,
  );
  const changes = shown.map((path): Change => {
    const part = want.parts[path];
    return { path, before: null, after: part?.value ?? part?.digest ?? null };
  });
  const whole: Change = { path: "", before: null, after: props.json ?? null };
  const patch = props.json
    ? [{ op: "add" as const, path: "", value: maskedJson(props.json) }]
    : newText(props.target, props.text);
  return { ...NO_DELTA, changes: changes.length === 0 ? [whole] : changes, patch, reason: "the file is missing" };
}

/** The unified diff of a new file, which needs no comparison. */
function newText(target: string, text: string): string {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const end = text === "" || text.endsWith("\n") ? "" : "\n\\ No newline at end of file";
  return `--- /dev/null\n+++ b/${target}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join("\n")}${end}\n`;
}

function update(
  want: Desired<ConfigProps>,
  have: Observed<ConfigSeen>,
  context: DiffContext & { readonly paths: readonly string[]; readonly drop: readonly string[] },
): Delta {
  const { paths, drop } = context;
  if (have.seen.unreadable && !have.seen.bytes) {
    return {
      ...creation(want, context),
      reason: have.seen.defect ?? "it cannot be read",
      impact: impactOf(paths, want.props),
    };
  }
  const explanation = explain(want, have, context);
  const mode = paths.includes(MODE) ? modeChange(want, have) : [];
  const changes = [...(explanation?.changes ?? []).filter((change) => change.path !== MODE), ...mode];
  const { before, after } = explanation?.documents ?? { before: null, after: null };
  const settings = isClientSettings(want.props.target);
  return {
    changes,
    ...(explanation && explanation.patch.length > 0 ? { patch: explanation.patch } : {}),
    reason: reasonOf({ want, have, paths, drop, lines: explanation?.lines ?? null }),
    strategy: "update",
    impact: impactOf([...paths, ...drop], want.props),
    loses: [],
    widens: settings ? widenings(before, after, context.fleet.hook.path) : [],
    disruptive: false,
  };
}

function modeChange(want: Desired<ConfigProps>, have: Observed<ConfigSeen>): Change[] {
  const before: Json = have.seen.mode === null ? null : octal(have.seen.mode);
  return [{ path: MODE, before, after: octal(want.props.mode) }];
}

function explain(
  want: Desired<ConfigProps>,
  have: Observed<ConfigSeen>,
  { fleet, paths, drop }: DiffContext & { readonly paths: readonly string[]; readonly drop: readonly string[] },
): Explanation | null {
  const { tools } = have.seen;
  if (!tools) throw new Error(`${want.address} differs, and its observation brought nothing to explain it with`);
  const { props } = want;
  if (props.merge === "keys") {
    const touched = [...paths, ...drop].filter((path) => path !== MODE);
    if (touched.length === 0) return null;
    return tools.explainKeys({
      job: { json: props.json, record: recordOf(have, drop), hookPath: fleet.hook.path, write: paths, drop },
      bytes: have.seen.bytes ?? Buffer.alloc(0),
      before: tools.shownValues(have.parts, touched),
      after: tools.shownValues(
        want.parts,
        paths.filter((path) => path !== MODE),
      ),
    });
  }
  const path = props.merge === "whole" ? "" : BLOCK;
  if (!paths.includes(path)) return null;
  const before = have.seen.bytes ?? Buffer.alloc(0);
  return tools.explainText({ name: props.target, path, before, text: path === "" ? props.text : (props.block ?? "") });
}

/** The parts that go are ours: as a record they keep a dropped hook from being taken for a stray. */
function recordOf(have: Observed<ConfigSeen>, drop: readonly string[]) {
  const parts = Object.fromEntries(drop.map((path) => [path, have.parts[path]?.digest ?? ""]));
  return { parts, portable: false, at: "" };
}

function removal(have: Observed<ConfigSeen>, { fleet }: DiffContext): Delta {
  const paths = Object.keys(have.parts);
  const target = have.address.split("/").slice(2).join("/");
  const { tools, bytes } = have.seen;
  const changes = paths.map((path): Change => {
    const part = have.parts[path];
    return { path, before: part?.value ?? part?.digest ?? null, after: null };
  });
  const before: JsonObject | null = tools && bytes && isClientSettings(target) ? tools.documentOf(bytes) : null;
  const drop = paths.filter((path) => path.startsWith("/"));
  return {
    ...NO_DELTA,
    changes: changes.length === 0 ? [{ path: "", before: have.digest, after: null }] : changes,
    reason:
      drop.length > 0
        ? `${count(drop.length, "key")} of ours and, if nothing else is in it, the file`
        : "no longer desired",
    strategy: "replace",
    impact: impactOf(paths, { target }),
    widens: widenings(before, null, fleet.hook.path),
  };
}

/** What the client re-reads by itself, and what it reads only when it starts. */
function impactOf(paths: readonly string[], { target }: Pick<ConfigProps, "target">): Impact {
  if (paths.every((path) => path === MODE)) return "none";
  const live = (path: string): boolean =>
    path.startsWith("/hooks") ||
    path.startsWith("/permissions") ||
    ["/disableAllHooks", SYNTAX, CLIENT, WIDENING, MODE].includes(path);
  return isClientSettings(target) && paths.every(live) ? "reload" : "restart-when-idle";
}

function reasonOf(options: {
  readonly want: Desired<ConfigProps>;
  readonly have: Observed<ConfigSeen>;
  readonly paths: readonly string[];
  readonly drop: readonly string[];
  readonly lines: number | null;
}): string {
  const { want, have, paths, drop, lines } = options;
  if (have.seen.defect !== undefined) return have.seen.defect;
  const { props } = want;
  const content = paths.filter((path) => path !== MODE);
  if (content.length === 0 && drop.length === 0) return `its mode is ${octal(have.seen.mode ?? 0)}`;
  if (props.merge !== "keys") {
    const name = props.target.split("/").at(-1) ?? props.target;
    const what = props.merge === "block" ? `the block in ${name}` : name;
    if (props.merge === "block" && have.parts[BLOCK] === undefined) return `${what} is missing`;
    return lines === null ? `${what} differs` : `${what} differs: ${count(lines, "line")}`;
  }
  return keysReason({ content, drop, have });
}

function keysReason({
  content,
  drop,
  have,
}: {
  readonly content: readonly string[];
  readonly drop: readonly string[];
  readonly have: Observed<ConfigSeen>;
}): string {
  const refused = have.parts[CLIENT]?.value;
  if (content.includes(CLIENT) && Array.isArray(refused))
    return `the client will ignore this file: ${String(refused[0])}`;
  const wide = have.parts[WIDENING]?.value;
  if (content.includes(WIDENING) && Array.isArray(wide)) return `something foreign widens it: ${String(wide[0])}`;
  const missing = content.filter((path) => have.parts[path] === undefined);
  const other = content.filter((path) => have.parts[path] !== undefined);
  return [
    missing.length > 0 ? `${listed(missing)} ${missing.length === 1 ? "is" : "are"} missing` : "",
    other.length > 0 ? `${listed(other)} ${other.length === 1 ? "differs" : "differ"}` : "",
    drop.length > 0 ? `${listed(drop)} ${drop.length === 1 ? "is" : "are"} no longer wanted` : "",
  ]
    .filter((clause) => clause !== "")
    .join(", ");
}

function listed(paths: readonly string[]): string {
  const [first = "", second, ...more] = paths;
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first} and ${paths.length - 1} more keys`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
