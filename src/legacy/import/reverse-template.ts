// A page read backwards through the ${NAME} template it was made from: what stands in the gaps is what the registry said.
import { defined } from "../../model/defined.ts";
import { type Evidence, oneLine, wordsOf } from "./extracted-fields.ts";

/** The values of the template's variables; null when the page was not made from it. */
export function valuesIn(page: string, template: string): ReadonlyMap<string, string> | null {
  const pieces = normal(template).split(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/);
  const text = normal(page);
  const values = new Map<string, string>();
  let at = 0;
  for (let index = 0; index < pieces.length; index += 2) {
    const literal = pieces[index] ?? "";
    const name = pieces[index - 1];
    const isLast = index === pieces.length - 1;
    const found = isLast && text.endsWith(literal) ? text.length - literal.length : text.indexOf(literal, at);
    if (found < at || (name === undefined && found !== 0)) return null;
    if (name !== undefined && !values.has(name)) values.set(name, text.slice(at, found));
    at = found + literal.length;
  }
  return values;
}

/** A byte order mark, CRLF and blanks at the end say nothing. */
function normal(text: string): string {
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .trimEnd();
}

/** The variables of the system before this one, as evidence. */
export function evidenceOf(values: ReadonlyMap<string, string>): Evidence {
  const line = (name: string) => oneLine(values.get(name));
  const list = (name: string, cut: RegExp): readonly string[] | undefined => {
    const value = values.get(name);
    return value === undefined ? undefined : wordsOf(value.split(cut).map((one) => one.replace(/^\s*[-*]\s+/, "")));
  };
  const items = (name: string) => list(name, /\n|\\n/);
  const rules = items("AGENT_DELEGATION_RULES")?.filter((one) => /^[a-z0-9][a-z0-9-]*$/.test(one));
  return defined({
    name: line("AGENT_NAME"),
    displayName: line("AGENT_DISPLAY_NAME"),
    description: line("AGENT_DESCRIPTION"),
    model: line("AGENT_MODEL"),
    tools: list("AGENT_TOOLS_LIST", /,|\n|\\n/),
    delegatesTo: rules,
    cannotAccess: items("AGENT_CANNOT_ACCESS_LIST"),
    exclusiveAccess: items("AGENT_EXCLUSIVE_ACCESS_LIST"),
    responsibilities: items("AGENT_RESPONSIBILITIES_LIST"),
    forbidden: items("AGENT_FORBIDDEN_LIST"),
  });
}
