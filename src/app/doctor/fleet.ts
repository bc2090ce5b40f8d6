// Checks of the fleet itself: what differs, what is held, which folders belong to nobody.
import { type CheckResult, counted, firstOf, info, ok, warning } from "./check-result.ts";
import { type DoctorContext, fleetIn, planIn, storeIn } from "./context.ts";

export function differences(context: DoctorContext): CheckResult {
  const { actions, blocked, deferred, summary } = planIn(context).plan;
  if (blocked.length > 0) {
    const details = firstOf(blocked.map((one) => `${one.address}: ${one.reason} (${one.hint})`));
    return warning(`${counted(blocked.length, "thing")} blocked`, "rollcall plan shows what each one needs", details);
  }
  if (actions.length > 0) {
    const details = firstOf(actions.map((one) => `${one.address}: ${one.verdict}`));
    const what = `${counted(actions.length, "difference")}, ${summary.drift} of them drift`;
    return warning(what, "rollcall plan shows them, rollcall apply converges", details);
  }
  if (deferred.length > 0) {
    const details = firstOf(deferred.map((one) => `${one.address}: ${one.reason}, since ${one.since}`));
    return info(
      `${counted(deferred.length, "change")} put off`,
      "made when the agent is idle, or at once with --force",
      details,
    );
  }
  return ok("all is as the registry says");
}

export function holds(context: DoctorContext): CheckResult {
  const held = Object.entries(storeIn(context).holds);
  if (held.length === 0) return ok("nobody is held");
  const details = firstOf(held.map(([agent, { reason, since, by }]) => `${agent}: ${reason} (${by}, since ${since})`));
  return info(`${counted(held.length, "agent")} held: no run touches them`, "rollcall release AGENT", details);
}

/** Folders below the agents folder that no agent of the registry has. */
export function folders(context: DoctorContext): CheckResult {
  const { plan } = planIn(context);
  const fleet = fleetIn(context);
  const leaving = plan.actions
    .filter((one) => one.kind === "retired")
    .map((one) => `${one.address}: to be ${one.action}d`);
  const { orphans, unmanaged } = plan;
  const details = firstOf([
    ...leaving,
    ...orphans.map((address) => `${address}: recorded, no longer in the registry`),
    ...unmanaged.map((path) => `${path}: nobody's`),
  ]);
  if (details.length === 0) return ok(`${counted(fleet.agents.length, "agent")} and nothing else`);
  const remedy = "retire folders in fleet.yaml, delete orphans with rollcall apply --prune, or leave them";
  return info(
    `${counted(leaving.length + orphans.length + unmanaged.length, "thing")} beside the agents`,
    remedy,
    details,
  );
}
