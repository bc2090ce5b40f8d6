// Reads one shell word: quotes, escapes, variables, substitutions.

import { type List, type Redirect, Unparsable, type Word, type WordPart } from "./ast.ts";
import { decodeQuoted } from "./escapes.ts";

/** A place in a text, shared by all that read it. */
export interface ShellText {
  readonly text: string;
  at: number;
  depth: number;
  /** Here-documents whose lines come after the next line end. */
  pending: Pending[];
  /** Reads commands up to a closing parenthesis. */
  readonly list: (source: ShellText) => List;
  /** Reads a text of its own (backticks). */
  readonly parse: (text: string, depth: number) => List;
}

interface Pending {
  readonly redirect: Redirect;
  readonly end: string;
  readonly quoted: boolean;
  readonly tabs: boolean;
}

/**
 * Which marks mean something: all of them; those of double quotes and here-documents; the same and double quotes
 * again (arithmetic, an index, what stands in `${…}` in double quotes).
 */
type Quoting = "bare" | "double" | "inner";

const META = /[ \t\n;&|()<>]/;

/** Takes the text up to a closing mark, from behind the opening one. */
function until(source: ShellText, mark: string): string {
  const end = source.text.indexOf(mark, source.at);
  if (end < 0) throw new Unparsable(`no closing ${mark}`);
  const text = source.text.slice(source.at, end);
  source.at = end + mark.length;
  return text;
}

/** `$'…'`. */
function ansi(source: ShellText): WordPart {
  const match = /(?:[^'\\]|\\[\s\S])*'/y;
  match.lastIndex = source.at;
  const raw = match.exec(source.text)?.[0];
  if (raw === undefined) throw new Unparsable("no closing '");
  source.at += raw.length;
  return { k: "text", text: decodeQuoted(raw.slice(0, -1)), bare: false };
}

/** Takes the closing mark that has to stand here. */
function close(source: ShellText, mark: string): void {
  if (source.text[source.at++] !== mark) throw new Unparsable(`no closing ${mark}`);
}

/** Arithmetic or an index up to its closing bracket, from behind the opening one. */
function readSum(source: ShellText, open: string, closing: string): Word {
  const from = source.at;
  let depth = 0;
  let quotedTo = from;
  const ends = (one: string): boolean => {
    if (one === open) depth++;
    if (one === closing && depth-- === 0) return true;
    if (open === "[" && isStream(source)) throw new Unparsable(`${one}( in an index`);
    // Single quotes hide brackets, but what stands in them is expanded all the same.
    if (one === "'" && source.at >= quotedTo) {
      quotedTo = source.text.indexOf("'", source.at + 1) + 1;
      const inner = source.text.slice(source.at + 1, Math.max(source.at + 1, quotedTo - 1));
      if (quotedTo === 0 || /[()[\]{}"`\\]/.test(inner)) throw new Unparsable("quotes in arithmetic");
    }
    return false;
  };
  const parts = readParts(source, ends, "inner");
  close(source, closing);
  // In `$[…]` bash counts the brackets of `${…}` too.
  const raw = source.text.slice(from, source.at - 1);
  if (open === "[" && raw.split("[").length !== raw.split("]").length) throw new Unparsable("an odd bracket");
  return parts;
}

/** `((…))` from behind its first parenthesis; null when it is a subshell in a subshell. */
export function readDoubleParentheses(source: ShellText): Word | null {
  if (source.text[source.at] !== "(") return null;
  const [start, waiting] = [source.at, source.pending.length];
  source.at++;
  const inner = readSum(source, "(", ")");
  if (source.text[source.at] === ")") {
    source.at++;
    return inner;
  }
  source.at = start;
  source.pending.length = waiting;
  return null;
}

/** The index behind a name, null when none stands here. */
export function readIndex(source: ShellText): Word | null {
  if (source.text[source.at] !== "[") return null;
  source.at++;
  return readSum(source, "[", "]");
}

/** How the word behind an operator in `${…}` is read. */
function operandQuoting(sign: string, quoting: Quoting): Quoting {
  if (sign === ":") return "inner";
  return quoting === "bare" || /^[#%/^,]$/.test(sign) ? "bare" : "inner";
}

function braced(source: ShellText, quoting: Quoting): WordPart {
  const head = /(!|#(?=[\w@*?#!$-]))?([A-Za-z_]\w*|\d+|[@*#?$!-])/y;
  head.lastIndex = source.at;
  const match = head.exec(source.text);
  if (match === null) throw new Unparsable("an odd ${");
  source.at += match[0].length;
  const index = readIndex(source) ?? undefined;
  const op = /:?[-=+?]|[^}]?/y;
  op.lastIndex = source.at;
  const sign = op.exec(source.text)?.[0] ?? "";
  source.at += sign.length;
  const inside = operandQuoting(sign, quoting);
  const ends = (one: string): boolean => {
    if (sign === ":" && one === "'") throw new Unparsable("quotes in arithmetic");
    if (inside === "inner" && isStream(source)) throw new Unparsable(`${one}( in quotes`);
    return one === "}";
  };
  const rest = readParts(source, ends, inside);
  close(source, "}");
  const quoted = quoting !== "bare";
  return { k: "var", name: match[2] ?? "", op: (match[1] ?? "") + sign, rest, quoted, ...(index ? { index } : {}) };
}

/** A list of commands up to the closing parenthesis. */
function commands(source: ShellText): List {
  const list = source.list(source);
  close(source, ")");
  return list;
}

function substitution(source: ShellText, quoted: boolean): WordPart {
  const inner = readDoubleParentheses(source);
  return inner === null ? { k: "run", list: commands(source), quoted } : { k: "sum", inner };
}

/** What stands behind a `$`. */
function dollar(source: ShellText, quoting: Quoting): WordPart {
  const next = source.text[source.at] ?? "";
  const quoted = quoting !== "bare";
  if (next === "(" || next === "{" || next === "[" || (next === "'" && !quoted)) source.at++;
  if (next === "(") return substitution(source, quoted);
  if (next === "{") return braced(source, quoting);
  if (next === "[") return { k: "sum", inner: readSum(source, "[", "]") };
  if (next === "'" && !quoted) return ansi(source);
  if (next === '"' && !quoted) return { k: "text", text: "", bare: false };
  const name = /[A-Za-z_]\w*|[0-9@*#?$!-]/y;
  name.lastIndex = source.at;
  const found = name.exec(source.text)?.[0] ?? "";
  source.at += found.length;
  // Bash joins the lines first: `$` and the next line's `(…)` are a substitution.
  if (/^\\\n[\w({['"]/.test(source.text.slice(source.at, source.at + 3))) throw new Unparsable("a $ cut by a line end");
  if (found === "") return { k: "text", text: "$", bare: false };
  return { k: "var", name: found, op: "", rest: [], quoted };
}

function backticks(source: ShellText, quoted: boolean): WordPart {
  const match = /(?:[^`\\]|\\[\s\S])*`/y;
  match.lastIndex = source.at;
  const raw = match.exec(source.text)?.[0];
  if (raw === undefined) throw new Unparsable("no closing `");
  source.at += raw.length;
  const text = raw.slice(0, -1).replace(quoted ? /\\([`\\$"])/g : /\\([`\\$])/g, "$1");
  return { k: "run", list: source.parse(text, source.depth + 1), quoted };
}

/** Text with the rules of double quotes: the lines of a here-document. */
export function quotedWord(text: string, outer: ShellText): Word {
  return readParts({ ...outer, text, at: 0, pending: [] }, () => false, "double");
}

function escaped(source: ShellText, quoted: boolean): WordPart | null {
  const next = source.text[source.at++] ?? "";
  if (next === "\n") return null;
  const keeps = quoted && !/[$`"\\]/.test(next);
  return { k: "text", text: keeps ? `\\${next}` : next, bare: false };
}

/** One part that starts with a mark of its own; undefined when the character is plain, null for nothing at all. */
function special(source: ShellText, quoting: Quoting): WordPart | readonly WordPart[] | null | undefined {
  const one = source.text[source.at];
  if (one === "\\" || one === "$" || one === "`") {
    source.at++;
    if (one === "\\") return escaped(source, quoting !== "bare");
    return one === "$" ? dollar(source, quoting) : backticks(source, quoting !== "bare");
  }
  if (one === '"' && quoting !== "double") {
    source.at++;
    const inner = readParts(source, (mark) => mark === '"', "double");
    close(source, '"');
    return inner.length > 0 ? inner : { k: "text", text: "", bare: false };
  }
  return quoting === "bare" ? bareSpecial(source, one, source.text[source.at + 1]) : undefined;
}

/** Marks that mean something outside of quotes only. */
function bareSpecial(source: ShellText, one: string | undefined, next: string | undefined): ReturnType<typeof special> {
  if (one === "'") {
    source.at++;
    return { k: "text", text: until(source, "'"), bare: false };
  }
  if (next !== "(" || one === undefined || !"<>?*+@!".includes(one)) return undefined;
  source.at += 2;
  if (one === "<" || one === ">") return { k: "stream", list: commands(source) };
  const inner = readParts(source, closesGroup(), "bare");
  close(source, ")");
  return { k: "glob", inner };
}

/** Recognises the `)` of a group, from behind its `(`. */
function closesGroup(): (one: string) => boolean {
  let depth = 0;
  return (one) => {
    if (one === "(") depth++;
    return one === ")" && depth-- === 0;
  };
}

function readParts(source: ShellText, ends: (one: string) => boolean, quoting: Quoting): Word {
  const parts: WordPart[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") parts.push({ k: "text", text: plain, bare: quoting === "bare" });
    plain = "";
  };
  for (let one = source.text[source.at]; one !== undefined && !ends(one); one = source.text[source.at]) {
    const part = special(source, quoting);
    if (part === undefined) {
      plain += one;
      source.at++;
      continue;
    }
    flush();
    if (part !== null) parts.push(...(Array.isArray(part) ? part : [part]));
  }
  flush();
  return parts;
}

/** One word from the present place; null when no word starts here. */
export function readWord(source: ShellText): Word | null {
  const from = source.at;
  const parts = readParts(source, (one) => META.test(one) && !isStream(source), "bare");
  return source.at === from ? null : parts;
}

/** The regular expression behind `=~`: its parentheses, and what stands in them, belong to the word. */
export function readRegExp(source: ShellText): Word {
  let depth = 0;
  const ends = (one: string): boolean => {
    if (one === "(") depth++;
    if (one === ")" && depth-- === 0) return true;
    return depth === 0 && /[ \t\n;&<>]/.test(one) && !isStream(source);
  };
  return readParts(source, ends, "bare");
}

/** Whether a word goes on here. */
export function isGlued(source: ShellText): boolean {
  const next = source.text[source.at];
  return next !== undefined && !META.test(next);
}

function isStream(source: ShellText): boolean {
  return /^[<>]\(/.test(source.text.slice(source.at, source.at + 2));
}

/** The text of a word that holds nothing but text, null otherwise. */
export function plainText(word: Word): string | null {
  let out = "";
  for (const part of word) {
    if (part.k !== "text") return null;
    out += part.text;
  }
  return out;
}
