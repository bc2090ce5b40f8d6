// The executor: wave by wave, kind by kind, the steps of a plan are done. A failure stops only what depends on it.
import type { Address } from "../model/address.ts";
import { RollcallError, UnrecordedError } from "../model/errors.ts";
import type { Emit } from "../model/events.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Kind, PutJob, RemoveJob } from "../model/kind.ts";
import type { Failure, Outcome } from "../model/outcome.ts";
import type { RecordRepair, Step } from "../model/plan.ts";
import type { Settled } from "../model/settled.ts";
import { DRIFT } from "../model/verdict.ts";
import type { Writer } from "../model/world.ts";
import { waitingWords } from "./guard.ts";
import { isRemoval, waves } from "./order.ts";
import { recordAfter } from "./record.ts";

/** So many failures end a run without --keep-going: a full disk need not be met ten thousand times. */
const FAILURE_BRAKE = 5;

export interface ApplyInput {
  readonly steps: readonly Step[];
  readonly fleet: Fleet;
  readonly kinds: readonly Kind[];
  readonly world: Writer;
  readonly keepGoing: boolean;
  /** Asked before each wave and each kind: true ends the run after what is being done. */
  readonly stopping: () => boolean;
  readonly emit: Emit;
}

export interface Applied {
  readonly outcomes: readonly Outcome[];
  /** What is to be recorded for what was done. */
  readonly repairs: readonly RecordRepair[];
  /** How many steps proved what they were to prove. */
  readonly proven: number;
}

/** Does the steps. Never throws for what happens to a single resource: that is an outcome. */
export async function apply(input: ApplyInput): Promise<Applied> {
  const run = new Execution(input);
  for (const wave of waves(input.steps, input.kinds)) await run.wave(wave);
  return { outcomes: run.outcomes, repairs: run.repairs, proven: run.proven };
}

/** What an error is that came after actions were done: their journal is still there, and exit 5 says so. */
export function unrecorded(error: unknown, outcomes: readonly Outcome[]): unknown {
  const done = outcomes.filter(({ result }) => result === "done").length;
  if (!(error instanceof RollcallError) || done === 0) return error;
  const message = `${done} of ${outcomes.length} actions are done, but not yet recorded: ${error.message}`;
  const hint = "see to that, then run apply again: it records what was done and goes on";
  return new UnrecordedError(error.code, message, { cause: error, hint });
}

class Execution {
  readonly outcomes: Outcome[] = [];
  readonly repairs: RecordRepair[] = [];
  proven = 0;
  private readonly input: ApplyInput;
  private readonly fallen = new Set<Address>();
  private readonly fallenRemovals = new Set<string>();
  private readonly protectedAgents: ReadonlySet<string>;
  private failures = 0;

  constructor(input: ApplyInput) {
    this.input = input;
    this.protectedAgents = new Set(input.fleet.agents.filter((agent) => agent.protect).map((agent) => agent.name));
  }

  async wave(steps: readonly Step[]): Promise<void> {
    for (const kind of this.input.kinds) {
      const mine = steps.filter((step) => step.action.kind === kind.name && this.mayStart(step));
      if (mine.length > 0) await this.kind(kind, mine);
    }
  }

  private async kind(kind: Kind, steps: readonly Step[]): Promise<void> {
    const open = new Map(steps.map((step) => [step.action.address, step]));
    const settle = (settled: Settled) => {
      const step = open.get(settled.address);
      if (!step) return;
      open.delete(settled.address);
      this.settle(step, settled);
    };
    const { fleet, world } = this.input;
    try {
      for (const step of steps.filter((one) => one.action.action === "forget")) {
        settle({ address: step.action.address, result: "done", parts: {} });
      }
      const removals = steps.filter((step) => step.action.action === "delete").flatMap(removeJob);
      if (removals.length > 0) await kind.remove(removals, fleet, world, settle);
      const proofs = steps.flatMap(({ proves, want }) => (proves && want ? [want] : []));
      if (proofs.length > 0) await kind.capabilities.provable?.prove(proofs, fleet, world, settle, { each: false });
      const puts = steps.filter((step) => !isRemoval(step) && !step.proves).flatMap(putJob);
      if (puts.length > 0) await kind.put(puts, fleet, world, settle);
    } catch (error) {
      const failure = asFailure(error);
      for (const step of [...open.values()]) settle({ address: step.action.address, result: "failed", error: failure });
    }
    for (const step of [...open.values()]) {
      settle({
        address: step.action.address,
        result: "failed",
        error: { code: "E303", message: `the kind ${kind.name} did not say what became of it` },
      });
    }
  }

  private settle(step: Step, settled: Settled): void {
    const base = outcomeBase(step);
    switch (settled.result) {
      case "done":
        this.repairs.push(recordAfter(step, settled, this.protectedAgents.has(step.action.agent)));
        if (step.proves) this.proven++;
        else
          this.emitOutcome({ ...base, result: "done", ...(step.widens === undefined ? {} : { widens: step.widens }) });
        return;
      case "failed":
        this.failures++;
        this.fall(step);
        this.emitOutcome({ ...base, result: "failed", error: settled.error });
        return;
      case "blocked":
        this.fall(step);
        this.emitOutcome({
          ...base,
          result: "blocked",
          error: { code: "E321", message: settled.reason, hint: settled.hint },
        });
        return;
    }
  }

  private mayStart(step: Step): boolean {
    const reason = this.whyNot(step);
    if (reason === null) return true;
    this.fall(step);
    if (!step.proves) this.emitOutcome({ ...outcomeBase(step), ...reason });
    return false;
  }

  private whyNot(step: Step): Pick<Outcome, "result" | "error"> | null {
    if (this.input.stopping())
      return skipped({ code: "E322", message: "the run was interrupted before it", hint: "run apply again" });
    const needs = step.want?.needs.filter((address) => this.fallen.has(address)) ?? [];
    if (needs.length > 0 && step.want?.waits)
      return { result: "deferred", error: { code: "E323", message: waitingWords(needs) } };
    if (needs.length > 0) return skipped({ code: "E323", message: `it needs ${needs[0]}, which was not done` });
    if (isRemoval(step) && this.fallenRemovals.has(step.action.agent)) {
      const message = `something of ${step.action.agent} that goes first could not be removed`;
      return skipped({ code: "E323", message });
    }
    if (this.failures >= FAILURE_BRAKE && !this.input.keepGoing) {
      const message = `${this.failures} actions failed before it`;
      return skipped({ code: "E324", message, hint: "mend the cause, or --keep-going" });
    }
    return null;
  }

  private fall(step: Step): void {
    this.fallen.add(step.action.address);
    if (isRemoval(step)) this.fallenRemovals.add(step.action.agent);
  }

  private emitOutcome(outcome: Outcome): void {
    this.outcomes.push(outcome);
    const actions = this.input.steps.filter((step) => !step.proves).length;
    const { emit, world } = this.input;
    emit({
      event: "step",
      run: world.run,
      n: this.outcomes.length,
      of: Math.max(actions, this.outcomes.length),
      ...outcome,
    });
  }
}

const skipped = (error: Failure): Pick<Outcome, "result" | "error"> => ({ result: "skipped", error });

function outcomeBase({ action }: Step): Pick<Outcome, "address" | "action" | "corrective"> {
  return { address: action.address, action: action.action, corrective: DRIFT.has(action.verdict) };
}

function putJob({ want, have, record, write, drop }: Step): PutJob<unknown, unknown>[] {
  return want ? [{ want, have, record, write, drop }] : [];
}

function removeJob({ action, have, record }: Step): RemoveJob<unknown>[] {
  return have && record ? [{ address: action.address, have, record }] : [];
}

/** An error of the host or of the record, as an outcome's failure; anything else is a bug and passes through. */
function asFailure(error: unknown): Failure {
  if (!(error instanceof RollcallError)) throw error;
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
