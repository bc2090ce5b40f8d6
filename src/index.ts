// The public interface for programs: a project to plan and apply, the loop, the contract of a kind, and the documents.
import { hostname } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import type { Caller } from "./app/caller.ts";
import { hostProcessOf } from "./app/host-process.ts";
import { type Opening, openProject as open, type Project } from "./app/project.ts";
import { type Converged, convergeUnderLock, planRequest, refuseOutside } from "./app/run/converge.ts";
import { planReconnected } from "./app/session/reconnect.ts";
import { statusOf } from "./app/status.ts";
import type { Emit } from "./model/events.ts";
import type { Fleet } from "./model/fleet.ts";
import type { Kind } from "./model/kind.ts";
import type { Run } from "./model/outcome.ts";
import type { Plan } from "./model/plan.ts";
import { plan } from "./reconcile.ts";
import type { Status } from "./report/status.ts";

export { digestBytes, digestParts } from "./delta/digest.ts";
export { type Scope, type ScopeOptions, scopeOf } from "./engine/scope.ts";
export { type Address, address } from "./model/address.ts";
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
export type { Diagnostic } from "./model/diagnostic.ts";
export { LockedError, NoProjectError, RollcallError, SpecError } from "./model/errors.ts";
export type { Emit, RunEvent } from "./model/events.ts";
export type { Agent, Fleet } from "./model/fleet.ts";
export type { Json } from "./model/json.ts";
export type { Delta, Kind, Observation, PutJob, Query, RemoveJob } from "./model/kind.ts";
export { defineKind, NO_DELTA } from "./model/kind.ts";
export type { Outcome, Run } from "./model/outcome.ts";
export type { Action, ActionName, Blocked, Change, Deferred, Impact, Plan, Summary } from "./model/plan.ts";
export type { Recorder } from "./model/recorder.ts";
export type { Desired, Observed, Recorded, Records } from "./model/resource.ts";
export type { Settle, Settled } from "./model/settled.ts";
export type { Verdict } from "./model/verdict.ts";
export type { Reader, Writer } from "./model/world.ts";
export { converge, isConverged, type Planned, type PlanRequest, plan, type RunRequest } from "./reconcile.ts";
export type { AgentStatus, Status } from "./report/status.ts";

/** The name under which other runs see this one in the lock. */
const COMMAND = "api";

/** Where a project is looked for, and what is added to it. */
export interface OpenOptions {
  /** The project's folder or one below it. Default: the current folder. */
  readonly folder?: string;
  /** A configuration file to use instead of the one that is found. */
  readonly config?: string;
  /** Environment variables, as the command line would see them. Default: those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kinds of your own (see `defineKind`), after the built-in ones. */
  readonly kinds?: readonly Kind[];
  /** Is given the events of runs and notes for a person, in order. Default: they are dropped. Must not throw. */
  readonly onEvent?: Emit;
}

/** What a plan looks at, and what it may propose. The names are those of the command line's options. */
export interface PlanOptions {
  /** Agents by name. Default: all. */
  readonly agents?: readonly string[];
  /** One kind by name: `config`, `hook`, `session`, `retired`. */
  readonly only?: string;
  /** No sessions, no call to tmux. */
  readonly filesOnly?: boolean;
  /** Only what a clone holds: no sessions and no `*.local.*` files. */
  readonly portable?: boolean;
  /** Also delete what the registry no longer has. */
  readonly prune?: boolean;
  /** Overwrite conflicting and unowned files. What was there is kept as a before-image. */
  readonly overwrite?: boolean;
  /** Also end sessions that are busy, waiting or attached. */
  readonly force?: boolean;
  /** Up to so many agents may be deleted, whatever the prune budget says. */
  readonly allowDelete?: number;
  /** As `rollcall reconcile`: what would give an agent more rights needs a committed spec, and backoff is obeyed. */
  readonly unattended?: boolean;
}

/** How a plan is applied. */
export interface ApplyOptions extends PlanOptions {
  /** Do not stop after several failures. What depends on a failed step is skipped either way. Default: false. */
  readonly keepGoing?: boolean;
  /** Seconds to wait for another run's lock. Default: 0. */
  readonly lockTimeout?: number;
  /** Seconds to wait for busy agents. Default: 0, they stay deferred. */
  readonly maxWait?: number;
  /** The agents folder may be outside of the project. */
  readonly allowOutside?: boolean;
  /** Ends the run after the step in hand. */
  readonly signal?: AbortSignal;
}

/** A project. Each call reads the spec, the files and the records as they are at that moment. */
export interface FleetProject {
  /** What the registry and the templates said when the project was opened. */
  readonly fleet: Fleet;
  /** The built-in kinds, then those that were added. */
  readonly kinds: readonly Kind[];
  /** Looks and says what would be done. Writes nothing. */
  plan(options?: PlanOptions): Promise<Plan>;
  /** Every agent on two axes, sync and health. Writes nothing. */
  status(options?: Pick<PlanOptions, "agents" | "only" | "filesOnly" | "portable">): Promise<Status>;
  /**
   * Plans again under the project's lock, does it, records it, and looks again. Throws `LockedError` while another run
   * holds the lock; what failed or was left is part of the run.
   */
  apply(options?: ApplyOptions): Promise<Run>;
}

/** Opens the project of a folder. Throws `SpecError` with everything that is wrong in its spec, `NoProjectError` without one. */
export async function openProject(options: OpenOptions = {}): Promise<FleetProject> {
  const added = options.kinds ?? [];
  // What an earlier apply kept of the spec knows nothing of kinds that are added here.
  const look = (): Promise<Project> => openWith(options, { mayUseCache: added.length === 0 });
  const { fleet, kinds } = await look();
  return {
    fleet,
    kinds,
    async plan(flags = {}) {
      const project = await look();
      const request = planRequest(project, flags, flags.agents ?? []);
      return (await plan({ ...request, kept: project.compiled.desired }, project.reader)).plan;
    },
    async status(flags = {}) {
      return statusOf(await look(), flags.agents ?? [], flags);
    },
    async apply(flags = {}) {
      return (await applied(await openWith(options, { mayUseCache: false }), flags)).run;
    },
  };
}

async function openWith(options: OpenOptions, opening: Opening): Promise<Project> {
  const project = await open(callerOf(options), opening);
  return { ...project, kinds: [...project.kinds, ...(options.kinds ?? [])] };
}

async function applied(project: Project, flags: ApplyOptions): Promise<Converged> {
  const { agents = [], signal, keepGoing = false, lockTimeout = 0, maxWait = 0 } = flags;
  refuseOutside(project, flags);
  const request = planRequest(project, flags, agents);
  await planReconnected(project, request, { command: COMMAND, timeout: lockTimeout });
  return convergeUnderLock({
    project,
    request,
    flags: { ...flags, keepGoing, lockTimeout, maxWait },
    command: COMMAND,
    keepsSpec: agents.length === 0 && flags.portable !== true,
    stopping: () => signal?.aborted ?? false,
  });
}

function callerOf({ folder, config, env, onEvent }: OpenOptions): Caller {
  return {
    cwd: resolve(folder ?? process.cwd()),
    env: env ?? ownEnvironment(),
    ...(config === undefined ? {} : { config }),
    cache: true,
    atTerminal: false,
    by: "cli",
    process: hostProcessOf(process, hostname()),
    emit: onEvent ?? (() => {}),
  };
}

function ownEnvironment(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(set);
}
