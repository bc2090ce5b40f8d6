// The counts of a plan: one number per action, and what the two axes, drift and pending, amount to.
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Action, Blocked, Deferred, Held, Summary } from "../model/plan.ts";
import { DRIFT, PENDING } from "../model/verdict.ts";
import type { Classified } from "./classify.ts";

interface Counted {
  readonly actions: readonly Action[];
  readonly blocked: readonly Blocked[];
  readonly deferred: readonly Deferred[];
  readonly warnings: readonly Diagnostic[];
  readonly judged: readonly Classified[];
  readonly held: readonly Held[];
}

/** Counts a plan. Held agents never count; neither do orphans that stay. */
export function summarize({ actions, blocked, deferred, warnings, judged, held }: Counted): Summary {
  const left = new Set(held.map((one) => one.agent));
  const counted = judged.filter((one) => one.want && !left.has(one.agent) && one.have?.unknown === undefined);
  const of = (name: Action["action"]) => actions.filter((action) => action.action === name).length;
  return {
    create: of("create"),
    update: of("update"),
    replace: of("replace"),
    delete: of("delete"),
    adopt: of("adopt"),
    forget: of("forget"),
    archive: of("archive"),
    blocked: blocked.length,
    deferred: deferred.length,
    widened:
      actions.filter((action) => action.widens).length +
      warnings.filter((one) => one.message.startsWith("WIDENED")).length,
    drift: counted.filter((one) => DRIFT.has(one.verdict)).length,
    pending: counted.filter((one) => PENDING.has(one.verdict)).length,
  };
}
