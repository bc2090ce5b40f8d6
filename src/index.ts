// The public interface for programs: the loop, the contract of a kind, and the documents that come out.
export { scopeOf } from "./engine/scope.ts";
export type {
  Attachable,
  Capabilities,
  Explainable,
  Markable,
  Monitored,
  Permissive,
  Provable,
  Readable,
  Reconnectable,
  Restartable,
} from "./model/capabilities.ts";
export type { Delta, Kind, Observation, PutJob, Query, RemoveJob } from "./model/kind.ts";
export { defineKind } from "./model/kind.ts";
export type { Outcome, Run } from "./model/outcome.ts";
export type { Action, Blocked, Deferred, Plan } from "./model/plan.ts";
export type { Recorder } from "./model/recorder.ts";
export type { Desired, Observed, Recorded, Records } from "./model/resource.ts";
export type { Settled } from "./model/settled.ts";
export type { Reader, Writer } from "./model/world.ts";
export { converge, isConverged, type Planned, type PlanRequest, plan, type RunRequest } from "./reconcile.ts";
