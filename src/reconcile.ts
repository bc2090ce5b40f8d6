// THE LOOP: desire, observe, judge, plan; and with a writer: journal, apply, record, observe again.
import { type Applied, apply, unrecorded } from "./engine/apply.ts";
import type { PlanInput } from "./engine/choice.ts";
import { judge, type Views } from "./engine/classify.ts";
import { markRecurringDrift } from "./engine/convergence-check.ts";
import { desire, within } from "./engine/desire.ts";
import { inspect, observe } from "./engine/observe.ts";
import { type Drafted, makePlan } from "./engine/plan.ts";
import { proofSteps } from "./engine/proof-steps.ts";
import { withRenames } from "./engine/rename.ts";
import type { Planned, PlanRequest, RunRequest } from "./engine/request.ts";
import { settleRecords } from "./engine/settle.ts";
import { isError } from "./model/diagnostic.ts";
import { SpecError } from "./model/errors.ts";
import { runEnded } from "./model/events.ts";
import type { Run } from "./model/outcome.ts";
import { type CommittedSpec, FORMAT_VERSION } from "./model/plan.ts";
import type { Reader, Writer } from "./model/world.ts";

export type { Planned, PlanRequest, RunRequest };

/** Looks and says what would be done. Handed a Reader, it cannot write. */
export async function plan(request: PlanRequest, world: Reader): Promise<Planned> {
  const { fleet, kinds, scope } = request;
  const renamed = withRenames(request.records, fleet);
  const { records } = renamed;
  const desired = request.kept ? within(request.kept, kinds, scope) : desire(fleet, kinds, scope);
  if (desired.diagnostics.some(isError)) throw new SpecError(desired.diagnostics);
  const input = { desired, records, fleet, kinds, scope, world };
  const observed = await observe(input);
  const moved = renamed.repairs;
  const first = draft(request, { desired, observed, records, moved }, world);
  if (first.disturbs.size + first.gains.size === 0) return first;
  // Costly questions, asked only about a plan that depends on the answer: is it busy, and is the spec committed?
  const closer = first.disturbs.size === 0 ? observed : await inspect(first.disturbs, observed, input);
  const spec = first.gains.size === 0 ? undefined : await committed(request);
  return draft({ ...request, spec }, { desired, observed: closer, records, moved }, world);
}

function draft(request: PlanRequest & Pick<PlanInput, "spec">, views: Views, world: Reader): Planned {
  const { desired, observed, records, moved } = views;
  const judged = judge(views);
  const warnings = [...request.fleet.warnings, ...desired.diagnostics, ...observed.warnings];
  const now = new Date(world.now()).toISOString();
  return { ...makePlan({ ...request, records, moved, judged, unmanaged: observed.unmanaged, warnings, now }), judged };
}

async function committed(request: PlanRequest): Promise<CommittedSpec> {
  return (await request.committed?.()) ?? { committed: false, reason: "nothing says that it is" };
}

/**
 * Does what was planned, records it, and looks again: what remains is part of the run's document. UnrecordedError: it
 * was done, and then something of the rest failed.
 */
export async function converge(planned: Planned, request: RunRequest, world: Writer): Promise<Run> {
  const { recorder, command, by, emit } = request;
  const proofs = proofSteps(planned.judged, { ...request, records: recorder.records() });
  recorder.begin({ id: world.run, command, steps: planned.steps });
  emit({ event: "run-started", run: world.run, command, by, steps: planned.steps.length });
  const applied = await apply({ ...request, steps: [...proofs, ...planned.steps], world });
  try {
    return await record(planned, applied, request, world);
  } catch (error) {
    throw unrecorded(error, applied.outcomes);
  }
}

async function record(planned: Planned, applied: Applied, request: RunRequest, world: Writer): Promise<Run> {
  const { outcomes, repairs, proven } = applied;
  const { recorder } = request;
  await recorder.commit([...planned.repairs, ...repairs]);
  world.files.forget();
  const remaining = await plan({ ...request, records: recorder.records() }, world);
  await settleRecords(remaining, request);
  const converged = isConverged(remaining) && outcomes.every(({ result }) => result !== "failed");
  const certified = markRecurringDrift({ remaining: remaining.plan, judged: remaining.judged, outcomes });
  const head = { kind: "run", formatVersion: FORMAT_VERSION, id: world.run } as const;
  const run: Run = { ...head, outcomes, ...(proven > 0 && { proven }), converged, remaining: certified };
  await recorder.end(run);
  request.emit(runEnded(run));
  return run;
}

/** Nothing left to do, nothing put off, nothing in the way. */
export function isConverged({ plan: { actions, deferred, blocked } }: Pick<Drafted, "plan">): boolean {
  return actions.length === 0 && deferred.length === 0 && blocked.length === 0;
}
