// The certificate of convergence: what was put right in this run and differs again is named as such, with its likely writer.
import type { Outcome } from "../model/outcome.ts";
import type { Action, Plan } from "../model/plan.ts";
import type { Classified } from "./classify.ts";

export interface ConvergenceCheck {
  readonly remaining: Plan;
  readonly judged: readonly Classified[];
  readonly outcomes: readonly Outcome[];
}

/** The plan of what remains, where a difference that came back says so, with the field and both values. */
export function markRecurringDrift({ remaining, judged, outcomes }: ConvergenceCheck): Plan {
  const done = new Set(outcomes.filter((one) => one.result === "done").map((one) => one.address));
  if (!remaining.actions.some((action) => done.has(action.address))) return remaining;
  const live = new Set(judged.filter((one) => one.have?.live).map((one) => one.agent));
  return {
    ...remaining,
    actions: remaining.actions.map((action) => (done.has(action.address) ? cameBack(action, live) : action)),
  };
}

function cameBack(action: Action, live: ReadonlySet<string>): Action {
  const writer = live.has(action.agent)
    ? "the agent's own client, which is running"
    : "another program, or a second Rollcall";
  const fields = action.changes
    .slice(0, 3)
    .map((one) => `${one.path === "" ? "content" : one.path} is ${short(one.before)}, we wrote ${short(one.after)}`);
  return {
    ...action,
    reason: `it came back after this run wrote it (likely by ${writer}): ${fields.join("; ") || action.reason}`,
  };
}

function short(value: Action["changes"][number]["before"]): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
