// This machine's part of the spec: socket, search path, variables; and whether the personas are where they should be.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Config } from "../../model/config.ts";
import type { Machine, TemplateSource } from "../../model/fleet.ts";
import { type LoadContext, placed, type RegistryEntry } from "./registry.ts";
import { RULES } from "./schema/formats.ts";
import { show } from "./yaml/source-text.ts";

/** What the composition root knows of this machine. */
export interface MachineInputs {
  /** The caller's environment: TMUX_SOCKET_OVERRIDE, TEF_ROOT. */
  readonly env: Readonly<Record<string, string>>;
  /** PATH where the configuration names none: what an apply recorded, else the caller's. */
  readonly sessionPath: string;
  /** What this machine calls itself. */
  readonly hostname?: string;
  /** Variables that the first apply recorded (TEF_ROOT). */
  readonly recorded?: Readonly<Record<string, string>>;
}

/** `rollcall-<fleet>-<8 hex>`, the hex from the SHA-256 of the real root: one server per project and user. */
export function defaultSocket(fleet: string, root: string): string {
  return `rollcall-${fleet}-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
}

export interface MachineJob {
  readonly fleetName: string;
  readonly config: Config;
  readonly inputs: MachineInputs;
  readonly templates: Readonly<Record<string, TemplateSource>>;
  readonly entries: readonly RegistryEntry[];
  readonly reading: LoadContext;
}

/** Completes the machine; warns where the personas that templates point to cannot be found. */
export function machineOf(job: MachineJob): Machine {
  const { config, inputs } = job;
  const { command, path } = config.session;
  return {
    folders: config.folders,
    socket: socketOf(job),
    sessionPath: path ?? inputs.sessionPath,
    ...(command === undefined ? {} : { sessionCommand: command }),
    variables: { ...config.variables, TEF_ROOT: personaRoot(job) },
    layout: config.layout,
  };
}

/** TMUX_SOCKET_OVERRIDE, else the configuration's socket, else the layout's own. */
function socketOf({ fleetName, config, inputs, reading }: MachineJob): string {
  const override = inputs.env["TMUX_SOCKET_OVERRIDE"] ?? "";
  if (override !== "" && !RULES.socket.pattern.test(override)) {
    reading.findings.add("E024", () => ({
      place: { file: "TMUX_SOCKET_OVERRIDE", line: 1, col: 1 },
      message: `TMUX_SOCKET_OVERRIDE is ${show(override)}: ${RULES.socket.say}`,
      hint: "set it to a name, or unset it",
    }));
  }
  const own = config.layout === "original" ? "iw-orchestrator" : defaultSocket(fleetName, config.folders.root);
  return override || config.socket || own;
}

/** Where a template takes the value in; a page that only mentions the variable would be the same with any other. */
const TAKES_ROOT = /\$\{(?:TEF_ROOT|PERSONA_PATH)\}|\{[{%][^{}]*\bTEF_ROOT\b/;

/** The folder of the full personas. Only asked for, and only warned of, where a template points there. */
function personaRoot({ config, inputs, templates, entries, reading }: MachineJob): string {
  const { root } = config.folders;
  const known = config.variables["TEF_ROOT"] || inputs.recorded?.["TEF_ROOT"] || inputs.env["TEF_ROOT"];
  const users = Object.values(templates).filter(({ text }) => /\b(?:TEF_ROOT|PERSONA_PATH)\b/.test(text));
  if (users.length === 0) return known || root;
  const user = users.find(({ text }) => TAKES_ROOT.test(text));
  if (!known && user !== undefined) {
    reading.findings.add("W154", () => ({
      place: { file: user.path, line: 1, col: 1 },
      message: "TEF_ROOT, the folder of the full personas, is not set: the project root is taken",
      hint: "set it below `variables:` in rollcall.config.yaml",
    }));
  }
  const base = known || root;
  if (known || reading.files.facts(posix.join(root, "docs/agents")) !== null)
    warnMissingPersonas(base, entries, reading);
  return base;
}

function warnMissingPersonas(base: string, entries: readonly RegistryEntry[], { files, findings }: LoadContext): void {
  const missing = entries.filter(({ name }) => files.facts(posix.join(base, personaOf(name))) === null);
  for (const [index, entry] of missing.entries()) {
    if (index === 3) break;
    const rest = missing.length - 3;
    const more = index === 2 && rest > 0 ? `; ${rest} more agent${rest === 1 ? " has" : "s have"} none either` : "";
    findings.add("W152", () => ({
      ...placed(entry, [], "key"),
      message: `${entry.name} has no persona file ${personaOf(entry.name)} below TEF_ROOT${more}`,
      hint: "write it, or set TEF_ROOT to where the personas are",
    }));
  }
}

function personaOf(name: string): string {
  return `docs/agents/${name}/${name}-agent.md`;
}
