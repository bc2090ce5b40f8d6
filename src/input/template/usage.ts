// Which registry fields the templates show, and which render nowhere: a field that changes no file is a silent one.

import { DIALECT_FIELDS } from "../../legacy/dialect.ts";
import type { AgentSpec } from "../../model/fleet.ts";
import type { PlacedUse } from "./document.ts";
import type { Findings } from "./findings.ts";
import { isDialect } from "./source.ts";

/**
 * Fields that only work by being shown. Tools, access and delegation are not among them: the hook enforces those
 * whatever the templates show.
 */
const SHOWN: readonly { readonly field: string; readonly isSet: (agent: AgentSpec) => boolean }[] = [
  { field: "display_name", isSet: (agent) => agent.displayName !== "" },
  { field: "description", isSet: (agent) => agent.description !== "" },
  { field: "model", isSet: (agent) => agent.model !== "" },
  { field: "responsibilities", isSet: (agent) => agent.responsibilities.length > 0 },
  { field: "forbidden", isSet: (agent) => agent.forbidden.length > 0 },
];

/** The field names in a list of uses; `"*"` when an agent is used as a whole. */
function fieldsOf(uses: readonly PlacedUse[]): Set<string> {
  const fields = new Set<string>();
  for (const { span, use } of uses) {
    const [root, ...rest] = use.path;
    if (isDialect(span.source.name) && typeof root === "string") {
      for (const field of DIALECT_FIELDS[root] ?? []) fields.add(field);
    } else if (root === "agent" && typeof rest[0] !== "string") {
      fields.add("*");
    }
    for (const part of rest) if (typeof part === "string") fields.add(part);
  }
  const texts = new Set(uses.map(({ span }) => span.text));
  for (const field of [...texts].flatMap(namedInFilters)) fields.add(field);
  return fields;
}

/** `agents | map: "model"` names a field as a text. */
function namedInFilters(text: string): string[] {
  const named = text.matchAll(
    /\|\s*(?:map|where|reject|find|has|sort|sort_natural|sum|uniq|compact)\s*:\s*["'](\w+)["']/g,
  );
  return [...named].map((match) => match[1] ?? "");
}

/** Warns of every field that is set for somebody and shown nowhere. */
export function warnUnused(agents: readonly AgentSpec[], uses: readonly PlacedUse[], findings: Findings): void {
  const fields = fieldsOf(uses);
  if (fields.has("*")) return;
  for (const { field, isSet } of SHOWN) {
    if (fields.has(field)) continue;
    const having = agents.filter(isSet);
    const [first] = having;
    if (!first) continue;
    const { file, line, col } = first.place;
    findings.add({
      code: "W203",
      file,
      line,
      col,
      message: `${field} is set for ${having.length} agent${having.length === 1 ? "" : "s"} and no template shows it: changing it changes nothing`,
      hint: `use {{ agent.${field} }} in a template or in the session's command`,
    });
  }
}

/** The variables a template uses, as it names them, sorted: `agent.model`, `agents[].name` as `agents`. */
export function variableNames(uses: readonly PlacedUse[]): string[] {
  const names = uses
    .filter(({ use }) => use.global)
    .map(({ use }) => {
      const end = use.path.findIndex((part) => typeof part !== "string");
      return (end === -1 ? use.path : use.path.slice(0, end)).join(".");
    });
  return [...new Set(names)].sort();
}
