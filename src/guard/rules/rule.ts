// What the rules about single commands may ask for while a script is walked.
import type { PathPolicy } from "../path-matcher.ts";
import type { ShellScope, Stream, Value } from "../scope.ts";

export interface RuleContext {
  readonly paths: PathPolicy;
  /** Refuses when the value may lead to a forbidden place. `tree`: with all that lies below it. */
  touch(target: Value, scope: ShellScope, tree?: boolean): void;
  /** Refuses when the value leads into a settings folder, for commands that write elsewhere. */
  settings(target: Value, scope: ShellScope): void;
  /** Refuses when the value leads to a place that the agent may not even read; nothing where reading is free. */
  reads(target: Value, scope: ShellScope): void;
  /** Refuses when one of these texts names a forbidden place: nothing better is known. */
  denyUnknown(what: string, texts: readonly string[], scope: ShellScope): void;
  /** Refuses a command that no agent may run, whatever it touches. `why` ends with the way out. */
  forbid(command: string, why: string): never;
  /** A command with its arguments. */
  run(words: readonly Value[], scope: ShellScope, input: Stream | null): Stream;
  /** A text that a shell runs: refused when it cannot be read. */
  shell(text: Value, scope: ShellScope, input?: Stream | null): Stream;
  /** A text that may be a command and may be something else. */
  perhaps(text: Value, scope: ShellScope, input?: Stream | null): Stream;
}

/** One command of a script with what it is given. */
export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  readonly scope: ShellScope;
  readonly input: Stream | null;
}

/** Refuses what a command would do wrong; returns what it prints when that is known. */
export type Rule = (call: Call, context: RuleContext) => Stream | undefined;

export interface Arguments {
  readonly options: readonly string[];
  readonly operands: readonly Value[];
}

function isOption(one: Value): boolean {
  return one.alts.every((text) => /^-./.test(text));
}

/** Options and operands apart; `takes` says which options have their value in the next argument. */
export function split(args: readonly Value[], takes: RegExp = /^$/): Arguments {
  const options: string[] = [];
  const operands: Value[] = [];
  for (let at = 0; at < args.length; at++) {
    const one = args[at];
    if (one === undefined) break;
    if (one.alts.includes("--")) {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (!isOption(one)) operands.push(one);
    else {
      options.push(...one.alts);
      if (one.alts.some((text) => takes.test(text))) at++;
    }
  }
  return { options, operands };
}

/** The values of options that match, joined to them (`-oX`, `--out=X`) or in the next argument. */
export function optionValues(args: readonly Value[], short: RegExp, long: RegExp = /^$/): Value[] {
  return args.flatMap((one, at) =>
    one.alts.flatMap((text) => {
      if (long.test(text) || short.test(text)) return args.slice(at + 1, at + 2);
      const joined = joinedValue(text, short, long);
      return joined === "" ? [] : [{ ...one, alts: [joined] }];
    }),
  );
}

function joinedValue(text: string, short: RegExp, long: RegExp): string {
  const sign = text.indexOf("=");
  if (sign > 0 && long.test(text.slice(0, sign))) return text.slice(sign + 1);
  return !text.startsWith("--") && short.test(text.slice(0, 2)) ? text.slice(2) : "";
}

export function has(options: readonly string[], test: RegExp): boolean {
  return options.some((option) => test.test(option));
}
