// What the loop is asked for: a plan, or a run.
import type { Emit, RunSource } from "../model/events.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Kind } from "../model/kind.ts";
import type { CommittedSpec } from "../model/plan.ts";
import type { Recorder } from "../model/recorder.ts";
import type { Desired, Records } from "../model/resource.ts";
import type { Classified } from "./classify.ts";
import type { Allowance } from "./guard.ts";
import type { Drafted } from "./plan.ts";
import type { Scope } from "./scope.ts";

export interface PlanRequest {
  readonly fleet: Fleet;
  readonly kinds: readonly Kind[];
  readonly scope: Scope;
  readonly allowed: Allowance;
  readonly records: Records;
  readonly wholeBasis: boolean;
  /** The desired resources of this very fleet, sorted by address, where they are known from an earlier run. */
  readonly kept?: readonly Desired[] | undefined;
  /** Asked only when an unattended run would give an agent more rights. */
  readonly committed?: () => Promise<CommittedSpec>;
}

export interface RunRequest extends Omit<PlanRequest, "records"> {
  readonly recorder: Recorder;
  readonly command: string;
  readonly keepGoing: boolean;
  readonly stopping: () => boolean;
  readonly by: RunSource;
  readonly emit: Emit;
}

/** A plan with the judgements it was made from. */
export interface Planned extends Drafted {
  readonly judged: readonly Classified[];
}
