// What a change costs a live agent, as far as the engine knows more of it than the kind that makes the change. Pure.
import type { Delta, Kind } from "../model/kind.ts";
import type { Impact } from "../model/plan.ts";
import { DRIFT, type Verdict } from "../model/verdict.ts";
import type { Judged } from "./classify.ts";

/** Healing a file never restarts a session: the fingerprint is made of what is desired, and that has not changed. */
export function impactOf({ impact, disruptive }: Delta, verdict: Verdict): Impact {
  const restarts = impact === "restart-when-idle" || impact === "restart-now" || impact === "fresh-context";
  return restarts && !disruptive && DRIFT.has(verdict) ? "none" : impact;
}

/** Agents that were looked at and have nothing live: no change costs them anything. */
export function agentsWithoutLife({
  judged,
  kinds: all,
}: {
  readonly judged: readonly Judged[];
  readonly kinds: readonly Kind[];
}): ReadonlySet<string> {
  const live = new Set(judged.filter((one) => one.have?.live).map((one) => one.agent));
  const kinds = new Set(all.filter((kind) => kind.live).map((kind) => kind.name));
  const looked = judged.filter((one) => kinds.has(one.kind) && one.have?.unknown === undefined);
  return new Set(looked.map((one) => one.agent).filter((agent) => !live.has(agent)));
}
