// The validated spec: the fleet, its agents, what every agent gets. Plain data; spec/ and template/ make it.
import type { Diagnostic, Place } from "./diagnostic.ts";
import type { Json } from "./json.ts";
import type { OnChange } from "./resource.ts";

/** `whole`: all bytes are ours; `block`: the bytes between our marks; `keys`: the rendered JSON paths. */
export type Merge = "whole" | "block" | "keys";

export interface FileSpec {
  readonly template: string;
  readonly target: string;
  readonly merge: Merge;
  /** Octal text, `"0644"`. */
  readonly mode: string;
}

/** One file of one agent, rendered. */
export interface RenderedFile {
  readonly target: string;
  readonly merge: Merge;
  readonly mode: string;
  /** The text as we would write it into an empty folder, LF line ends. For `block`: without the marks. */
  readonly text: string;
  /** The parsed value of a `keys` file. */
  readonly json?: Json;
  /** False for `*.local.*` targets. */
  readonly portable: boolean;
  /** The template it came from, relative to the project root. */
  readonly template: string;
}

export interface HookSpec {
  readonly path: string;
  /** `write`: reading is allowed everywhere; `all`: cannot_access forbids reading as well. */
  readonly access: "write" | "all";
  readonly alwaysAllowedTools: readonly string[];
}

export type StartRule = "always" | "on-demand" | "never";
export type RestartRule = "on-failure" | "always" | "never";

export interface SessionSpec {
  readonly command: readonly string[];
  readonly fallback: readonly string[];
  readonly prefix: string;
  readonly start: StartRule;
  readonly restart: RestartRule;
  readonly onChange: OnChange;
  /** Plain values or references `env:NAME`, `file:PATH`; resolved only when a session starts. */
  readonly env: Readonly<Record<string, string>>;
  readonly size: readonly [number, number];
  readonly parallel: number;
  readonly ready: ReadyRule;
}

/** When a start counts. Milliseconds. */
export interface ReadyRule {
  /** What is started must live this long; 0: seen once is enough. */
  readonly afterMs: number;
  /** A start is never waited for longer than this. */
  readonly timeoutMs: number;
}

type Enforcement = "enforce" | "report";

export interface Policy {
  /** A share of the agents in percent, or a count. */
  readonly pruneBudget: { readonly percent: number } | { readonly count: number };
  readonly parallelism: number;
  readonly clientSchema: "error" | "warn" | "off";
  readonly widening: "report" | "heal";
  /** Whether a run that nobody watches may give an agent more rights; `committed`: when the spec is committed. */
  readonly unattendedWidening: "block" | "committed" | "allow";
  /** Milliseconds after the last key during which an attached client counts. */
  readonly attachedGraceMs: number;
  readonly enforce: Readonly<Record<string, Enforcement>>;
}

export interface RetireSpec {
  readonly label: string;
  readonly archive: readonly { readonly dir: string; readonly replacedBy?: string; readonly place: Place }[];
  readonly delete: readonly string[];
  readonly keep: readonly string[];
  /** Mark the commit with a git tag before anything is moved or deleted. */
  readonly tag?: true;
}

export interface Agent {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly delegatesTo: readonly string[];
  readonly cannotAccess: readonly string[];
  readonly exclusiveAccess: readonly string[];
  readonly responsibilities: readonly string[];
  readonly forbidden: readonly string[];
  readonly enabled: boolean;
  readonly protect: boolean;
  /** It may write the spec, so it is an administrator: it can give itself any right. */
  readonly editsSpec?: true;
  /** Folder below the agents folder. */
  readonly dir: string;
  readonly renamedFrom?: string;
  readonly labels: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly host?: string;
  /** The fleet's session settings with this agent's own on top; Liquid in `command` and `fallback` already rendered. */
  readonly session: SessionSpec;
  /** cannot_access plus the exclusive_access globs of all other agents, sorted, without doubles. */
  readonly deniedGlobs: readonly { readonly glob: string; readonly owner?: string }[];
  readonly files: readonly RenderedFile[];
  /** Where the registry declares it. */
  readonly place: Place;
}

/** Where things are on this machine, absolute and real. */
export interface Folders {
  readonly root: string;
  readonly registry: string;
  readonly fleet: string;
  readonly templates: string;
  readonly agents: string;
  readonly state: string;
}

/** This machine's word: from rollcall.config.yaml, the environment and what the first apply recorded. */
export interface Machine {
  readonly folders: Folders;
  /** Name of the tmux socket (`-L`). */
  readonly socket: string;
  /** PATH of the sessions and of the hook's interpreter: configured, else recorded by an apply, else the caller's. */
  readonly sessionPath: string;
  /** The command override of this machine, when there is one. */
  readonly sessionCommand?: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** `native`: our layout; `original`: the layout of the system we replace. */
  readonly layout: "native" | "original";
}

export interface Fleet {
  readonly name: string;
  readonly agents: readonly Agent[];
  readonly files: readonly FileSpec[];
  readonly hook: HookSpec;
  readonly session: SessionSpec;
  readonly policy: Policy;
  readonly retire: RetireSpec;
  readonly machine: Machine;
  /** Digest over every input of the spec. */
  readonly digest: string;
  readonly warnings: readonly Diagnostic[];
  /** By a JSON template's path: where it says what, by pointer. What rendering found; see template/places.ts. */
  readonly places?: Readonly<Record<string, Readonly<Record<string, Place>>>>;
}

/** A template's text, read once. `path` is relative to the project root. */
export interface TemplateSource {
  readonly path: string;
  readonly text: string;
}

/** An agent as the registry and fleet.yaml declare it, before anything is rendered. */
export type AgentSpec = Omit<Agent, "files">;

/** The read and cross-checked spec, before rendering: what spec/load makes and template/ turns into a Fleet. */
export interface Spec extends Omit<Fleet, "agents" | "digest"> {
  readonly agents: readonly AgentSpec[];
  /** By the name that FileSpec.template uses. */
  readonly templates: Readonly<Record<string, TemplateSource>>;
}
