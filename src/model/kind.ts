// The contract of a kind. Five verbs, one suite of laws (test/support/kind-laws.ts); the loop knows nothing else of a kind.
import type { Address } from "./address.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Agent, Fleet } from "./fleet.ts";
import type { JsonObject } from "./json.ts";
import type { Failure } from "./outcome.ts";
import type { Change, Impact, Patch } from "./plan.ts";
import type { Desired, Elsewhere, Loss, Observed, Recorded } from "./resource.ts";
import type { Reader, Writer } from "./world.ts";

/** One resource to look at: desired, recorded, or both. */
export interface Query<P> {
  readonly address: Address;
  readonly agent: string;
  readonly want?: Desired<P>;
  readonly record?: Recorded;
  /** Records of the same address on other tmux sockets (see Records.elsewhere). */
  readonly elsewhere?: readonly Elsewhere[];
}

export interface Observation<S> {
  readonly observed: readonly Observed<S>[];
  /** Things of this kind that nobody declared, as paths or names for `unmanaged`. */
  readonly unmanaged: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** What differs, for people and for the guards. Empty `changes` means: nothing to do. */
export interface Delta {
  readonly changes: readonly Change[];
  readonly patch?: Patch;
  /** One clause for the plan: "a key was removed: /model". */
  readonly reason: string;
  /** `archive` and `delete`: the desired state is that it is away. */
  readonly strategy: "update" | "replace" | "archive" | "delete";
  readonly impact: Impact;
  readonly loses: readonly Loss[];
  /** What the change permits that was not permitted before; non-empty = WIDENED. */
  readonly widens: readonly string[];
  /** Making it disturbs something live: the idle rule of the guards applies. */
  readonly disruptive: boolean;
  /** Something else would break by it: blocked until --force, when a person has looked. */
  readonly blockedUnlessForced?: { readonly reason: string; readonly hint: string };
}

/** Nothing differs, nothing is to be done; also what a difference without consequences starts from. */
export const NO_DELTA: Delta = {
  changes: [],
  reason: "",
  strategy: "update",
  impact: "none",
  loses: [],
  widens: [],
  disruptive: false,
};

export interface PutJob<P, S> {
  readonly want: Desired<P>;
  readonly have: Observed<S> | undefined;
  readonly record: Recorded | undefined;
  /** Part paths to bring to their desired content; others are left as they are. */
  readonly write: readonly string[];
  /** Part paths to take out when they still have the recorded value. */
  readonly drop: readonly string[];
}

export interface RemoveJob<S> {
  readonly address: Address;
  readonly have: Observed<S>;
  readonly record: Recorded;
}

export type Settled =
  | {
      readonly address: Address;
      readonly result: "done";
      /** Digests now in force for the parts written (and dropped ones left out). */
      readonly parts: Readonly<Record<string, string>>;
      /** Replaces the record's facts when given. */
      readonly facts?: JsonObject;
    }
  | { readonly address: Address; readonly result: "failed"; readonly error: Failure }
  /** What was planned on moved before we wrote: left alone. */
  | { readonly address: Address; readonly result: "blocked"; readonly reason: string; readonly hint: string };

export type Settle = (settled: Settled) => void;

const HEALTHS = [
  "absent",
  "starting",
  "running",
  "busy",
  "idle",
  "waiting",
  "exited",
  "crashed",
  "crash-loop",
  "unknown",
] as const;
export type Health = (typeof HEALTHS)[number];

export interface HealthReport {
  readonly health: Health;
  readonly notes: readonly string[];
  readonly session: JsonObject | null;
}

/** Why and how long something that failed again and again is left alone. Times in milliseconds since the epoch. */
export interface BackoffWindow {
  /** One clause: "it ended 3 times soon after its start". */
  readonly reason: string;
  readonly since: number;
  readonly until: number;
}

/** What a registry said when a file was made, as far as the file itself tells. */
export interface Declared {
  readonly agent: string;
  readonly tools: readonly string[];
  readonly delegatesTo: readonly string[];
  /** With an owner: closed because it is that agent's alone. */
  readonly closed: readonly { readonly glob: string; readonly owner?: string }[];
}

/** A place in a file: a JSON pointer into it as it lies there (or a part's path), or a line that counts from 1. */
export type FilePosition = { readonly pointer: string } | { readonly line: number };

/** Whose a place in a file is. Without parts and not foreign: nothing stands there. */
export interface Ownership {
  /** Our parts that it is, holds or lies in; `at`: the pointer where the rendered document has the part. */
  readonly parts: readonly { readonly path: string; readonly at: string }[];
  /** It is, or also holds, what others wrote. */
  readonly foreign: boolean;
  /** What `pointer` or `line` led to, where that is a pointer. */
  readonly pointer?: string;
  /** Line and column of it in the file, where it is there. */
  readonly place?: { readonly line: number; readonly col: number };
  /** Pointers that could have been meant. */
  readonly known: readonly string[];
}

/** A program that takes over the terminal. */
export interface AttachCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A kind. `desire` and `diff` are pure, `observe` reads, `put` and `remove` write; each is idempotent.
 * Laws: diff(x, x) is empty · after put(d), observe yields something with an empty diff to d · put twice = put once ·
 * remove of the absent succeeds · observe never writes.
 */
export interface Kind<P = unknown, S = unknown> {
  readonly name: string;
  /** Two or three sentences for docs/kinds.md. */
  readonly describe: { readonly owns: string; readonly inSync: string; readonly addresses: string };
  /** True when it needs tmux or a process: left out by --files-only. */
  readonly live: boolean;
  /** Lower goes first when an agent's things are removed: sessions, settings, hooks, the rest. */
  removalRank(address: Address): number;

  /** The resources one agent shall have. */
  desire(agent: Agent, fleet: Fleet): readonly Desired<P>[];
  /** Findings about what is desired (a rendered file the client would drop): errors stop everything before a write. */
  check?(agent: Agent, fleet: Fleet): readonly Diagnostic[];
  /** The resources that belong to no agent. */
  desireFleet?(fleet: Fleet): readonly Desired<P>[];
  /** Looks at all queries at once; also finds foreign things. */
  observe(queries: readonly Query<P>[], fleet: Fleet, world: Reader): Observation<S> | Promise<Observation<S>>;
  /** Costly facts about the few resources a plan would disturb; asked only then. */
  inspect?(haves: readonly Observed<S>[], fleet: Fleet, world: Reader): Promise<readonly Observed<S>[]>;
  /** want undefined: the thing shall go. have undefined or not existing: it shall come. `paths`: only these parts. */
  diff(
    want: Desired<P> | undefined,
    have: Observed<S> | undefined,
    context: { readonly fleet: Fleet; readonly paths?: readonly string[]; readonly drop?: readonly string[] },
  ): Delta;
  /** What the second content of a file of this kind permits that the first did not (`undo`); null: no file. */
  gains?(
    file: { readonly address: Address; readonly before: Buffer | null; readonly after: Buffer | null },
    fleet: Fleet,
  ): readonly string[];
  put(jobs: readonly PutJob<P, S>[], fleet: Fleet, world: Writer, settle: Settle): Promise<void>;
  remove(jobs: readonly RemoveJob<S>[], fleet: Fleet, world: Writer, settle: Settle): Promise<void>;
  /**
   * Makes things reachable again that live and cannot be asked (`observe` calls them unknown). Starts and ends nothing.
   * What was done, in one sentence; null when they stay unreachable.
   */
  reconnect?(haves: readonly Observed<S>[], fleet: Fleet, world: Writer): Promise<string | null>;
  /** Marks an existing thing as ours without changing it; kinds without marks leave it out. */
  mark?(want: Desired<P>, have: Observed<S>, fleet: Fleet, world: Writer): Promise<Settled>;
  /**
   * Proves by behaviour that what lies there does its work: each thing by itself (`verify --probe`, `doctor`), or, in an
   * apply, as many at once as the kind can.
   */
  prove?(
    wants: readonly Desired<P>[],
    fleet: Fleet,
    world: Writer,
    settle: Settle,
    how?: { readonly each: boolean },
  ): Promise<void>;
  /** Whether what is recorded proves nothing of the thing as it is here. Asked of what is as desired. */
  isUnproven?(want: Desired<P>, have: Observed<S>, record: Recorded | undefined): boolean;
  /** What the registry said when these bytes were made (`adopt --registry`); null when they do not tell. */
  declares?(bytes: Buffer): Declared | null;
  /** Whose a place in the file is (`why`); kinds that own files whole leave it out. `bytes` null: there is no file. */
  locate?(
    file: {
      readonly want: Desired<P> | undefined;
      readonly record: Recorded | undefined;
      readonly bytes: Buffer | null;
    },
    spot: FilePosition,
  ): Promise<Ownership>;
  /** How a person gets into the thing (`attach`); null when it is not there. */
  enter?(have: Observed<S>, fleet: Fleet, world: Reader): AttachCommand | null;
  /** Types a text into the thing and sends it (`send`); null when that was done. */
  send?(have: Observed<S>, text: string, fleet: Fleet, world: Writer): Promise<Failure | null>;
  /** What the thing shows and showed, with that many lines of its past (`logs`); null when it cannot be read. */
  screen?(have: Observed<S>, lines: number, fleet: Fleet, world: Reader): Promise<string | null>;
  /** How long an unattended run leaves a thing as it is that failed again and again; null: it need not wait. */
  backoff?(have: Observed<S> | undefined, record: Recorded | undefined, now: number): BackoffWindow | null;
  /** The record with those failures forgotten: what an explicit `apply` or `start` begins with. */
  forgive?(record: Recorded, now: number): Recorded;
  /** The health axis of `status`. want undefined: it is there, and nobody wants it any more. */
  health?(want: Desired<P> | undefined, have: Observed<S> | undefined, record: Recorded | undefined): HealthReport;
}

/** Fixes the types of a kind and lets the list hold kinds of any type. */
export function defineKind<P, S>(kind: Kind<P, S>): Kind {
  return kind;
}
