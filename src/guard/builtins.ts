// What builtins of bash do with the texts they are given: names of variables, arithmetic, commands for later.
import { evaluateName, evaluatePrompt, evaluateSum } from "./evaluated.ts";
import { ANY, throughDescriptor } from "./pattern.ts";
import { Denied } from "./policy.ts";
import { type Call, has, optionValues, type RuleContext, split } from "./rules/rule.ts";
import { inner, type Stream, type Value, value } from "./scope.ts";

/** Variables whose value a program runs as a command. */
export const RUN_BY_OTHERS =
  /^(?:PROMPT_COMMAND|PS[0-4]|\w*PAGER|\w*EDITOR|VISUAL|BROWSER|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF)$/;
const COMPARES = /^-(?:eq|ne|lt|le|gt|ge)$/;

type Builtin = (call: Call, context: RuleContext) => void;

/** Every argument may be the name of a variable. */
const names: Builtin = ({ args, scope }) => {
  for (const one of args) evaluateName(one, scope);
};

/** Arguments are names of variables when one of them is this option. */
const namesBehind =
  (option: RegExp): Builtin =>
  (call, context) => {
    if (call.args.some((one) => one.alts.some((text) => option.test(text)))) names(call, context);
  };

const sums: Builtin = ({ args, scope }) => {
  for (const one of args) if (!one.alts.every((text) => /^-[a-z]+$/.test(text))) evaluateSum(one, scope);
};

/** `[[ a -eq b ]]` evaluates both sides; `[` and `test` take numbers only. */
const compares: Builtin = (call, context) => {
  if (call.args.some((one) => one.alts.some((text) => COMPARES.test(text)))) sums(call, context);
  namesBehind(/^-[vR]$/)(call, context);
};

/** The values of an option are commands. */
const runs =
  (option: RegExp): Builtin =>
  ({ args, scope }, context) => {
    for (const one of optionValues(args, option)) context.shell(one, inner(scope));
  };

/** `mapfile -C COMMAND`. */
const fills: Builtin = (call, context) => {
  names(call, context);
  runs(/^-[a-zA-Z]*C$/)(call, context);
};

/** `compgen -C COMMAND`, `compgen -W WORDS`. */
const completes: Builtin = (call, context) => {
  runs(/^-[a-zA-Z]*C$/)(call, context);
  for (const one of optionValues(call.args, /^-[a-zA-Z]*W$/)) evaluatePrompt(one, call.scope);
};

/** `trap COMMAND SIGNAL`. */
const traps: Builtin = ({ args, scope }, context) => {
  for (const one of split(args).operands.slice(0, 1)) context.shell(one, inner(scope));
};

/** `declare name=value`: the index of a name is evaluated; with -i the value, with -n it is a name. */
const declares: Builtin = ({ args, scope }, context) => {
  const { options, operands } = split(args);
  for (const one of operands) {
    const parts = one.alts.map((text) => /^([^=]*)=?([\s\S]*)$/.exec(text));
    evaluateName({ alts: parts.map((found) => found?.[1] ?? ""), taint: [] }, scope);
    const given: Value = { ...one, alts: parts.map((found) => found?.[2] ?? "") };
    if (parts.some((found) => RUN_BY_OTHERS.test(found?.[1] ?? ""))) context.perhaps(given, inner(scope));
    if (has(options, /^-[a-zA-Z]*i/)) evaluateSum(given, scope);
    if (has(options, /^-[a-zA-Z]*n/)) evaluateName(given, scope);
  }
  // Whatever is assigned to the name before or later is evaluated.
  if (has(options, /^-[a-zA-Z]*[in]/)) evaluateSum({ alts: [ANY], taint: [] }, scope);
};

/** `alias name=value`: the value is a command, and takes the arguments of the name. */
const aliases: Builtin = ({ args, scope }, context) => {
  for (const one of args) {
    for (const text of one.alts) {
      const [, name, words = ""] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
      if (name === undefined) continue;
      context.shell({ ...one, alts: [words] }, inner(scope));
      const list = words.split(/\s+/).filter((word) => word !== "");
      // What begins with its own name is judged by that name.
      if (list[0] !== name) scope.aliases.set(name, /^[\w\s./:,=@%+-]*$/.test(words) ? list : null);
    }
  }
};

/** A command whose name is an alias; null when it is none. */
export function runAlias({ name, args, scope, input }: Call, context: RuleContext): Stream | null {
  const words = scope.aliases.get(name);
  if (words === undefined) return null;
  if (words === null) {
    const texts = args.flatMap((one) => [...one.alts, ...one.taint]);
    context.denyUnknown(`what the alias ${name} does with its arguments`, texts, scope);
    return { text: null, taint: texts };
  }
  scope.aliases.delete(name);
  const out = context.run([...words.map((word) => value(word)), ...args], scope, input);
  scope.aliases.set(name, words);
  return out;
}

/** Folders by their number in the stack, or behind a descriptor. */
const enters: Builtin = ({ name, args, scope }) => {
  if (scope.bestEffort) return;
  const text = args.flatMap((one) => one.alts).find((one) => /^[-+]\d+$/.test(one) || throughDescriptor(one));
  if (text !== undefined) throw new Denied(`cannot tell which folder ${name} ${text} enters: write its path`);
};

const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  (
    [
      ["let", sums],
      ["[[", compares],
      ["[ test", namesBehind(/^-[vR]$/)],
      ["printf", (call, context) => namesBehind(/^-v/)({ ...call, args: call.args.slice(0, 2) }, context)],
      ["wait", namesBehind(/^-[a-z]*p/)],
      ["unset read getopts", names],
      ["mapfile readarray", fills],
      ["declare typeset local export readonly", declares],
      ["compgen", completes],
      ["trap", traps],
      ["alias", aliases],
      ["cd pushd popd", enters],
    ] satisfies [string, Builtin][]
  ).flatMap(([list, rule]) => list.split(" ").map((name) => [name, rule] as const)),
);

/** Refuses where a builtin would run a command that stands in one of its arguments. */
export function checkBuiltin(call: Call, context: RuleContext): void {
  BUILTINS.get(call.name)?.(call, context);
}
