// The contract of a kind. Five verbs, one suite of laws (test/support/kind-laws.ts); the loop knows nothing else of a kind.
import type { Address } from "./address.ts";
import type { Capabilities } from "./capabilities.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Agent, Fleet } from "./fleet.ts";
import type { Change, Impact, Patch } from "./plan.ts";
import type { Desired, Elsewhere, Loss, Observed, Recorded } from "./resource.ts";
import type { Settle } from "./settled.ts";
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
  put(jobs: readonly PutJob<P, S>[], fleet: Fleet, world: Writer, settle: Settle): Promise<void>;
  remove(jobs: readonly RemoveJob<S>[], fleet: Fleet, world: Writer, settle: Settle): Promise<void>;
  /** What only some kinds can do beside that. */
  readonly capabilities: Capabilities<P, S>;
}

/** Fixes the types of a kind and lets the list hold kinds of any type. */
export function defineKind<P, S>(kind: Kind<P, S>): Kind {
  return kind;
}
