// An undo as a plan document, with the present state as its basis: what is put back, and what is in the way of it.
import { relative } from "node:path";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { parseAddress } from "../../model/address.ts";
import { ACTIONS, type Action, type Blocked, type Plan } from "../../model/plan.ts";
import { plan } from "../../reconcile.ts";
import type { Project } from "../project.ts";
import { planRequest } from "../run/converge.ts";
import type { UndoFile, Undoing, UndoMove } from "./plan.ts";
import { gainsOf } from "./restore.ts";

/** What gives more rights than there are now is marked so, and says which. */
export async function undoDocument(project: Project, run: RunRecord, undoing: Undoing): Promise<Plan> {
  const now = await plan(planRequest(project, { filesOnly: true }, []), project.reader);
  const items = [...undoing.files, ...undoing.moves].sort((a, b) => (a.address < b.address ? -1 : 1));
  const { root } = project.fleet.machine.folders;
  const actions = items
    .filter((one) => !one.obstacle)
    .map((one): Action => {
      const gains = "to" in one ? [] : gainsOf(one, project);
      const action = actionOf(one, run, root);
      return gains.length === 0
        ? action
        : { ...action, widens: true, reason: `${action.reason} (${gains.join(", ")})` };
    });
  const blocked: Blocked[] = items.flatMap((one) =>
    one.obstacle ? [{ address: one.address, verdict: "conflicting" as const, ...one.obstacle }] : [],
  );
  const summary = summaryOf(actions, blocked);
  return { ...now.plan, actions, blocked, deferred: [], held: [], orphans: [], unmanaged: [], warnings: [], summary };
}

function summaryOf(actions: readonly Action[], blocked: readonly Blocked[]): Plan["summary"] {
  const counts = Object.fromEntries(
    ACTIONS.map((name) => [name, actions.filter((one) => one.action === name).length]),
  ) as Record<(typeof ACTIONS)[number], number>;
  const widened = actions.filter((one) => one.widens).length;
  return { ...counts, blocked: blocked.length, deferred: 0, widened, drift: 0, pending: 0 };
}

function actionOf(one: UndoFile | UndoMove, run: RunRecord, root: string): Action {
  const { kind = "", agent = "-" } = parseAddress(one.address) ?? {};
  const base = { address: one.address, kind, agent, verdict: "pending" as const, impact: "none" as const, loses: [] };
  if ("to" in one)
    return {
      ...base,
      action: "update",
      reason: `run ${run.id} took it away; it is moved back as it is`,
      changes: [{ path: "", before: relative(root, one.from), after: relative(root, one.to) }],
    };
  const changes = [{ path: "", before: one.left, after: one.before === null ? null : "as before the run" }];
  if (one.before === null) return { ...base, action: "delete", reason: `run ${run.id} made it`, changes };
  return {
    ...base,
    action: one.left === null ? "create" : "update",
    reason: `as it was before run ${run.id}`,
    changes,
  };
}
