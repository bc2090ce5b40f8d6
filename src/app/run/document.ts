// A run of the history as the document that its apply printed, made from what is kept of it.
import { basename } from "node:path";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { parseAddress } from "../../model/address.ts";
import type { Run } from "../../model/outcome.ts";
import { ACTIONS, type Action, type ActionName, FORMAT_VERSION, type Plan } from "../../model/plan.ts";
import type { Verdict } from "../../model/verdict.ts";

/** The document, with what else is kept of the run. `root`: the project's, absolute. */
export function runDocument(run: RunRecord, root: string): Run & Omit<RunRecord, "remaining"> {
  return { ...run, kind: "run", formatVersion: FORMAT_VERSION, remaining: run.remaining ?? unheardOf(run, root) };
}

/** Of a run that was killed its intents are known, and what became of none of them: all of them remain. */
function unheardOf(run: RunRecord, root: string): Plan {
  const settled = new Set(run.outcomes.map((one) => one.address));
  const actions = run.intents.filter((one) => !settled.has(one.address)).flatMap(actionOf);
  const of = (name: ActionName): number => actions.filter((one) => one.action === name).length;
  const counts = Object.fromEntries(ACTIONS.map((name) => [name, of(name)])) as Record<ActionName, number>;
  return {
    kind: "plan",
    formatVersion: FORMAT_VERSION,
    fleet: basename(root),
    basis: { root, lineage: "", serial: run.serial.after, desired: "", observed: {} },
    actions,
    deferred: [],
    blocked: [],
    held: [],
    orphans: [],
    unmanaged: [],
    warnings: [],
    summary: { ...counts, blocked: 0, deferred: 0, widened: 0, drift: 0, pending: actions.length },
  };
}

/** What an action was chosen for; a journal does not say it. */
const VERDICT: Readonly<Record<ActionName, Verdict>> = {
  create: "missing",
  update: "pending",
  replace: "pending",
  delete: "orphan",
  adopt: "unowned",
  forget: "gone",
  archive: "orphan",
};

function actionOf({ address, action: word, before, after }: RunRecord["intents"][number]): Action[] {
  const parts = parseAddress(address);
  const action = ACTIONS.find((one) => one === word);
  if (parts === null || action === undefined) return [];
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changes = paths.map((path) => ({ path, before: null, after: null }));
  const reason = "the run was killed before it said what became of it";
  const { kind, agent } = parts;
  return [{ address, kind, agent, action, verdict: VERDICT[action], reason, impact: "none", loses: [], changes }];
}
