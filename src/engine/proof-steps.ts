// What is as desired and has no valid proof here (after a clone, or an update of Node) is proven by the next apply.
import type { Kind } from "../model/kind.ts";
import type { Step } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import type { Classified } from "./classify.ts";

/** What is to be proven, as steps that change nothing: no part of a plan, and no action of a run unless they fail. */
export function proofSteps(
  judged: readonly Classified[],
  { kinds, records }: { readonly kinds: readonly Kind[]; readonly records: Pick<Records, "holds"> },
): readonly Step[] {
  const provable = new Map(kinds.map((kind) => [kind.name, kind.capabilities.provable]));
  return judged.flatMap(({ address, kind, agent, verdict, want, have, record }) => {
    if (verdict !== "in-sync" || !want || !have?.exists || records.holds[agent] !== undefined) return [];
    if (!provable.get(kind)?.isUnproven(want, have, record)) return [];
    const reason = "nothing proves here that it does its work";
    const nothing = { verdict, reason, impact: "none", loses: [], changes: [] } as const;
    const step = {
      want,
      have,
      ...(record === undefined ? {} : { record }),
      write: [],
      drop: [],
      proves: true as const,
    };
    return [{ ...step, action: { address, kind, agent, action: "update", ...nothing } }];
  });
}
