// Which line of a template made a line of text: by the words that stand in both, and the values that fill its gaps.
import type { Agent } from "../../model/fleet.ts";
import { type Aliases, aliasesOf, fieldsIn, literalsOf } from "./expressions.ts";
import { elementsIn, textsOf } from "./inputs.ts";

export interface TemplateLine {
  readonly line: number;
  readonly text: string;
  readonly fields: readonly string[];
}

interface Candidate extends TemplateLine {
  readonly score: number;
}

/** A value of the registry in a gap says more than words between gaps. */
const VALUE_SCORE = 1000;

/** The template's line for a rendered one; null when none fits (a blank line, a value of many lines). */
export function templateLineOf(
  rendered: string,
  {
    lines,
    isDialect,
    agent,
  }: { readonly lines: readonly string[]; readonly isDialect: boolean; readonly agent: Agent },
): TemplateLine | null {
  if (rendered.trim() === "") return null;
  const aliases: Aliases = isDialect ? new Map() : aliasesOf(lines.join("\n"));
  let best: Candidate | null = null;
  for (const [index, text] of lines.entries()) {
    const fields = fieldsIn(text, { isDialect, aliases });
    const score = scoreOf(rendered, { literals: literalsOf(text, isDialect), fields, agent });
    if (score > (best?.score ?? 0)) best = { line: index + 1, text, fields, score };
  }
  return best;
}

interface Scoring {
  readonly literals: readonly string[];
  readonly fields: readonly string[];
  readonly agent: Agent;
}

/** Above 0 when the line may come from there: letters that are in both in this order, less those that are missing. */
function scoreOf(rendered: string, { literals, fields, agent }: Scoring): number {
  let at = 0;
  let score = 0;
  const gaps: string[] = [];
  for (const literal of literals.map((one) => one.trim()).filter((one) => one !== "")) {
    const found = rendered.indexOf(literal, at);
    if (found < 0) {
      score -= literal.length / 2;
      continue;
    }
    if (found > at) gaps.push(rendered.slice(at, found));
    score += literal.length;
    at = found + literal.length;
  }
  gaps.push(rendered.slice(at));
  const filled = gaps.filter((gap) => gap.trim() !== "");
  if (fields.length === 0) return filled.length > 0 ? score - filled.join("").length : score;
  const values = fields.flatMap((field) => textsOf(agent, field));
  return score + (filled.some((gap) => elementsIn(gap, values).length > 0) ? VALUE_SCORE : 0);
}
