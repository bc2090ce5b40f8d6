// Commands that print names of files: a forbidden path among them may flow into the next command.

import { absolute, namePattern } from "../pattern.ts";
import { has, optionValues, type Rule, split } from "./rule.ts";

const RECURSIVE = /^-[a-zA-Z]*[rR]|^--recursive/;

/** grep, rg: with -l they print names of files, which may flow into the next command. */
export const greps: Rule = ({ name, args, scope }, context) => {
  const { options, operands } = split(args, /^(?:-[a-zA-Z]*[efgmABCt]|--glob|--include|--type|--regexp|--file)$/);
  const taint = args.flatMap((one) => [...one.alts, ...one.taint]);
  const goes = /^(?:rg|ag|ack)$/.test(name) || has(options, RECURSIVE);
  if (!has(options, /^-[a-zA-Z]*[lL]|^--files/)) return { text: null, taint };
  const roots = operands.slice(has(options, /^-[a-zA-Z]*e$|^--regexp/) ? 0 : 1).flatMap((one) => one.alts);
  const only = optionValues(args, /^-g$/, /^--(?:glob|include)$/)[0]?.alts[0];
  const wanted = only === undefined || only.startsWith("!") ? null : namePattern(only.slice(only.lastIndexOf("/") + 1));
  const places = roots.length > 0 || !goes ? roots : ["."];
  const hits = places.flatMap((one) => scope.cwds.map((cwd) => context.paths.search(one, cwd, wanted)));
  return { text: null, taint: [...taint, ...hits.filter((one) => one !== null)] };
};

/** Prints names of what lies in folders: a forbidden path among them may flow into the next command. */
export const lists: Rule = ({ args, scope }, context) => {
  const { operands } = split(args);
  const there = (text: string): boolean =>
    scope.cwds.some((cwd) => context.paths.disk.kind(absolute(text, cwd)) !== null);
  const named = operands.flatMap((one) => one.alts);
  const roots = named.length > 0 ? named.filter(there) : ["."];
  const hits = roots.flatMap((one) => scope.cwds.map((cwd) => context.paths.search(one, cwd, null)));
  return {
    text: null,
    taint: [...args.flatMap((one) => [...one.alts, ...one.taint]), ...hits.filter((one) => one !== null)],
  };
};
