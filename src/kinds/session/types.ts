// The kind's own plain data: what a session shall be, what was seen of it, what is remembered of it.
import { defined } from "../../model/defined.ts";
import type { RestartRule, StartRule } from "../../model/fleet.ts";
import type { JsonObject } from "../../model/json.ts";

/** What the fingerprint is made of, each as a short digest, so that a plan can name what changed. */
export const COMPONENTS = ["command", "env", "size", "memory", "settings"] as const;
export type Component = (typeof COMPONENTS)[number];
export type Components = Readonly<Record<Component, string>>;

export interface SessionProps {
  readonly name: string;
  /** The agent's folder, absolute. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly fallback: readonly string[];
  readonly size: readonly [number, number];
  readonly start: StartRule;
  readonly restart: RestartRule;
  readonly components: Components;
}

/** Which of the two commands a session was started with. */
export type Program = "command" | "fallback";

/** What a mark says beside fleet and agent. */
export interface Mark {
  readonly agent: string;
  /** Of the loaded state: of what lay on disk when the process was started. */
  readonly fingerprint: string;
  /** Of the algorithm that made it. */
  readonly version: number;
  readonly conversation?: string;
  /** Milliseconds since the epoch at which the process was started; 0 when it was not started by us. */
  readonly startedAt: number;
  readonly program: Program;
  readonly components: Partial<Components>;
  /** Names of the variables given by `-e`, to take stale ones out again. */
  readonly envNames: readonly string[];
  /** Early ends before this start, as in SessionFacts: they must survive starts that fail and are never recorded. */
  readonly exits: readonly number[];
}

/** How the process ended. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

/** The one thing that is wrong with a session of ours; the first that applies. */
export type Defect = "exited" | "no-pane" | "cwd" | "renamed" | "fallback" | "stale";

export interface OwnSession {
  readonly state: "ours";
  readonly id: string;
  readonly name: string;
  /** Undefined when the agent's pane is gone while others keep the session. */
  readonly pane?: string;
  readonly pid?: number;
  /** Kernel start tick (procfs stat, field 22): pid and tick name one process for ever. */
  readonly tick?: string;
  readonly mark: Mark;
  readonly clients: number;
  /** Seconds since the epoch. */
  readonly created: number;
  /** Panes that a person added: they are lost with the session. */
  readonly otherPanes: number;
  readonly exit?: Exit;
  readonly defect?: Defect;
  /** Where the process is, when that is not the agent's folder. */
  readonly cwd?: string;
  /** What the process was started with others of than desired. */
  readonly changed: readonly Component[];
  /** Somebody else started the process that runs under our mark: what it was started from is not known. */
  readonly respawned?: true;
  readonly client: boolean;
  /** The conversation can be taken up again. Looked up only where something is wrong. */
  readonly resumable?: boolean;
  /** What the client said of itself, or the terminal of another command: set by inspect. */
  readonly status?: "busy" | "idle" | "waiting" | "starting" | "stuck-in-dialog" | "unknown";
  readonly waitingFor?: string;
  /** Milliseconds since the epoch: when it was looked at. */
  readonly at: number;
}

/** A process that outlived its server or its pane. */
export interface Outlived {
  readonly pid: number;
  readonly tick: string;
  readonly agent: string;
  /** It is the client, which says itself what it does. */
  readonly client: boolean;
}

export type SessionSeen =
  | {
      readonly state: "absent";
      readonly startsFallback?: true;
      readonly resumable?: boolean;
      /** Its process, which runs on in no pane. */
      readonly outlived?: Outlived;
    }
  | { readonly state: "taken"; readonly id: string; readonly name: string; readonly panes: readonly string[] }
  /** `server`: the one it lives in, which nobody reaches on its socket. */
  | { readonly state: "unknown"; readonly server?: { readonly pid: number; readonly tick: string } }
  | OwnSession;

/** What the ledger keeps of a session (Recorded.facts). */
export interface SessionFacts {
  readonly conversation?: string;
  readonly id?: string;
  readonly pane?: string;
  readonly pid?: number;
  readonly tick?: string;
  readonly startedAt?: number;
  readonly program?: Program;
  /** Where the command was found. */
  readonly path?: string;
  /** Ends within 30 s of their start, in milliseconds since the epoch. */
  readonly exits: readonly number[];
  /** Ends up to this moment no longer count: a person has started it since. */
  readonly forgivenAt?: number;
}

/** Reads facts from the ledger; what is not of the right type is left out, since an older version may have written it. */
export function readFacts(facts: JsonObject | undefined): SessionFacts {
  const text = (key: string) => (typeof facts?.[key] === "string" ? facts[key] : undefined);
  const number = (key: string) => (typeof facts?.[key] === "number" ? facts[key] : undefined);
  const exits = facts?.["exits"];
  return defined({
    conversation: text("conversation"),
    id: text("id"),
    pane: text("pane"),
    pid: number("pid"),
    tick: text("tick"),
    startedAt: number("startedAt"),
    program: programOf(text("program")),
    path: text("path"),
    exits: Array.isArray(exits) ? exits.filter((one) => typeof one === "number") : [],
    forgivenAt: number("forgivenAt"),
  });
}

function programOf(text: string | undefined): Program | undefined {
  return text === "command" || text === "fallback" ? text : undefined;
}

/** Facts as the ledger stores them. */
export function writeFacts(facts: SessionFacts): JsonObject {
  const { exits, ...rest } = facts;
  return { ...rest, ...(exits.length > 0 ? { exits } : {}) };
}
