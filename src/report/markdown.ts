// A plan or a run as Markdown, for the summary of a pull request's check.
import type { Run } from "../model/outcome.ts";
import { ACTION_SIGN, type Action, type Difference, type Plan, type PlanResult } from "../model/plan.ts";
import { costWords } from "./impact-text.ts";
import { visible, visibleLine } from "./redact.ts";
import { summaryLine } from "./text.ts";

/** A step summary may be 1 MiB; differences beyond this many characters in all are left out with a note. */
const DIFF_BUDGET = 400_000;

/** The plan as Markdown. */
export function planMarkdown(plan: Plan, differences?: PlanResult["differences"]): string {
  const parts = [`### Rollcall plan: ${cell(plan.fleet)}`, "", summaryLine(plan), ""];
  const wide = plan.actions.filter((action) => action.widens);
  if (wide.length > 0)
    parts.push(
      "> [!WARNING]",
      "> **WIDENED**: these changes permit more than before",
      ...wide.map((one) => `> - \`${code(one.address)}\`: ${cell(one.reason)}`),
      "",
    );
  if (plan.actions.length > 0)
    parts.push(...actionTable(plan.actions), "", ...folded(plan.actions.filter(({ action }) => action !== "create")));
  parts.push(
    ...list(
      "Blocked",
      plan.blocked.map((one) => `\`${code(one.address)}\` ${one.verdict}: ${cell(one.reason)} (${cell(one.hint)})`),
    ),
    ...folded([...(differences ?? [])].map(([address, difference]) => ({ address, ...difference }))),
  );
  parts.push(
    ...list(
      "Deferred",
      plan.deferred.map((one) => `\`${code(one.address)}\`: ${cell(one.reason)}`),
    ),
  );
  parts.push(
    ...list(
      "Held",
      plan.held.map((one) => `${cell(one.agent)}: ${cell(one.reason)}`),
    ),
  );
  parts.push(
    ...list(
      "Orphans",
      plan.orphans.map((one) => `\`${code(one)}\``),
    ),
  );
  parts.push(
    ...list(
      "Unmanaged",
      plan.unmanaged.map((one) => `\`${code(one)}\``),
    ),
  );
  parts.push(
    ...list(
      "Warnings",
      plan.warnings.map(
        (one) => `${one.code} ${cell(one.message)}${one.file === "" ? "" : ` (\`${code(one.file)}:${one.line}\`)`}`,
      ),
    ),
  );
  return `${parts.join("\n").trimEnd()}\n`;
}

/** A run as Markdown: corrective and intended changes counted apart, then what remains. */
export function runMarkdown(run: Run): string {
  const done = run.outcomes.filter((one) => one.result === "done");
  const corrective = done.filter((one) => one.corrective).length;
  const rows = run.outcomes.map(
    (one) =>
      `| \`${code(one.address)}\` | ${one.action} | ${one.result} | ${one.corrective ? "corrective" : "intended"} | ${cell(one.error?.message ?? "")} |`,
  );
  const parts = [
    `### Rollcall run ${run.id}: ${run.converged ? "converged" : "not converged"}`,
    "",
    `${done.length} done: ${corrective} corrective (drift healed), ${done.length - corrective} intended (the spec had changed).`,
    "",
  ];
  const wide = run.outcomes.filter((one) => one.widens !== undefined && one.widens.length > 0);
  parts.push(
    ...list(
      "WIDENED: this run permits more than before",
      wide.map((one) => `\`${code(one.address)}\`: ${cell((one.widens ?? []).join(", "))}`),
    ),
  );
  if (rows.length > 0) parts.push("| resource | action | result | why | error |", "|---|---|---|---|---|", ...rows, "");
  if (!run.converged) parts.push("#### What remains", "", planMarkdown(run.remaining));
  return `${parts.join("\n").trimEnd()}\n`;
}

function actionTable(actions: readonly Action[]): string[] {
  const rows = actions.map(
    (one) =>
      `| ${ACTION_SIGN[one.action]} ${one.action} | \`${code(one.address)}\` | ${one.verdict} | ${cell(one.reason)} | ${costWords(one) || "none"} |`,
  );
  return ["| action | resource | verdict | reason | impact |", "|---|---|---|---|---|", ...rows];
}

function folded(actions: readonly Shown[]): string[] {
  const parts: string[] = [];
  let budget = DIFF_BUDGET;
  for (const action of actions) {
    const text = differenceText(action);
    if (text === "") continue;
    budget -= text.length;
    if (budget < 0) return [...parts, "_More differences were left out: the summary would be too large._", ""];
    parts.push(
      `<details><summary><code>${html(action.address)}</code></summary>`,
      "",
      codeFence(text),
      "",
      "</details>",
      "",
    );
  }
  return parts;
}

type Shown = Difference & Pick<Action, "address">;

function differenceText(action: Difference): string {
  if (typeof action.patch === "string") return visible(action.patch);
  return action.changes
    .map(
      (one) =>
        `${visibleLine(one.path)}: ${visibleLine(JSON.stringify(one.before))} → ${visibleLine(JSON.stringify(one.after))}`,
    )
    .join("\n");
}

/** A fence longer than any run of backticks inside: no content can end it. */
function codeFence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const marks = "`".repeat(longest + 1);
  return `${marks}diff\n${text.trimEnd()}\n${marks}`;
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`#### ${title}`, "", ...items.map((item) => `- ${item}`), ""];
}

function html(text: string): string {
  return visibleLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Text in a table cell or list: no markup, no pipe, no mention. */
function cell(text: string): string {
  return html(text).replaceAll("|", "\\|").replaceAll("`", "\\`");
}

function code(text: string): string {
  return visibleLine(text).replaceAll("`", "'").replaceAll("|", "\\|");
}
