// What builtins of bash do with the texts they are given: names of variables, arithmetic, commands for later.
import { evaluateName, evaluatePrompt, evaluateSum } from "./evaluated.ts";
import { type Call, has, type Judge, optionValues, split } from "./judge.ts";
import { ANY, throughDescriptor } from "./pattern.ts";
import { Denied } from "./policy.ts";
import { inner, type Value } from "./scope.ts";

const COMPARES = /^-(?:eq|ne|lt|le|gt|ge)$/;

/** Refuses where a builtin would run a command that stands in one of its arguments. */
export function judgeBuiltin(call: Call, judge: Judge): void {
  const { name, args, scope } = call;
  switch (name) {
    case "let":
      for (const one of args) evaluateSum(one, scope);
      return;
    case "[[":
      if (args.some((one) => one.alts.some((text) => COMPARES.test(text))))
        for (const one of args) if (!one.alts.every((text) => /^-[a-z]+$/.test(text))) evaluateSum(one, scope);
      return namedBehind(/^-[vR]$/, call);
    case "[":
    case "test":
      return namedBehind(/^-[vR]$/, call);
    case "printf":
      return namedBehind(/^-v/, { ...call, args: args.slice(0, 2) });
    case "wait":
      return namedBehind(/^-[a-z]*p/, call);
    case "unset":
    case "read":
    case "getopts":
      for (const one of args) evaluateName(one, scope);
      return;
    case "mapfile":
    case "readarray":
      for (const one of args) evaluateName(one, scope);
      for (const one of optionValues(args, /^-[a-zA-Z]*C$/)) judge.shell(one, inner(scope));
      return;
    case "declare":
    case "typeset":
    case "local":
    case "export":
    case "readonly":
      return declared(call);
    case "compgen":
      for (const one of optionValues(args, /^-C$/)) judge.shell(one, inner(scope));
      for (const one of optionValues(args, /^-W$/)) evaluatePrompt(one, scope);
      return;
    case "trap":
      for (const one of split(args).operands.slice(0, 1)) judge.shell(one, inner(scope));
      return;
    case "cd":
    case "pushd":
    case "popd":
      return entered(call);
  }
}

/** Arguments are names of variables when one of them is this option. */
function namedBehind(option: RegExp, { args, scope }: Call): void {
  if (args.some((one) => one.alts.some((text) => option.test(text)))) for (const one of args) evaluateName(one, scope);
}

/** `declare name=value`: the index of a name is evaluated; with -i the value, with -n it is a name. */
function declared({ args, scope }: Call): void {
  const { options, operands } = split(args);
  for (const one of operands) {
    const parts = one.alts.map((text) => /^([^=]*)=?([\s\S]*)$/.exec(text));
    evaluateName({ alts: parts.map((found) => found?.[1] ?? ""), taint: [] }, scope);
    const value: Value = { ...one, alts: parts.map((found) => found?.[2] ?? "") };
    if (has(options, /^-[a-zA-Z]*i/)) evaluateSum(value, scope);
    if (has(options, /^-[a-zA-Z]*n/)) evaluateName(value, scope);
  }
  // Whatever is assigned to the name before or later is evaluated.
  if (has(options, /^-[a-zA-Z]*[in]/)) evaluateSum({ alts: [ANY], taint: [] }, scope);
}

/** Folders by their number in the stack, or behind a descriptor. */
function entered({ name, args, scope }: Call): void {
  if (scope.soft) return;
  const text = args.flatMap((one) => one.alts).find((one) => /^[-+]\d+$/.test(one) || throughDescriptor(one));
  if (text !== undefined) throw new Denied(`cannot tell which folder ${name} ${text} enters: write its path`);
}
