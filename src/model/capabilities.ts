// What a kind may be able to do beside its five verbs: each capability is one interface, used by one part of the product.
import type { Address } from "./address.ts";
import type { Fleet } from "./fleet.ts";
import type { JsonObject } from "./json.ts";
import type { Failure } from "./outcome.ts";
import type { Desired, Observed, Recorded } from "./resource.ts";
import type { Settle, Settled } from "./settled.ts";
import type { Reader, Writer } from "./world.ts";

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

/** Has something a person can go into, type into and read (`attach`, `send`, `logs`). */
export interface Attachable<S> {
  /** How a person gets into the thing; null when it is not there. */
  attach(have: Observed<S>, fleet: Fleet, world: Reader): AttachCommand | null;
  /** Types a text into the thing and sends it; null when that was done. */
  send(have: Observed<S>, text: string, fleet: Fleet, world: Writer): Promise<Failure | null>;
  /** What the thing shows and showed, with that many lines of its past; null when it cannot be read. */
  screen(have: Observed<S>, lines: number, fleet: Fleet, world: Reader): Promise<string | null>;
}

/** Can say whose a place in its file is (`why`). Kinds that own files whole leave it out. */
export interface Explainable<P> {
  /** `bytes` null: there is no file. */
  locate(
    file: {
      readonly want: Desired<P> | undefined;
      readonly record: Recorded | undefined;
      readonly bytes: Buffer | null;
    },
    position: FilePosition,
  ): Promise<Ownership>;
}

/** Can be read backwards (`adopt --registry`). */
export interface Readable {
  /** What the registry said when these bytes were made; null when they do not tell. */
  declares(bytes: Buffer): Declared | null;
}

/** Can be proven by behaviour (`verify --probe`, `doctor`). */
export interface Provable<P, S> {
  /**
   * Proves that what lies there does its work: each thing by itself (`verify --probe`, `doctor`), or, in an apply, as
   * many at once as the kind can.
   */
  prove(
    wants: readonly Desired<P>[],
    fleet: Fleet,
    world: Writer,
    settle: Settle,
    how?: { readonly each: boolean },
  ): Promise<void>;
  /** Whether what is recorded proves nothing of the thing as it is here. Asked of what is as desired. */
  isUnproven(want: Desired<P>, have: Observed<S>, record: Recorded | undefined): boolean;
}

/** Carries an owner mark on the thing itself. */
export interface Markable<P, S> {
  /** Marks an existing thing as ours without changing it. */
  mark(want: Desired<P>, have: Observed<S>, fleet: Fleet, world: Writer): Promise<Settled>;
}

/** Fails and is started again. */
export interface Restartable<S> {
  /** How long an unattended run leaves a thing as it is that failed again and again; null: it need not wait. */
  backoff(have: Observed<S> | undefined, record: Recorded | undefined, now: number): BackoffWindow | null;
  /** The record with those failures forgotten: what an explicit `apply` or `start` begins with. */
  resetBackoff(record: Recorded, now: number): Recorded;
}

/** Says what an agent may do (`undo` asks whether old content permits more). */
export interface Permissive {
  /** What the second content of a file of this kind permits that the first did not (`undo`); null: no file. */
  gains(
    file: { readonly address: Address; readonly before: Buffer | null; readonly after: Buffer | null },
    fleet: Fleet,
  ): readonly string[];
}

/** May live where nobody reaches it. */
export interface Reconnectable<S> {
  /**
   * Makes things reachable again that live and cannot be asked (`observe` calls them unknown). Starts and ends nothing.
   * What was done, in one sentence; null when they stay unreachable.
   */
  reconnect(haves: readonly Observed<S>[], fleet: Fleet, world: Writer): Promise<string | null>;
}

/** Has a health of its own, or something to note about it (`status`). */
export interface Monitored<P, S> {
  /** `want` undefined: it is there, and nobody wants it any more. */
  health(want: Desired<P> | undefined, have: Observed<S> | undefined, record: Recorded | undefined): HealthReport;
}

export interface Capabilities<P, S> {
  readonly attachable?: Attachable<S>;
  readonly explainable?: Explainable<P>;
  readonly readable?: Readable;
  readonly provable?: Provable<P, S>;
  readonly permissive?: Permissive;
  readonly reconnectable?: Reconnectable<S>;
  readonly markable?: Markable<P, S>;
  readonly restartable?: Restartable<S>;
  readonly monitored?: Monitored<P, S>;
}
