// The `${NAME}` dialect of the system we replace, for files named *.template: its variables, as strictly as Liquid.
import { createHash } from "node:crypto";
import type { Findings } from "../input/template/findings.ts";
import { constantFragment, type Fragment } from "../input/template/fragment.ts";
import type { Span } from "../input/template/span.ts";
import type { Machine } from "../model/fleet.ts";
import type { JsonObject } from "../model/json.ts";
import { didYouMean } from "../model/nearest.ts";

/** The registry field each variable shows; an empty list where it shows none. */
export const DIALECT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  AGENT_NAME: ["name"],
  AGENT_DISPLAY_NAME: ["display_name"],
  AGENT_DESCRIPTION: ["description"],
  AGENT_MODEL: ["model"],
  AGENT_TOOLS_LIST: ["tools"],
  AGENT_CANNOT_ACCESS_LIST: ["cannot_access"],
  AGENT_EXCLUSIVE_ACCESS_LIST: ["exclusive_access"],
  AGENT_DELEGATION_RULES: ["delegates_to"],
  AGENT_RESPONSIBILITIES_LIST: ["responsibilities"],
  AGENT_FORBIDDEN_LIST: ["forbidden"],
  PERSONA_PATH: [],
  PROJECT_ROOT: [],
  BUILD_TIMESTAMP: [],
};

/** Variables whose value is a path of this machine. */
const MACHINE_PATHS: ReadonlySet<string> = new Set(["PROJECT_ROOT", "PERSONA_PATH", "TEF_ROOT"]);

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Values of one agent. BUILD_TIMESTAMP is a digest of the other values that no machine decides, so it only moves with them. */
export function dialectValues(agent: JsonObject, machine: Machine): Readonly<Record<string, string>> {
  const name = String(agent["name"]);
  const root = machine.folders.root;
  const home = machine.variables["TEF_ROOT"] ?? root;
  const portable = {
    AGENT_NAME: name,
    AGENT_DISPLAY_NAME: String(agent["display_name"]),
    AGENT_DESCRIPTION: String(agent["description"]),
    AGENT_MODEL: String(agent["model"]),
    AGENT_TOOLS_LIST: texts(agent["tools"]).join(", "),
    AGENT_CANNOT_ACCESS_LIST: lines(agent["cannot_access"]),
    AGENT_EXCLUSIVE_ACCESS_LIST: lines(agent["exclusive_access"]),
    AGENT_DELEGATION_RULES: delegation(texts(agent["delegates_to"])),
    AGENT_RESPONSIBILITIES_LIST: lines(agent["responsibilities"]),
    AGENT_FORBIDDEN_LIST: lines(agent["forbidden"]),
  };
  return {
    ...machine.variables,
    ...portable,
    PERSONA_PATH: `${home}/docs/agents/${name}/${name}-agent.md`,
    PROJECT_ROOT: root,
    BUILD_TIMESTAMP: createHash("sha256").update(JSON.stringify(portable)).digest("hex").slice(0, 12),
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function lines(value: unknown): string {
  const list = texts(value);
  return list.length === 0 ? "(none)" : list.map((item) => `- ${item}`).join("\n");
}

function delegation(names: readonly string[]): string {
  return names.length === 0
    ? "Delegates to nobody."
    : `May delegate to:\n${names.map((name) => `- ${name}`).join("\n")}`;
}

export interface DialectOptions {
  /** Names from the configuration's `variables`, known beside the dialect's own. */
  readonly variables: Readonly<Record<string, string>>;
  /** The target is committed: a machine's path in it is worth a warning. */
  readonly portable: boolean;
  readonly findings: Findings;
}

/** Compiles a stretch; null when it names a variable that does not exist. `$NAME` without braces is plain text. */
export function dialectFragment(span: Span, options: DialectOptions): Fragment | null {
  const pieces: string[] = [];
  const names: string[] = [];
  let end = 0;
  let sound = true;
  for (const match of span.text.matchAll(VARIABLE)) {
    const name = match[1] ?? "";
    sound = checkName(name, span, match.index, options) && sound;
    pieces.push(span.text.slice(end, match.index));
    names.push(name);
    end = match.index + match[0].length;
  }
  if (!sound) return null;
  if (names.length === 0) return constantFragment(span.text);
  pieces.push(span.text.slice(end));
  return {
    uses: names.map((name) => ({ path: [name], partial: undefined, line: 1, col: 1, global: true })),
    render: ({ values, budget }) => {
      const value = pieces.map((piece, index) => piece + (values[names[index] ?? ""] ?? "")).join("");
      budget.spend(value.length);
      return { ok: true, value };
    },
  };
}

function checkName(name: string, span: Span, index: number, options: DialectOptions): boolean {
  const { variables, portable, findings } = options;
  const offset = span.offsetAt(index);
  if (!Object.hasOwn(DIALECT_FIELDS, name) && !Object.hasOwn(variables, name)) {
    const known = [...Object.keys(DIALECT_FIELDS), ...Object.keys(variables)];
    const hint =
      didYouMean(name, known) ?? `known are ${known.join(", ")}; others come from "variables" in the configuration`;
    findings.at(span.source, offset, { code: "E215", message: `unknown variable "\${${name}}"`, hint });
    return false;
  }
  if (portable && MACHINE_PATHS.has(name)) {
    findings.at(span.source, offset, {
      code: "W202",
      message: `\${${name}} writes a path of this machine into a file that is committed`,
      hint: "the file will differ on every machine; a relative path, or a *.local.* target, would not",
    });
  }
  return true;
}
