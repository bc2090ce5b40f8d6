// A plan and a run as text for people: one line per action with its reason, the differences below, one summary line.
import type { Failure, Outcome, Run } from "../model/outcome.ts";
import {
  ACTION_SIGN,
  type Action,
  type Change,
  type Difference,
  type Plan,
  type PlanResult,
  type Summary,
} from "../model/plan.ts";
import { diagnosticsText } from "./diagnostics.ts";
import { costWords } from "./impact-text.ts";
import { visible, visibleLine } from "./redact.ts";
import type { Paint } from "./style.ts";

export interface TextOptions {
  readonly paint: Paint;
  /** Whole diffs, and every created thing by itself. */
  readonly verbose: boolean;
  /** What stands between the blocked addresses and what is desired. */
  readonly differences?: PlanResult["differences"];
}

const COLOURS = {
  create: "green",
  update: "yellow",
  replace: "yellow",
  delete: "red",
  adopt: "cyan",
  forget: "dim",
  archive: "cyan",
} as const;

/** More lines of one difference than this are cut, unless verbose. */
const DIFF_LINES = 24;
/** More creations than this are folded to one line per agent, unless verbose. */
const MANY_CREATIONS = 12;

/** The plan as text, without trailing newline. */
export function planText(plan: Plan, options: TextOptions): string {
  const blocks = [
    ...widened(plan, options),
    ...actionLines(plan, options),
    ...section(
      "deferred",
      plan.deferred.map((one) => [`${one.address}: ${one.reason}${costTail(one)}`, `since ${one.since}`]),
      options,
    ),
    ...blockedLines(plan, options),
    ...section(
      "held",
      plan.held.map((one) => [`${one.agent}: ${one.reason}`, `since ${one.since}; rollcall release ${one.agent}`]),
      options,
    ),
    ...orphanLines(plan, options),
    ...section(
      "unmanaged (left alone)",
      plan.unmanaged.map((one) => [one]),
      options,
    ),
  ];
  return [...blocks, summaryLine(plan)].join("\n");
}

/** `Plan: 3 to create, 1 to update; 2 blocked. Drift 1, pending 3.` */
export function summaryLine(plan: Plan): string {
  const counts = summaryWords(plan.summary);
  const held = plan.held.length > 0 ? ` (${plan.held.length} held aside)` : "";
  if (counts === "") return `No differences: ${plan.fleet} is as desired${held}.`;
  return `Plan: ${counts}. Drift ${plan.summary.drift}, pending ${plan.summary.pending}.`;
}

function summaryWords(summary: Summary): string {
  const words: [number, string][] = [
    [summary.widened, "WIDENED"],
    [summary.create, "to create"],
    [summary.update, "to update"],
    [summary.replace, "to replace"],
    [summary.delete, "to delete"],
    [summary.archive, "to archive"],
    [summary.adopt, "to adopt"],
    [summary.forget, "to forget"],
    [summary.deferred, "deferred"],
    [summary.blocked, "blocked"],
  ];
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

/** What widens stands first: nobody should have to find it among a hundred lines. */
function widened({ actions }: Plan, { paint }: TextOptions): string[] {
  const wide = actions.filter((action) => action.widens);
  if (wide.length === 0) return [];
  return [
    paint(["red", "bold"], "WIDENED: these changes permit more than before"),
    ...wide.map((action) => `  ${action.address}: ${visibleLine(action.reason)}`),
    "",
  ];
}

function actionLines({ actions }: Plan, options: TextOptions): string[] {
  const creations = actions.filter((action) => action.action === "create" && !action.widens);
  const fold = creations.length > MANY_CREATIONS && !options.verbose;
  const lines = fold ? foldedCreations(creations, options) : [];
  for (const action of actions) {
    if (fold && action.action === "create" && !action.widens) continue;
    lines.push(...actionText(action, options));
  }
  return lines.length > 0 ? [...lines, ""] : [];
}

function foldedCreations(creations: readonly Action[], { paint }: TextOptions): string[] {
  const byAgent = new Map<string, Action[]>();
  for (const action of creations) byAgent.set(action.agent, [...(byAgent.get(action.agent) ?? []), action]);
  return [...byAgent].map(([agent, list]) => {
    const kinds = [...new Set(list.map((action) => action.kind))].map(
      (kind) => `${list.filter((one) => one.kind === kind).length} ${kind}`,
    );
    const verdicts = [...new Set(list.map((action) => action.verdict))].join(", ");
    return `  ${paint("green", "+")} ${agent}: ${kinds.join(", ")} (${verdicts})`;
  });
}

/** ` [restart-when-idle; loses turn]`; nothing where it costs nothing. */
function costTail(costly: Pick<Action, "impact"> & Partial<Pick<Action, "loses">>): string {
  const cost = costWords(costly);
  return cost === "" ? "" : ` [${cost}]`;
}

/** One action: its line, and its differences indented below. */
function actionText(action: Action, options: TextOptions): string[] {
  const { paint } = options;
  const sign = paint(COLOURS[action.action], ACTION_SIGN[action.action]);
  const cost = costTail(action);
  const tail = cost === "" ? "" : paint("dim", cost);
  const head = `  ${sign} ${action.address} ${paint("bold", action.verdict)}: ${visibleLine(action.reason)}${tail}`;
  if (action.action === "create" || action.action === "forget") return [head];
  return [head, ...differences(action, options)];
}

/** What is blocked, why, the way out, and what would change if it were not. */
function blockedLines({ blocked }: Plan, options: TextOptions): string[] {
  if (blocked.length === 0) return [];
  const { paint } = options;
  const lines = blocked.flatMap((one) => {
    const difference = options.differences?.get(one.address);
    return [
      `  ${visibleLine(`${one.address} ${one.verdict}: ${one.reason}`)}`,
      paint("dim", `      ${visibleLine(one.hint)}`),
      ...(difference ? differences(difference, options) : []),
    ];
  });
  return [paint("bold", "blocked"), ...lines, ""];
}

function differences(action: Difference, options: TextOptions): string[] {
  const lines =
    typeof action.patch === "string"
      ? patchLines(action.patch, options)
      : action.changes.map((change) => changeLine(change, options));
  if (lines.length <= DIFF_LINES || options.verbose) return lines;
  return [...lines.slice(0, DIFF_LINES), `      … ${lines.length - DIFF_LINES} more lines (-v shows all)`];
}

function patchLines(patch: string, { paint }: TextOptions): string[] {
  const body = patch.replace(/\n$/, "").split("\n");
  return body
    .filter(
      (line) =>
        !line.startsWith("--- ") && !line.startsWith("+++ ") && !line.startsWith("Index: ") && !/^=+$/.test(line),
    )
    .map((line) => {
      const shown = `      ${visible(line)}`;
      if (line.startsWith("+")) return paint("green", shown);
      if (line.startsWith("-")) return paint("red", shown);
      return paint("dim", shown);
    });
}

function changeLine({ path, before, after }: Change, { paint }: TextOptions): string {
  const name = path === "" ? "content" : path;
  if (before === null && after !== null) return paint("green", `      + ${visibleLine(`${name}: ${value(after)}`)}`);
  if (before !== null && after === null) return paint("red", `      - ${visibleLine(`${name}: ${value(before)}`)}`);
  return `      ~ ${visibleLine(`${name}: ${value(before)} → ${value(after)}`)}`;
}

function value(json: Change["before"]): string {
  const text = JSON.stringify(json);
  return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}

function section(title: string, rows: readonly (readonly string[])[], { paint }: TextOptions): string[] {
  if (rows.length === 0) return [];
  const lines = rows.flatMap(([first = "", ...more]) => [
    `  ${visibleLine(first)}`,
    ...more.map((line) => paint("dim", `      ${visibleLine(line)}`)),
  ]);
  return [`${paint("bold", title)}`, ...lines, ""];
}

function orphanLines(plan: Plan, options: TextOptions): string[] {
  const doomed = new Set(plan.actions.filter((action) => action.action === "delete").map((action) => action.address));
  const left = plan.orphans.filter((address) => !doomed.has(address));
  return section(
    "orphans (ours, no longer desired; apply --prune deletes them)",
    left.map((one) => [one]),
    options,
  );
}

/** One finished action, for the progress of an apply. */
export function outcomeLine(
  outcome: Outcome,
  { done, total }: { done: number; total: number },
  { paint }: TextOptions,
): string {
  const colour = outcome.result === "done" ? "green" : outcome.result === "failed" ? "red" : "yellow";
  const counter = paint("dim", `[${String(done).padStart(String(total).length)}/${total}]`);
  const line = `${counter} ${paint(colour, outcome.result)} ${outcome.action} ${outcome.address}`;
  if (!outcome.error) return line;
  return `${line}: ${failureText(outcome.error)}`;
}

/** A failure with what its program last said, and what to do. */
export function failureText({ code, message, hint, output = [] }: Failure): string {
  const said = output.map((words) => `\n      | ${visibleLine(words)}`).join("");
  return `${code} ${visibleLine(message)}${said}${hint === undefined ? "" : visible(`\n      ${hint}`)}`;
}

/** What a run permits that was not permitted before it. */
export function widenedLines(outcomes: readonly Outcome[], { paint }: TextOptions): string[] {
  const wide = outcomes.filter((one) => one.widens !== undefined && one.widens.length > 0);
  if (wide.length === 0) return [];
  return [
    paint(["red", "bold"], "WIDENED: this run permits more than before"),
    ...wide.map((one) => `  ${one.address}: ${visibleLine((one.widens ?? []).join(", "))}`),
  ];
}

/** What became of a run, in one paragraph, and how many hooks were proven beside it. */
export function runText(run: Run, options: TextOptions): string {
  const { proven } = run;
  return proven === undefined ? outcomesText(run, options) : `${outcomesText(run, options)}\n${provenText(proven)}`;
}

function provenText(count: number): string {
  return `${count} ${count === 1 ? "hook" : "hooks"} proven.`;
}

function outcomesText(run: Run, options: TextOptions): string {
  const count = (result: Outcome["result"]) => run.outcomes.filter((one) => one.result === result).length;
  const healed = run.outcomes.filter((one) => one.result === "done" && one.corrective).length;
  const done = count("done");
  const parts = [`${done} done (${healed} corrective, ${done - healed} intended)`];
  for (const result of ["failed", "skipped", "deferred", "blocked"] as const)
    if (count(result) > 0) parts.push(`${count(result)} ${result}`);
  const { remaining } = run;
  if (run.outcomes.length === 0) return planText(remaining, options);
  const head = `Run ${run.id}: ${parts.join(", ")}.`;
  if (run.converged)
    return [
      ...widenedLines(run.outcomes, options),
      ...unsuccessful(run, options),
      `${head} ${options.paint("green", "Converged.")}`,
    ].join("\n");
  return [
    ...widenedLines(run.outcomes, options),
    ...unsuccessful(run, options),
    `${head} ${options.paint("yellow", "Not converged.")} What remains:`,
    planText(remaining, options),
  ].join("\n");
}

/** What failed or was blocked, with its reason where the plan of what remains does not tell it. */
function unsuccessful({ outcomes, remaining }: Run, options: TextOptions): string[] {
  const shown = new Set(remaining.blocked.map((one) => one.address));
  return outcomes.flatMap((outcome, index) =>
    (outcome.result === "failed" || outcome.result === "blocked") && !shown.has(outcome.address)
      ? [outcomeLine(outcome, { done: index + 1, total: outcomes.length }, options)]
      : [],
  );
}

/** Warnings and findings of a plan, for stderr. */
export function warningsText(plan: Plan, { paint }: TextOptions): string {
  return diagnosticsText(plan.warnings, paint);
}
