// THE LOOP: desire, observe, classify, plan — and, with a writer, journal, apply, record, observe again.
import { apply } from "./engine/apply.ts";
import type { PlanInput } from "./engine/choose.ts";
import { classify, type Judged } from "./engine/classify.ts";
import { type DesiredState, desire } from "./engine/desire.ts";
import type { Allowance } from "./engine/guard.ts";
import { inspect, type ObservedState, observe } from "./engine/observe.ts";
import { type Drafted, makePlan } from "./engine/plan.ts";
import type { Scope } from "./engine/scope.ts";
import { compareAddress, parseAddress } from "./model/address.ts";
import { isError } from "./model/diagnostic.ts";
import { SpecError } from "./model/errors.ts";
import type { Fleet } from "./model/fleet.ts";
import type { Kind } from "./model/kind.ts";
import type { Outcome, Run } from "./model/outcome.ts";
import { FORMAT_VERSION } from "./model/plan.ts";
import type { Recorder } from "./model/recorder.ts";
import type { Records } from "./model/resource.ts";
import type { Reader, Writer } from "./model/world.ts";

export interface PlanRequest {
  readonly fleet: Fleet;
  readonly kinds: readonly Kind[];
  readonly scope: Scope;
  readonly allowed: Allowance;
  readonly records: Records;
  readonly wholeBasis: boolean;
}

/** A plan with the judgements it was made from. */
export interface Planned extends Drafted {
  readonly judged: readonly Judged[];
}

/** Looks and says what would be done. Handed a Reader, it cannot write. */
export async function plan(request: PlanRequest, world: Reader): Promise<Planned> {
  const { fleet, kinds, scope, records } = request;
  const desired = desire(fleet, kinds, scope);
  if (desired.diagnostics.some(isError)) throw new SpecError(desired.diagnostics);
  const looking = { desired, records, fleet, kinds, scope, world };
  const observed = await observe(looking);
  const first = draft(request, { desired, observed }, world);
  if (first.disturbs.size === 0) return first;
  return draft(request, { desired, observed: await inspect(first.disturbs, observed, looking) }, world);
}

function draft(
  request: PlanRequest,
  views: { desired: DesiredState; observed: ObservedState },
  world: Reader,
): Planned {
  const { desired, observed } = views;
  const { records, allowed, fleet, kinds, wholeBasis } = request;
  const addresses = new Set([...desired.resources.keys(), ...observed.resources.keys()]);
  const judged = [...addresses].sort(compareAddress).map((address) => {
    const { kind = "", agent = "-" } = parseAddress(address) ?? {};
    const want = desired.resources.get(address);
    const have = observed.resources.get(address);
    return classify({
      address,
      kind,
      agent,
      want,
      have,
      record: records.get(address),
      unfinished: records.unfinished(address),
    });
  });
  const warnings = [...fleet.warnings, ...desired.diagnostics, ...observed.warnings];
  const now = new Date(world.now()).toISOString();
  const input: PlanInput = {
    fleet,
    judged,
    kinds,
    records,
    allowed,
    unmanaged: observed.unmanaged,
    warnings,
    now,
    wholeBasis,
  };
  return { ...makePlan(input), judged };
}

export interface RunRequest extends Omit<PlanRequest, "records"> {
  readonly recorder: Recorder;
  readonly command: string;
  readonly keepGoing: boolean;
  readonly stopping: () => boolean;
  readonly progress: (outcome: Outcome, done: number, total: number) => void;
}

/** Does what was planned, records it, and looks again: what remains is part of the run's document. */
export async function converge(planned: Planned, request: RunRequest, world: Writer): Promise<Run> {
  const { recorder, command, fleet, kinds, keepGoing, stopping, progress } = request;
  recorder.begin({ id: world.run, command, steps: planned.steps });
  const { outcomes, repairs } = await apply({
    steps: planned.steps,
    fleet,
    kinds,
    world,
    keepGoing,
    stopping,
    progress,
  });
  await recorder.commit([...planned.repairs, ...repairs]);
  world.files.forget();
  const remaining = await plan({ ...request, records: recorder.records() }, world);
  if (remaining.steps.length === 0 && remaining.repairs.length > 0) await recorder.commit(remaining.repairs);
  const run: Run = {
    kind: "run",
    formatVersion: FORMAT_VERSION,
    id: world.run,
    outcomes,
    converged: isConverged(remaining),
    remaining: remaining.plan,
  };
  await recorder.end(run);
  return run;
}

/** Nothing left to do, nothing put off, nothing in the way. */
export function isConverged({ plan: { actions, deferred, blocked } }: Pick<Drafted, "plan">): boolean {
  return actions.length === 0 && deferred.length === 0 && blocked.length === 0;
}
