// Parses shell text (POSIX, and what bash adds) into lists of commands. Throws Unparsable where it cannot.
import { arithmetic, evaluated } from "./arithmetic.ts";
import { assignment } from "./assignments.ts";
import {
  type Assignment,
  type CommandNode,
  type List,
  type Node,
  type Redirect,
  Unparsable,
  type Word,
} from "./ast.ts";
import { patterns, test } from "./conditions.ts";
import { type LoopHead, readLoopHead } from "./loop-head.ts";
import { expect, keyword, newline, redirect, redirects, skip } from "./tokens.ts";
import { plainText, readDoubleParentheses, readWord, type ShellText } from "./words.ts";

/** What may stand where a command starts and is no word. */
const COMPOUND = /^(?:\{|if|while|until|for|select|case|\[\[)$/;

/** The commands of a text. */
export function parse(text: string): List {
  return program(text, 0);
}

function program(text: string, depth: number): List {
  const source: ShellText = { text, at: 0, depth, pending: [], list: inner, parse: program };
  const found = inner(source);
  if (source.at < text.length) throw new Unparsable(`an odd ${text[source.at]}`);
  return found;
}

function inner(source: ShellText): List {
  if (source.depth > 20) throw new Unparsable("nested too deeply");
  source.depth++;
  const found = list(source, []);
  source.depth--;
  return found;
}

function list(source: ShellText, stops: readonly string[]): List {
  const steps: CommandNode[] = [];
  for (;;) {
    skip(source, true);
    const one = source.text[source.at];
    if (one === undefined || one === ")" || /^;[;&]/.test(source.text.slice(source.at, source.at + 2))) return steps;
    if (one === ";") {
      source.at++;
      continue;
    }
    if (stops.includes(keyword(source))) return steps;
    const node = pipeline(source);
    skip(source, false);
    const op = /^(?:&&|\|\||;(?![;&])|&(?![>&])|\n)/.exec(source.text.slice(source.at, source.at + 2))?.[0] ?? "";
    if (op === "\n") newline(source);
    else source.at += op.length;
    steps.push({ node, op: op === "\n" || op === "" ? ";" : op });
    if (op === "" && !/^(?:$|[)]|;[;&])/.test(source.text.slice(source.at, source.at + 2))) {
      if (!stops.includes(keyword(source))) throw new Unparsable(`an odd ${source.text[source.at]}`);
    }
  }
}

function pipeline(source: ShellText): Node {
  const steps: Node[] = [command(source)];
  for (;;) {
    skip(source, false);
    const bar = /^\|(?!\|)&?/.exec(source.text.slice(source.at, source.at + 2))?.[0];
    if (bar === undefined) break;
    source.at += bar.length;
    skip(source, true);
    steps.push(command(source));
  }
  const [only] = steps;
  return steps.length === 1 && only !== undefined ? only : { k: "pipe", steps };
}

function group(source: ShellText, body: List, more: Partial<Extract<Node, { k: "group" }>> = {}): Node {
  return { k: "group", subshell: false, loop: false, body, redirects: redirects(source), ...more };
}

function command(source: ShellText): Node {
  skip(source, false);
  const word = keyword(source);
  const take = (): void => {
    source.at += word.length;
  };
  switch (word) {
    case "!":
      take();
      return command(source);
    case "coproc":
      take();
      return coprocess(source);
    case "time":
      take();
      return timed(source);
    case "{":
      take();
      return closed(source, "}");
    case "if":
      return branches(source);
    case "while":
    case "until": {
      take();
      const head = list(source, ["do"]);
      expect(source, "do");
      const body = list(source, ["done"]);
      expect(source, "done");
      return group(source, [...head, ...body], { loop: true });
    }
    case "for":
    case "select":
      take();
      return looped(source, readLoopHead(source));
    case "case":
      take();
      return cases(source);
    case "function":
      take();
      return definition(source);
    case "[[":
      take();
      return test(source);
    case "":
    case "in":
      return source.text[source.at] === "(" ? parenthesis(source) : simple(source);
    default:
      throw new Unparsable(`an odd ${word}`);
  }
}

function closed(source: ShellText, end: string): Node {
  const body = list(source, [end]);
  expect(source, end);
  return group(source, body);
}

/** `time`, `time -p`, `time --`: the options are the keyword's own. */
function timed(source: ShellText): Node {
  for (const option of [/-p(?=[ \t\n;&|()<>]|$)/y, /--(?=[ \t\n;&|()<>]|$)/y]) {
    skip(source, false);
    option.lastIndex = source.at;
    source.at += option.exec(source.text)?.[0].length ?? 0;
  }
  skip(source, false);
  const nothing = /^(?:$|[\n;&|)])/.test(source.text.slice(source.at, source.at + 1));
  return nothing ? { k: "simple", sets: [], words: [], redirects: [] } : command(source);
}

/** `coproc COMMAND`, `coproc NAME { …; }`. */
function coprocess(source: ShellText): Node {
  skip(source, false);
  const from = source.at;
  const name = keyword(source) === "" && source.text[from] !== "(" ? readWord(source) : null;
  skip(source, false);
  const named = name !== null && (COMPOUND.test(keyword(source)) || source.text[source.at] === "(");
  if (named && plainText(name) === null) throw new Unparsable("an odd name of a coprocess");
  if (!named) source.at = from;
  return command(source);
}

function parenthesis(source: ShellText): Node {
  source.at++;
  const inner = readDoubleParentheses(source);
  if (inner !== null) return group(source, [evaluated(arithmetic(inner))]);
  const body = list(source, []);
  if (source.text[source.at++] !== ")") throw new Unparsable("no closing )");
  return group(source, body, { subshell: true });
}

function branches(source: ShellText): Node {
  const body: CommandNode[] = [];
  for (let stop = "if"; stop !== "fi"; ) {
    source.at += stop.length;
    const ends = stop === "then" || stop === "else" ? ["elif", "else", "fi"] : ["then"];
    body.push(...list(source, ends));
    stop = keyword(source);
    if (!ends.includes(stop)) throw new Unparsable("no fi");
  }
  source.at += 2;
  return group(source, body);
}

function looped(source: ShellText, { each, first = [] }: LoopHead): Node {
  skip(source, true);
  if (source.text[source.at] === ";") source.at++;
  skip(source, true);
  const brace = keyword(source) === "{";
  expect(source, brace ? "{" : "do");
  const body = list(source, [brace ? "}" : "done"]);
  expect(source, brace ? "}" : "done");
  return group(source, [...first, ...body], { loop: true, ...(each === undefined ? {} : { each }) });
}

function cases(source: ShellText): Node {
  const body: CommandNode[] = [];
  skip(source, false);
  const subject = readWord(source) ?? [];
  body.push({
    node: { k: "simple", sets: [], words: [[{ k: "text", text: ":", bare: false }], subject], redirects: [] },
    op: ";",
  });
  expect(source, "in");
  for (;;) {
    skip(source, true);
    if (keyword(source) === "esac") break;
    body.push(...patterns(source).map(evaluated), ...list(source, ["esac"]));
    const mark = /^;;?&?/.exec(source.text.slice(source.at, source.at + 3))?.[0] ?? "";
    source.at += mark.length;
    if (mark === "" && keyword(source) !== "esac") throw new Unparsable("no esac");
  }
  source.at += 4;
  return group(source, body);
}

function definition(source: ShellText, known: string | null | undefined = undefined): Node {
  skip(source, false);
  const name = known === undefined ? plainText(readWord(source) ?? []) : known;
  if (name === null) throw new Unparsable("an odd name of a function");
  skip(source, false);
  const brackets = /\([ \t]*\)/y;
  brackets.lastIndex = source.at;
  source.at += brackets.exec(source.text)?.[0].length ?? 0;
  skip(source, true);
  return {
    k: "group",
    subshell: false,
    loop: false,
    define: name,
    body: [{ node: command(source), op: ";" }],
    redirects: [],
  };
}

function simple(source: ShellText): Node {
  const sets: Assignment[] = [];
  const words: Word[] = [];
  const found: Redirect[] = [];
  for (;;) {
    skip(source, false);
    const more = redirect(source);
    if (more !== null) {
      found.push(more);
      continue;
    }
    const set = assignment(source, words.length === 0);
    if (set !== null) {
      sets.push(...set);
      continue;
    }
    const word = readWord(source);
    if (word === null) break;
    if (
      words.length === 0 &&
      sets.length === 0 &&
      /^[ \t]*\([ \t]*\)/.test(source.text.slice(source.at, source.at + 20))
    ) {
      return definition(source, plainText(word));
    }
    words.push(word);
  }
  if (sets.length + words.length + found.length === 0) throw new Unparsable(`an odd ${source.text[source.at]}`);
  return { k: "simple", sets, words, redirects: found };
}
