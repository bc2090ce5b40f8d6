// Verdicts and limits become a plan: what to do with each resource, as a document and as steps. Pure.
import { type Address, compareAddress } from "../model/address.ts";
import type { Basis, Held, Plan, PlanResult } from "../model/plan.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import type { Draft, PlanInput } from "./choice.ts";
import type { Classified } from "./classify.ts";
import { Planner } from "./decide.ts";
import { pruneBudget } from "./guard.ts";
import { needsFirst } from "./order.ts";
import { deferPruneWhileLive } from "./prune-order.ts";
import { summarize } from "./summary.ts";

export interface Drafted extends PlanResult {
  /** Resources with live things that the plan would disturb: worth a closer look before it is believed. */
  readonly disturbs: ReadonlySet<Address>;
  /** Resources that would give an agent more rights: done only when the spec is committed. */
  readonly gains: ReadonlySet<Address>;
  /** Resources that could not be looked at. */
  readonly unknown: readonly Address[];
}

/** Makes the plan. The order of the input does not matter. */
export function makePlan(input: PlanInput): Drafted {
  const draft: Draft = {
    steps: [],
    blocked: [],
    deferred: [],
    orphans: [],
    repairs: [...input.moved],
    unknown: [],
    disturbs: new Set(),
    gains: new Set(),
    differences: new Map(),
  };
  const chooser = new Planner(input, draft);
  const judged = [...input.judged].sort((a, b) => compareAddress(a.address, b.address));
  const held = heldAgents(judged, input.records);
  for (const one of needsFirst(judged)) if (!input.records.holds[one.agent]) chooser.choose(one);
  keepWithinBudget(draft, judged, input);
  deferPruneWhileLive(draft, input);
  const plan = document({ input, draft, held, judged });
  const { steps, repairs, disturbs, gains, unknown, differences } = draft;
  return { plan, steps, repairs, disturbs, gains, unknown, differences };
}

function heldAgents(judged: readonly Classified[], records: Records): Held[] {
  const seen = new Set(judged.map((one) => one.agent));
  return Object.entries(records.holds)
    .filter(([agent]) => seen.has(agent))
    .map(([agent, hold]) => ({ agent, reason: hold.reason, since: hold.since }))
    .sort((a, b) => compareAddress(a.agent, b.agent));
}

/** Over the budget no deletion is done at all: a broken registry must not delete a fleet piecemeal. */
function keepWithinBudget(draft: Draft, judged: readonly Classified[], input: PlanInput): void {
  const deletions = draft.steps.filter((step) => step.action.action === "delete");
  if (deletions.length === 0) return;
  const doomed = new Set(deletions.map((step) => step.action.address));
  const recorded = new Set(judged.filter((one) => one.record && one.agent !== "-").map((one) => one.agent));
  const budget = pruneBudget(
    judged.filter((one) => doomed.has(one.address)),
    recorded,
    input.fleet,
    input.allowed,
  );
  if (!budget.exceeded) return;
  for (const { action } of deletions) {
    draft.blocked.push({
      resource: action.address,
      address: action.address,
      verdict: action.verdict,
      reason: `deleting ${budget.agents} agents is over the budget of ${budget.allowed}`,
      hint: `if that is meant: --allow-delete ${budget.agents}`,
    });
  }
  const kept = draft.steps.filter((step) => !doomed.has(step.action.address));
  draft.steps.splice(0, draft.steps.length, ...kept);
}

function document({
  input,
  draft,
  held,
  judged,
}: {
  input: PlanInput;
  draft: Draft;
  held: readonly Held[];
  judged: readonly Classified[];
}): Plan {
  const actions = draft.steps.map((step) => step.action).sort((a, b) => compareAddress(a.address, b.address));
  const blocked = draft.blocked.sort((a, b) => compareAddress(a.address, b.address));
  const findings = judged.flatMap((one) => one.have?.diagnostics ?? []);
  const warnings = [...input.warnings, ...findings];
  return {
    kind: "plan",
    formatVersion: FORMAT_VERSION,
    fleet: input.fleet.name,
    basis: basis(input, judged),
    actions,
    deferred: draft.deferred.sort((a, b) => compareAddress(a.address, b.address)),
    blocked: blocked.map(({ resource: _, ...rest }) => rest),
    held,
    orphans: draft.orphans,
    unmanaged: foreignPaths(input),
    warnings,
    summary: summarize({ actions, blocked, deferred: draft.deferred, warnings, judged, held }),
  };
}

function basis(input: PlanInput, judged: readonly Classified[]): Basis {
  const observed: Record<Address, string> = {};
  for (const one of judged) {
    if (!input.wholeBasis && one.verdict === "in-sync") continue;
    observed[one.address] = one.have?.exists ? one.have.digest : "absent";
  }
  const { lineage, serial } = input.records;
  return { root: input.fleet.machine.folders.root, lineage, serial, desired: input.fleet.digest, observed };
}

/** What nobody declared, without the folders that hold things of ours: an orphan's folder is no stranger's. */
function foreignPaths({ unmanaged, records }: PlanInput): readonly string[] {
  if (unmanaged.length === 0) return unmanaged;
  const own = new Set([...records.addresses()].map((address) => records.get(address)?.at.split("/")[0]));
  // A name without a folder is a session's: what it has in common with a folder of ours means nothing.
  return unmanaged.filter((path) => !path.includes("/") || !own.has(path.slice(path.lastIndexOf("/") + 1)));
}
