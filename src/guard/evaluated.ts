// Texts that bash evaluates once more: as arithmetic, as the name of a variable, as a prompt. A command in them runs.
import { Denied } from "./policy.ts";

const RUNS = /\$\(|`|\$\{[ |]|@P\}/;

/** The texts of a value, known and possible. */
interface Texts {
  readonly alts: readonly string[];
  readonly taint: readonly string[];
}

/** What is known of a script when something in it is evaluated. */
interface Known {
  readonly bestEffort: boolean;
  readonly vars: ReadonlyMap<string, Texts>;
  readonly args: readonly string[];
  /** Shared by all of a script: bash may evaluate a value before or after it is assigned (loops, `declare -i`). */
  readonly evaluation: { used: boolean };
}

function texts({ alts, taint }: Texts): string[] {
  return [...alts, ...taint, [...alts, ...taint].join("")];
}

function refuse(text: string, as: string): never {
  const shown = text.replace(/[\u0001-\u0003]/g, "*").slice(0, 80);
  throw new Denied(`bash runs the command inside ${shown} when it evaluates that as ${as}: compute the value first`);
}

/** `a[$(…)]`: evaluated as a number or as a name, it runs what stands in the index. */
function shaped(value: Texts): string | undefined {
  return texts(value).find((text) => {
    const index = /\w\[/.exec(text)?.index;
    return index !== undefined && RUNS.test(text.slice(index));
  });
}

/** Refuses when the value, or a variable that bash evaluates with it, holds a command. */
function evaluate(value: Texts, known: Known, { as, uses }: { readonly as: string; readonly uses: RegExp }): void {
  if (known.bestEffort) return;
  const found = shaped(value);
  if (found !== undefined) refuse(found, as);
  if (!value.alts.some((text) => uses.test(text))) return;
  known.evaluation.used = true;
  for (const one of [...known.vars.values(), { alts: known.args, taint: [] }]) {
    const held = shaped(one);
    if (held !== undefined) refuse(held, as);
  }
}

/** A value that bash takes for the name of a variable: the index of an element is arithmetic. */
export function evaluateName(value: Texts, known: Known): void {
  evaluate(value, known, { as: "the name of a variable", uses: /\[.*[A-Za-z_]|[\u0001-\u0003]/s });
}

/** A value that bash takes for arithmetic: the variables that it names are evaluated too. */
export function evaluateSum(value: Texts, known: Known): void {
  evaluate(value, known, { as: "a number", uses: /[A-Za-z_\u0001-\u0003]/ });
}

/** A value that is assigned in a script that evaluates variables somewhere. */
export function evaluateAssigned(before: Texts | undefined, value: Texts, { bestEffort, evaluation }: Known): void {
  if (bestEffort || !evaluation.used) return;
  const found = shaped({ alts: [...(before?.alts ?? []), ...value.alts], taint: value.taint });
  if (found !== undefined) refuse(found, "a number");
}

/** `${name@P}`: the value is expanded as a prompt. */
export function evaluatePrompt(value: Texts, { bestEffort, vars, args }: Known): void {
  if (bestEffort) return;
  for (const one of [value, ...vars.values(), { alts: args, taint: [] }]) {
    const found = texts(one).find((text) => RUNS.test(text));
    if (found !== undefined) refuse(found, "a prompt");
  }
}
