// What a change costs a live agent, and whom it can cost nothing. Pure.
import type { Delta, Kind } from "../model/kind.ts";
import type { Impact } from "../model/plan.ts";
import { DRIFT, type Verdict } from "../model/verdict.ts";
import type { Classified } from "./classify.ts";

/** Healing a file never restarts a session: the fingerprint is made of what is desired, and that has not changed. */
export function impactOf({ impact, disruptive }: Delta, verdict: Verdict): Impact {
  const restarts = impact === "restart-when-idle" || impact === "restart-now" || impact === "fresh-context";
  return restarts && !disruptive && DRIFT.has(verdict) ? "none" : impact;
}

/** Agents that were looked at and have nothing live: no change costs them anything. */
export function agentsWithoutLife(judged: readonly Classified[], kinds: readonly Kind[]): ReadonlySet<string> {
  const live = new Set(judged.filter((one) => one.have?.live).map((one) => one.agent));
  const names = new Set(kinds.filter((kind) => kind.live).map((kind) => kind.name));
  const observed = judged.filter((one) => names.has(one.kind) && one.have?.unknown === undefined);
  return new Set(observed.map((one) => one.agent).filter((agent) => !live.has(agent)));
}
