// The static check of variables: every root and every fixed field a template names exists, also where no agent leads.
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { RenderContext } from "./context.ts";
import type { Finding } from "./findings.ts";
import type { VariableUse } from "./liquid.ts";
import { type KnownNames, unknownVariable } from "./liquid-errors.ts";
import { ROOT_NAMES, type SharedRoots } from "./scope.ts";
import { lineStarts, offsetOf } from "./source.ts";
import type { Span } from "./span.ts";

/** Roots that LiquidJS itself makes inside a loop. */
const LOOP = "forloop";

export interface VariableCheck {
  readonly context: RenderContext;
  readonly span: Span;
  /** A target that is this machine's own may show its paths. */
  readonly local: boolean;
}

/** True when no use is wrong; faults are in the findings. */
export function checkVariables(uses: readonly VariableUse[], check: VariableCheck): boolean {
  let good = true;
  const lines = lineStarts(check.span.text);
  for (const use of uses) good = checkUse(use, { ...check, lines }) && good;
  return good;
}

interface Check extends VariableCheck {
  /** Where the lines of the stretch begin. */
  readonly lines: readonly number[];
}

function checkUse(use: VariableUse, check: Check): boolean {
  const { context, local } = check;
  const [root] = use.path;
  if (!use.global || typeof root !== "string" || root === LOOP) return true;
  if (root === "project" && !local) {
    report(use, check, {
      code: "E214",
      message: "project shows paths of this machine, and this file is committed",
      hint: "only *.local.* targets and session commands may use it",
    });
    return false;
  }
  const unknown = unknownPart(use, context.shared);
  if (unknown === null) return true;
  report(use, check, unknownVariable(unknown, context.known));
  return false;
}

/** The path up to its first part that cannot exist, or null. Only what is the same for every agent is judged here. */
function unknownPart({ path, partial }: VariableUse, shared: SharedRoots): string | null {
  const root = path[0];
  if (typeof root !== "string") return null;
  // A partial may have parameters that only some of its includes give.
  if (!ROOT_NAMES.some((name) => name === root)) return partial === undefined ? root : null;
  const second = path[1];
  if (root === "agent") {
    const [sample] = shared.agents;
    const known = typeof second !== "string" || sample === undefined || Object.hasOwn(sample, second);
    return known ? null : `agent.${second}`;
  }
  if (root !== "fleet" && root !== "project") return null;
  let value: unknown = shared[root];
  for (const [index, part] of path.slice(1).entries()) {
    if (typeof part !== "string" || !isJsonObject(value)) return null;
    if (!Object.hasOwn(value, part)) return path.slice(0, index + 2).join(".");
    value = value[part];
  }
  return null;
}

function report(use: VariableUse, { context, span, lines }: Check, finding: Finding): void {
  const partial = use.partial === undefined ? undefined : context.partials.get(use.partial);
  if (partial) {
    context.findings.at(partial, offsetOf(partial.lines, use.line, use.col), finding);
    return;
  }
  const offset = offsetOf(lines, use.line, use.col);
  context.findings.at(span.source, span.offsetAt(offset), finding);
}

/** What may follow a path, for "did you mean". */
export function childrenOf(shared: SharedRoots): KnownNames["children"] {
  return (path) => {
    if (path.length === 0) return ROOT_NAMES;
    const [sample] = shared.agents;
    let value: unknown = { ...shared, agent: sample };
    for (const part of path) value = isJsonObject(value) ? (value as JsonObject)[part] : undefined;
    return isJsonObject(value) ? Object.keys(value) : [];
  };
}
