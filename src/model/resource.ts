// One resource seen three ways: desired, observed, recorded. All three speak of it in parts.
import type { Address } from "./address.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * A part of a resource that is compared by itself. Its path is `""` for the thing as a whole, `mode` for
 * permission bits, `block` for the bytes between our marks, or a JSON pointer for one owned key or list element.
 */
export interface Part {
  /** SHA-256 of the canonical content, 32 hex digits; see delta/digest.ts. */
  readonly digest: string;
  /** The content, where it may be shown. Hooks and secrets leave it out. */
  readonly value?: Json;
  /** Enforcement: never conflicting, never given up, always healed. */
  readonly enforced?: true;
}

export type Parts = Readonly<Record<string, Part>>;

/** When a change may disturb a live session. */
export type OnChange = "when-idle" | "always" | "never";

/** What there shall be. Plain data (it is cached as JSON); `props` is the kind's own. */
export interface Desired<P = unknown> {
  readonly address: Address;
  readonly kind: string;
  /** The agent's name, `-` for none. */
  readonly agent: string;
  readonly props: P;
  readonly parts: Parts;
  /** Digest over all parts: the whole resource in one word. */
  readonly digest: string;
  /** What has to be done before this one. A failure there skips this one. */
  readonly needs: readonly Address[];
  /** A block stops it, too: while one of its needs is blocked it is deferred (a session starts from no disputed file). */
  readonly waits?: true;
  /** Recorded in the committed lock file (true) or in this machine's ledger (false). */
  readonly portable: boolean;
  /** The file or session it occupies, for collisions: a path relative to the agents folder, or a session name. */
  readonly at: string;
  /** Being absent is in sync as well (a session that is started on demand). */
  readonly optional?: true;
  /** The things of all agents depend on it: a run for some of them includes it. */
  readonly shared?: true;
  /** When a disruptive change may be made. Only for kinds with live things. */
  readonly onChange?: OnChange;
}

/** Why a resource may not be touched as it lies there: a link, a stranger's file, a name taken. */
export interface Obstacle {
  /** `link`, `not-a-file`, `owner`, `hard-link`, `world-writable`, `too-large`, `unmarked`, `no-tmux`, … */
  readonly why: string;
  readonly message: string;
  readonly hint: string;
}

/** What a live thing is doing, for the guards. */
export interface Live {
  readonly activity: "busy" | "idle" | "waiting" | "unknown";
  /** Somebody is looking at it, within the grace after the last key. */
  readonly attached: boolean;
  /** What would be lost if it were ended now. */
  readonly loses: readonly Loss[];
  /** ISO time since when it has been so, for `deferred[].since`. */
  readonly since?: string;
}

export const LOSSES = ["attached", "turn", "dialog", "background"] as const;
export type Loss = (typeof LOSSES)[number];

/** What there is. `seen` is the kind's own. */
export interface Observed<S = unknown> {
  readonly address: Address;
  readonly seen: S;
  readonly exists: boolean;
  /** Every desired part is as desired; `parts` may then be empty. */
  readonly same: boolean;
  /** The parts asked for (desired and recorded paths) that are there. */
  readonly parts: Parts;
  /** Digest of all that was looked at (foreign content too): a saved plan is stale when it moves. */
  readonly digest: string;
  /** For kinds that mark what is theirs: the parts the mark itself vouches for, or null when unmarked. */
  readonly mark?: Readonly<Record<string, string>> | null;
  readonly obstacle?: Obstacle;
  /** What the kind would remember of it, read from its mark: for a record that has none yet (a lost ledger). */
  readonly facts?: JsonObject;
  /** Also of something that does not exist any more while a process of it lives on. */
  readonly live?: Live;
  /**
   * We could not look (no tmux): neither present nor absent. With a `trouble` it is known to live where nobody can
   * reach it, so it is blocked instead of deferred.
   */
  readonly unknown?: string;
  /** WIDENED and client-schema findings, oddities. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** What we last applied. Digests only, never contents. */
export interface Recorded {
  readonly parts: Readonly<Record<string, string>>;
  readonly portable: boolean;
  /** As in Desired.at: where it lay, which the address alone does not tell once the agent left the registry. */
  readonly at: string;
  /** The kind's own memory of it on this machine (session ids, conversation, proof). Lives in the ledger. */
  readonly facts?: JsonObject;
  /** Protection and other promises that survive the removal of the registry entry. */
  readonly protect?: true;
  /**
   * The digest over all parts, as Desired.digest; there only on records as they were read (a copy loses it). Equal
   * digests mean equal parts: ask this before `parts`, which are parsed only when they are looked at.
   */
  readonly digest?: string;
}

/** A session's record on another tmux socket than the present one. */
export interface Elsewhere {
  readonly socket: string;
  readonly record: Recorded;
}

/** A person's wish that an agent be left alone. */
export interface Hold {
  readonly reason: string;
  readonly since: string;
  readonly by: string;
  /** `stop` made it: it is about the session, and `claude-agent generate` still writes the files. */
  readonly stopped?: true;
}

/** The recorded state as the engine reads it: the lock file, the ledger and the journal's overlay in one view. */
export interface Records {
  readonly lineage: string;
  readonly serial: number;
  readonly holds: Readonly<Record<string, Hold>>;
  get(address: Address): Recorded | undefined;
  addresses(): Iterable<Address>;
  /** What is recorded of the address on other sockets; empty for everything but sessions. */
  elsewhere(address: Address): readonly Elsewhere[];
  /** Journalled parts of a run that did not end: path → after-digests we may have written. */
  unfinished(address: Address): Readonly<Record<string, readonly string[]>> | undefined;
}
