// Parses shell text (POSIX, and what bash adds) into lists of commands. Throws Unparsable where it cannot.
import { type Assignment, type List, type Node, type Redirect, type Step, Unparsable, type Word } from "./script.ts";
import { expect, keyword, newline, redirect, redirects, skip } from "./tokens.ts";
import { plainText, quotedWord, readWord, type Source } from "./words.ts";

/** The commands of a text. */
export function parse(text: string): List {
  return program(text, 0);
}

function program(text: string, depth: number): List {
  const source: Source = { text, at: 0, depth, pending: [], list: inner, parse: program };
  const found = inner(source);
  if (source.at < text.length) throw new Unparsable(`an odd ${text[source.at]}`);
  return found;
}

function inner(source: Source): List {
  if (source.depth > 20) throw new Unparsable("nested too deeply");
  source.depth++;
  const found = list(source, []);
  source.depth--;
  return found;
}

function list(source: Source, stops: readonly string[]): List {
  const steps: Step[] = [];
  for (;;) {
    skip(source, true);
    const one = source.text[source.at];
    if (one === undefined || one === ")" || source.text.startsWith(";;", source.at)) return steps;
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

function pipeline(source: Source): Node {
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

function group(source: Source, body: List, more: Partial<Extract<Node, { k: "group" }>> = {}): Node {
  return { k: "group", subshell: false, loop: false, body, redirects: redirects(source), ...more };
}

function command(source: Source): Node {
  skip(source, false);
  const word = keyword(source);
  const take = (): void => {
    source.at += word.length;
  };
  switch (word) {
    case "!":
    case "coproc":
      take();
      return command(source);
    case "time":
      take();
      skip(source, false);
      if (/^-p\s/.test(source.text.slice(source.at, source.at + 3))) source.at += 2;
      return command(source);
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
      return forEach(source);
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

function closed(source: Source, end: string): Node {
  const body = list(source, [end]);
  expect(source, end);
  return group(source, body);
}

function parenthesis(source: Source): Node {
  source.at++;
  if (source.text[source.at] === "(") {
    const end = source.text.indexOf("))", source.at);
    const inner = source.text.slice(source.at + 1, end < 0 ? undefined : end);
    if (end >= 0 && !/[;\n|]|&&/.test(inner)) {
      source.at = end + 2;
      return { k: "simple", sets: [], words: [quotedWord(inner, source)], redirects: redirects(source) };
    }
  }
  const body = list(source, []);
  if (source.text[source.at++] !== ")") throw new Unparsable("no closing )");
  return group(source, body, { subshell: true });
}

function branches(source: Source): Node {
  const body: Step[] = [];
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

function forEach(source: Source): Node {
  skip(source, false);
  if (source.text.startsWith("((", source.at)) {
    const end = source.text.indexOf("))", source.at);
    if (end < 0) throw new Unparsable("no ))");
    source.at = end + 2;
    return looped(source);
  }
  const name = plainText(readWord(source) ?? []);
  if (name === null || name === "") throw new Unparsable("an odd for");
  skip(source, true);
  let words: Word[] | null = null;
  if (keyword(source) === "in") {
    source.at += 2;
    words = [];
    for (skip(source, false); ; skip(source, false)) {
      const word = readWord(source);
      if (word === null) break;
      words.push(word);
    }
  }
  return looped(source, { name, words });
}

function looped(source: Source, each?: { readonly name: string; readonly words: readonly Word[] | null }): Node {
  skip(source, true);
  if (source.text[source.at] === ";") source.at++;
  skip(source, true);
  const brace = keyword(source) === "{";
  expect(source, brace ? "{" : "do");
  const body = list(source, [brace ? "}" : "done"]);
  expect(source, brace ? "}" : "done");
  return group(source, body, { loop: true, ...(each === undefined ? {} : { each }) });
}

function cases(source: Source): Node {
  const body: Step[] = [];
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
    const end = source.text.indexOf(")", source.text[source.at] === "(" ? source.at + 1 : source.at);
    if (end < 0) throw new Unparsable("no )");
    source.at = end + 1;
    body.push(...list(source, ["esac"]));
    const mark = /^;;?&?/.exec(source.text.slice(source.at, source.at + 3))?.[0] ?? "";
    source.at += mark.length;
    if (mark === "" && keyword(source) !== "esac") throw new Unparsable("no esac");
  }
  source.at += 4;
  return group(source, body);
}

function definition(source: Source, known?: string): Node {
  skip(source, false);
  const name = known ?? plainText(readWord(source) ?? []) ?? "";
  skip(source, false);
  const brackets = /\(\s*\)/y;
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

/** `[[ … ]]`: only what runs inside its words matters. */
function test(source: Source): Node {
  const words: Word[] = [[{ k: "text", text: "[[", bare: false }]];
  for (;;) {
    skip(source, true);
    if (source.at >= source.text.length) throw new Unparsable("no ]]");
    if (source.text.startsWith("]]", source.at)) break;
    const word = readWord(source);
    if (word === null) source.at++;
    else words.push(word);
  }
  source.at += 2;
  return { k: "simple", sets: [], words, redirects: redirects(source) };
}

function simple(source: Source): Node {
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
    if (words.length === 0 && sets.length === 0 && /^\s*\(\s*\)/.test(source.text.slice(source.at, source.at + 20))) {
      return definition(source, plainText(word) ?? "");
    }
    words.push(word);
  }
  if (sets.length + words.length + found.length === 0) throw new Unparsable(`an odd ${source.text[source.at]}`);
  return { k: "simple", sets, words, redirects: found };
}

/** `name=word`, `name+=word` before the command, `name=(words)` also behind it (`declare -a x=(…)`). */
function assignment(source: Source, first: boolean): Assignment[] | null {
  const head = /([A-Za-z_]\w*)(\[[^\]]*\])?\+?=/y;
  head.lastIndex = source.at;
  const match = head.exec(source.text);
  if (match === null || !(first || source.text[head.lastIndex] === "(")) return null;
  source.at += match[0].length;
  const name = match[1] ?? "";
  const index = /[$`]/.test(match[2] ?? "") ? [{ name: "_", value: quotedWord(match[2] ?? "", source) }] : [];
  if (source.text[source.at] !== "(") return [...index, { name, value: readWord(source) ?? [] }];
  source.at++;
  const items: Assignment[] = [];
  for (skip(source, true); source.text[source.at] !== ")"; skip(source, true)) {
    const value = readWord(source);
    if (value === null) throw new Unparsable("an odd list");
    items.push({ name, value });
  }
  source.at++;
  return items;
}
