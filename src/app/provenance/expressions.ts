// What a piece of a template names: Liquid's paths and the old ${NAME} variables, as fields of the spec.
import { DIALECT_FIELDS } from "../../legacy/dialect.ts";

const ROOTS: ReadonlySet<string> = new Set(["agent", "agents", "fleet", "variables", "project"]);
const LIQUID = /\{\{-?([\s\S]*?)-?\}\}|\{%-?([\s\S]*?)-?%\}/g;
const PATH = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g;

/** Names that a template gives to something else: `for duty in agent.responsibilities`, `assign x = …`, `capture`. */
export type Aliases = ReadonlyMap<string, string>;

export function aliasesOf(template: string): Aliases {
  const aliases = new Map<string, string>();
  const bound = /\{%-?\s*(?:for\s+(\w+)\s+in|assign\s+(\w+)\s*=)\s+([A-Za-z_][\w.]*)/g;
  for (const [, loop, assigned, path = ""] of template.matchAll(bound)) {
    const name = loop ?? assigned ?? "";
    const [field] = resolve(path, aliases);
    if (field !== undefined) aliases.set(name, field);
  }
  return aliases;
}

/** The fields that a piece of template names, `agent.model`, in order and once each. */
export function fieldsIn(piece: string, { isDialect, aliases }: { isDialect: boolean; aliases: Aliases }): string[] {
  return [...new Set(isDialect ? dialectFields(piece) : liquidFields(piece, aliases))];
}

function liquidFields(piece: string, aliases: Aliases): string[] {
  return [...piece.matchAll(LIQUID)].flatMap(([, output = "", tag = ""]) => {
    const bare = (output || tag).replace(/"[^"]*"|'[^']*'/g, " ");
    return [...bare.matchAll(PATH)].flatMap(([path]) => resolve(path, aliases));
  });
}

function resolve(path: string, aliases: Aliases): string[] {
  const [root = "", ...rest] = path.split(".");
  const field = rest.filter((one) => one !== "size" && one !== "first" && one !== "last");
  if (ROOTS.has(root)) return [[root, ...field].join(".")];
  const alias = aliases.get(root);
  return alias === undefined ? [] : [alias];
}

function dialectFields(piece: string): string[] {
  return [...piece.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].flatMap(([, name = ""]) => {
    if (name === "PROJECT_ROOT") return ["project.root"];
    if (name === "PERSONA_PATH") return ["agent.name", "variables.TEF_ROOT"];
    if (name === "BUILD_TIMESTAMP") return [];
    const fields = DIALECT_FIELDS[name];
    return fields === undefined ? [`variables.${name}`] : fields.map((field) => `agent.${field}`);
  });
}

/** The text of a line between its expressions, in order. */
export function literalsOf(line: string, isDialect: boolean): string[] {
  return line.split(isDialect ? /\$\{[A-Za-z_]\w*\}/ : /\{\{.*?\}\}|\{%.*?%\}/);
}
