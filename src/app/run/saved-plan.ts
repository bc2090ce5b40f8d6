// Saved plans: written for review, applied as they are or not at all.

import { isTooDeep } from "../../delta/depth.ts";
import { canonicalJson, digestBytes } from "../../delta/digest.ts";
import { settle } from "../../engine/settle.ts";
import { RefusedPlanError, StalePlanError } from "../../model/errors.ts";
import { type Json, pointerTokens, RESERVED_KEYS } from "../../model/json.ts";
import type { PatchOperation, Plan } from "../../model/plan.ts";
import { converge, type Planned, type PlanRequest, plan } from "../../reconcile.ts";
import type { SavedPlan } from "../../report/plan-schema.ts";
import type { Project } from "../project.ts";
import { type AllowanceFlags, allowanceOf, requestedScope, type ScopeFlags } from "../request.ts";
import { planReconnected } from "../session/reconnect.ts";
import { refuseWithin } from "../session/within-session.ts";
import {
  type Converged,
  type ConvergeFlags,
  hasWork,
  keepingSpec,
  noticing,
  refuseOutside,
  runWithoutWork,
  withoutReadyWait,
} from "./converge.ts";
import { locked, type Writing } from "./transaction.ts";

interface Save {
  readonly plan: Plan;
  readonly agents: readonly string[];
  readonly flags: ScopeFlags & AllowanceFlags;
}

type SavedDocument = Plan & { readonly saved: { readonly scope: object; readonly integrity: string } };

/** The document of a saved plan: the plan with the options it was made with and a digest over all of it. */
export function savedPlanOf({ plan: document, agents, flags }: Save): SavedDocument {
  const scope = {
    agents: [...agents],
    filesOnly: flags.filesOnly ?? false,
    portable: flags.portable ?? false,
    ...(flags.only === undefined ? {} : { only: flags.only }),
    prune: flags.prune ?? false,
    overwrite: flags.overwrite ?? false,
    force: flags.force ?? false,
    ...(flags.allowDelete === undefined ? {} : { allowDelete: flags.allowDelete }),
  };
  const unsigned = { ...document, saved: { scope, integrity: "" } };
  return { ...document, saved: { scope, integrity: integrityOf(unsigned) } };
}

/** Over the parsed document as JSON gives it back, without the digest itself. */
function integrityOf(document: object): string {
  const plain = JSON.parse(
    JSON.stringify(document, (key, value) => (key === "integrity" || key === "sourceLine" ? undefined : value)),
  ) as Json;
  return digestBytes(canonicalJson(plain));
}

/** Reads a saved plan back. Refuses what is not one, what was changed, and paths that reach a prototype. */
export async function readSavedPlan(text: string, file: string): Promise<SavedPlan> {
  const { savedPlanSchema } = await import("../../report/plan-schema.ts");
  const hint = "make a new one: rollcall plan --out FILE";
  const refuse = (why: string) => new RefusedPlanError(`${file} ${why}`, { hint });
  if (isTooDeep(text)) throw refuse("is nested deeper than any plan");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new RefusedPlanError(`${file} is not JSON`, { cause, hint });
  }
  const result = savedPlanSchema.safeParse(parsed);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw refuse(`is not a saved plan of this version: ${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  const saved = result.data as SavedPlan;
  for (const action of saved.actions) {
    const paths = [
      ...action.changes.map((one) => one.path),
      ...(typeof action.patch === "string" ? [] : (action.patch ?? []).flatMap(pointersOf)),
    ];
    if (paths.some((path) => path.startsWith("/") && pointerTokens(path).some((token) => RESERVED_KEYS.has(token)))) {
      throw refuse(`has a path with a reserved name in ${action.address}`);
    }
  }
  if (integrityOf(saved) !== saved.saved.integrity) throw refuse("was changed after it was saved");
  return saved;
}

function pointersOf({ path, from }: PatchOperation): string[] {
  return from === undefined ? [path] : [path, from];
}

export interface ApplySaved {
  readonly project: Project;
  /** The saved plan's text, and the file's name as the person gave it. */
  readonly text: string;
  readonly file: string;
  readonly flags: Pick<ConvergeFlags, "keepGoing" | "lockTimeout" | "wait" | "allowOutside">;
  readonly stopping: () => boolean;
}

/** Applies a saved plan: under the lock all is looked at again, and anything that moved refuses the whole. Without work no lock is taken. */
export async function applySavedPlan(job: ApplySaved): Promise<Converged> {
  const { project, text, file, flags } = job;
  const saved = await readSavedPlan(text, file);
  if (saved.fleet !== project.fleet.name || saved.basis.root !== project.fleet.machine.folders.root) {
    throw new StalePlanError(`${file} is a plan of fleet ${saved.fleet} in ${saved.basis.root}, not of this one`, []);
  }
  refuseOutside(project, flags);
  const request = requestOf(saved, project);
  const locking = { command: `apply ${file}`, timeout: flags.lockTimeout };
  const unlocked = await planReconnected(project, { ...request, records: project.records() }, locking);
  refuseWithin(project, unlocked.steps);
  if (!hasWork(unlocked, project)) {
    refuseStale(saved, unlocked);
    return { run: runWithoutWork(unlocked), blind: unlocked.unknown.length > 0, overdue: false };
  }
  return locked(project, locking, (writing) => applyLocked(job, saved, writing));
}

/** What the plan was made from is asked again, all of it in the basis. */
function requestOf({ saved: { scope } }: SavedPlan, project: Project): Omit<PlanRequest, "records"> {
  const { fleet, kinds } = project;
  const flags = scope as ScopeFlags & AllowanceFlags & { readonly agents: readonly string[] };
  const allowed = allowanceOf(flags);
  return { fleet, kinds, scope: requestedScope(project, flags.agents, flags), allowed, wholeBasis: true };
}

async function applyLocked(job: ApplySaved, saved: SavedPlan, writing: Writing): Promise<Converged> {
  const { project, flags, stopping } = job;
  const { world } = writing;
  const { agents, portable } = saved.saved.scope;
  const keeping = agents.length === 0 && !portable ? keepingSpec(project, writing) : null;
  const { recorder } = keeping ?? writing;
  const made = requestOf(saved, project);
  const request = flags.wait === false ? { ...made, fleet: withoutReadyWait(made.fleet) } : made;
  const fresh = await plan({ ...request, records: recorder.records() }, world);
  refuseStale(saved, fresh);
  const { by } = project.caller;
  const emit = keeping ? noticing(keeping, project.caller.emit) : project.caller.emit;
  const { keepGoing } = flags;
  const asked = { ...request, wholeBasis: false, recorder, command: "apply", by, keepGoing, stopping, emit };
  const run =
    fresh.steps.length > 0
      ? await converge(fresh, asked, world)
      : { ...runWithoutWork(fresh), ...(await settle(fresh, asked, world)) };
  return { run, blind: fresh.unknown.length > 0, overdue: false };
}

/** Compares what the plan was made from with what is there now. */
function refuseStale(saved: SavedPlan, { plan: fresh }: Planned): void {
  const before = saved.basis;
  const now = fresh.basis;
  if (before.lineage !== now.lineage || before.serial !== now.serial) {
    throw new StalePlanError(
      `the plan is stale: it was made from record ${before.lineage}:${before.serial}, the record is now ${now.lineage}:${now.serial}`,
      [],
      "make a new plan",
    );
  }
  if (before.desired !== now.desired)
    throw new StalePlanError("the plan is stale: the spec has changed since", ["desired/"], "make a new plan");
  const addresses = new Set([...Object.keys(before.observed), ...Object.keys(now.observed)]);
  const moved = [...addresses].filter((address) => before.observed[address] !== now.observed[address]).sort();
  if (moved.length > 0)
    throw new StalePlanError(`the plan is stale: ${moved.join(", ")} moved since`, moved, "make a new plan");
  const actionsOf = (document: Plan) => canonicalJson(JSON.parse(JSON.stringify(document.actions)) as Json);
  if (actionsOf(saved) !== actionsOf(fresh))
    throw new StalePlanError("the plan is stale: what it would do is something else now", [], "make a new plan");
}
