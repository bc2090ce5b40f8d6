// Commands that copy, move and link: where the last operand (or the folder an option names) is written.

import { absolute } from "../pattern.ts";
import type { Value } from "../scope.ts";
import { type Call, has, optionValues, type Rule, type RuleContext, split } from "./rule.ts";

const RECURSIVE = /^-[a-zA-Z]*[rR]|^--recursive/;

interface Copy {
  readonly sources: readonly Value[];
  readonly targets: readonly Value[];
  readonly options: readonly string[];
}

/** Sources and targets: the last operand, or the folder an option gives. */
function copyArguments(name: string, args: readonly Value[]): Copy {
  const { options, operands } = split(
    args,
    /^(?:-t|--target-directory|-S|-m|-g|-e|--exclude|--include|--filter|--mode)$/,
  );
  const given = name === "rsync" ? [] : optionValues(args, /^-t$/, /^--target-directory$/);
  if (given.length > 0) return { sources: operands, targets: given, options };
  if (name === "install" && has(options, /^-[a-z]*d/)) return { sources: [], targets: operands, options };
  const remote = (one: Value): boolean => (name === "rsync" || name === "scp") && /^[^/]+:/.test(one.alts[0] ?? "");
  return { sources: operands.slice(0, -1), targets: operands.slice(-1).filter((one) => !remote(one)), options };
}

/** cp, install, ln, rsync, scp and mv. A moved or linked source counts as written, with all below it. */
export const copies =
  (way: "copy" | "move" | "link"): Rule =>
  (call, context) => {
    const { name, args, scope } = call;
    const { sources, targets, options } = copyArguments(name, args);
    const taken = way !== "copy" || has(options, /^--remove-source-files/);
    const whole = way === "move" || has(options, RECURSIVE) || has(options, /^-[a-z]*a|^--archive/);
    for (const one of sources) {
      context.settings(one, scope);
      if (taken) context.touch(one, scope, true);
    }
    for (const target of targets) {
      context.touch(target, scope, has(options, /^--del/));
      for (const source of sources) {
        if (way === "link") context.touch(linked(source, target), scope, true);
        arrives(source, target, { call, context, whole });
      }
    }
    return undefined;
  };

/** What a symbolic link leads to: its text is read from where it lies. */
function linked(source: Value, target: Value): Value {
  const folders = target.alts.flatMap((to) => [to, `${to}/..`]);
  return {
    ...source,
    alts: source.alts.flatMap((from) => (from.startsWith("/") ? [from] : folders.map((to) => `${to}/${from}`))),
  };
}

/** A copied thing keeps its name in the folder it is copied to; a copied folder brings its contents. */
function arrives(
  source: Value,
  target: Value,
  { call: { scope }, context, whole }: { readonly call: Call; readonly context: RuleContext; readonly whole: boolean },
): void {
  for (const from of source.alts) {
    const base = /\/\.?$|^\.{1,2}$|\/\.\.$/.test(from) ? "" : from.slice(from.lastIndexOf("/") + 1);
    const alts = target.alts.map((to) => (base === "" ? to : `${to}/${base}`));
    if (base !== "") context.touch({ ...target, alts }, scope);
    const folders = whole ? scope.cwds.map((cwd) => absolute(from, cwd)) : [];
    for (const below of folders.flatMap((folder) => context.paths.walk(folder))) {
      context.touch({ alts: [...alts, ...target.alts].map((to) => `${to}/${below}`), taint: [] }, scope);
    }
  }
}
