// Interpreters: what code they are given, and the files they edit in place.

import { ANY, absolute } from "../pattern.ts";
import { type Stream, type Value, value } from "../scope.ts";
import { isForbidden } from "./forbidden.ts";
import { checkCode } from "./inline-code.ts";
import { type Call, has, optionValues, type Rule, type RuleContext, split } from "./rule.ts";

export const INTERPRETERS =
  "python python2 python3 pypy3 node nodejs deno ruby perl php lua luajit Rscript osascript tclsh ipython tsx ts-node";
export const AWKS = "awk gawk mawk nawk";

/** The option behind which an interpreter is given code. */
function codeOption(name: string): RegExp {
  if (/^node/.test(name)) return /^(?:-e|-p|-pe|--eval|--print)$/;
  return /^(?:i?python|pypy)/.test(name) ? /^-[a-zA-Z]*c$/ : /^-(?:[a-zA-Z]*[eEcpr]|-eval|-print|-run)$/;
}

/** Code that comes through a pipe or in a here-document. */
function pipedCode(input: Stream, call: Call, context: RuleContext): void {
  if (input.text !== null) checkCode(input.text, call, context, false);
  else
    context.denyUnknown(
      `what ${call.name} is given to run`,
      [...input.taint, ...(input.opaque === true ? [ANY] : [])],
      call.scope,
    );
}

/** Code in arguments, in a file that this command writes, or flowing in. */
function codes(
  call: Call,
  context: RuleContext,
  given: { readonly takes: RegExp; readonly operands: readonly Value[] },
): void {
  const { name, args, scope, input } = call;
  const { takes, operands } = given;
  const evals = name === "deno" && operands[0]?.alts[0] === "eval" ? operands.slice(1, 2) : [];
  const inline = [...optionValues(args, takes, /^--(?:eval|print)$/), ...evals];
  const paths = (operands[0]?.alts ?? []).flatMap((alt) => scope.cwds.map((cwd) => absolute(alt, cwd)));
  const written = paths.map((path) => scope.files.get(path)).filter((text) => typeof text === "string");
  for (const text of [...inline.flatMap((code) => code.alts), ...written])
    checkCode(text, call, context, name === "perl");
  if (inline.some((code) => code.opaque)) context.denyUnknown(`what ${name} is given to run`, [ANY], scope);
  const piped = inline.length === 0 && (operands.length === 0 || operands[0]?.alts.includes("-") === true);
  if (piped && input !== null && !args.some((one) => one.alts.includes("-m"))) pipedCode(input, call, context);
}

/** `node dist/rollcall.cjs apply`, `python3 -m aider`: the program is the first word that is no option. */
function startsForbidden({ args, scope, input }: Call, context: RuleContext): void {
  const at = args.findIndex((one) => one.alts.some((text) => !text.startsWith("-")));
  if (args[at]?.alts.some(isForbidden) === true) context.run(args.slice(at), scope, input);
}

export const interprets: Rule = (call, context) => {
  const { name, args, scope } = call;
  const takes = codeOption(name);
  const { operands, options } = split(args, takes);
  startsForbidden(call, context);
  codes(call, context, { takes, operands });
  if (/^(?:perl|ruby)$/.test(name) && has(options, /^-[a-zA-Z0-9]*i/)) {
    for (const one of operands) context.touch(one, scope, true);
  }
  if (name === "deno" && operands[0]?.alts[0] === "fmt" && !has(options, /^--check$/)) {
    for (const one of operands.length > 1 ? operands.slice(1) : [value(".")]) context.touch(one, scope, true);
  }
  return undefined;
};

export const awk: Rule = (call, context) => {
  const { operands, options } = split(call.args, /^-[vFfi]$/);
  const [code] = operands;
  if (call.args.some((one) => one.alts.some((text) => /^inplace$/.test(text))))
    for (const one of operands.slice(1)) context.touch(one, call.scope, true);
  if (!has(options, /^-f/)) for (const text of code?.alts ?? []) checkCode(text, call, context, true);
  return { text: null, taint: [...call.args.flatMap((one) => one.alts), ...(call.input?.taint ?? [])] };
};
