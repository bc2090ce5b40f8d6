// Reads one shell word: quotes, escapes, variables, substitutions.
import { type List, type Part, type Redirect, Unparsable, type Word } from "./script.ts";

/** A place in a text, shared by all that read it. */
export interface Source {
  readonly text: string;
  at: number;
  depth: number;
  /** Here-documents whose lines come after the next line end. */
  pending: Pending[];
  /** Reads commands up to a closing parenthesis. */
  readonly list: (source: Source) => List;
  /** Reads a text of its own (backticks). */
  readonly parse: (text: string, depth: number) => List;
}

interface Pending {
  readonly redirect: Redirect;
  readonly end: string;
  readonly quoted: boolean;
  readonly tabs: boolean;
}

const META = /[\s;&|()<>]/;
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Takes the text up to a closing mark, from behind the opening one. */
function until(source: Source, mark: string): string {
  const end = source.text.indexOf(mark, source.at);
  if (end < 0) throw new Unparsable(`no closing ${mark}`);
  const text = source.text.slice(source.at, end);
  source.at = end + mark.length;
  return text;
}

/** `$'…'`. */
function ansi(source: Source): Part {
  const match = /(?:[^'\\]|\\[\s\S])*'/y;
  match.lastIndex = source.at;
  const raw = match.exec(source.text)?.[0];
  if (raw === undefined) throw new Unparsable("no closing '");
  source.at += raw.length;
  return { k: "text", text: decodeEscapes(raw.slice(0, -1)), bare: false };
}

/** Backslash sequences as `$'…'`, `echo -e` and `printf` read them. */
export function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([\s\S]))/g,
    (_, x?: string, u?: string, long?: string, octal?: string, one?: string) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex, 16)));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ESCAPES[one ?? ""] ?? one ?? "";
    },
  );
}

/** The end of a balanced run of one kind of bracket, from behind the opening one. */
function balanced(source: Source, open: string, close: string): string {
  const from = source.at;
  for (let depth = 1; source.at < source.text.length; ) {
    const one = source.text[source.at++];
    if (one === "\\") source.at++;
    else if (one === open) depth++;
    else if (one === close && --depth === 0) return source.text.slice(from, source.at - 1);
  }
  throw new Unparsable(`no closing ${close}`);
}

function braced(source: Source, quoted: boolean): Part {
  const head = /(!|#(?=[\w@*?#!$-]))?([A-Za-z_]\w*|\d+|[@*#?$!-])(\[[^\]]*\])?/y;
  head.lastIndex = source.at;
  const match = head.exec(source.text);
  if (match === null) throw new Unparsable("an odd ${");
  source.at += match[0].length;
  const op = /:?[-=+?]|[^}]?/y;
  op.lastIndex = source.at;
  const sign = op.exec(source.text)?.[0] ?? "";
  source.at += sign.length;
  const rest = readParts(source, (one) => one === "}", quoted);
  if (source.text[source.at++] !== "}") throw new Unparsable("no closing }");
  const index = /[$`]/.test(match[3] ?? "") ? quotedWord(match[3] ?? "", source) : [];
  return { k: "var", name: match[2] ?? "", op: (match[1] ?? "") + sign, rest: [...rest, ...index], quoted };
}

function substitution(source: Source, quoted: boolean): Part {
  if (source.text[source.at] === "(") {
    const start = source.at;
    source.at++;
    const inner = balanced(source, "(", ")");
    if (source.text[source.at] === ")") {
      source.at++;
      return { k: "sum", inner: quotedWord(inner, source) };
    }
    source.at = start;
  }
  const list = source.list(source);
  if (source.text[source.at++] !== ")") throw new Unparsable("no closing )");
  return { k: "run", list, quoted };
}

/** What stands behind a `$`. */
function dollar(source: Source, quoted: boolean): Part {
  const next = source.text[source.at] ?? "";
  if (next === "(") {
    source.at++;
    return substitution(source, quoted);
  }
  if (next === "{") {
    source.at++;
    return braced(source, quoted);
  }
  if (next === "[") {
    source.at++;
    return { k: "sum", inner: quotedWord(balanced(source, "[", "]"), source) };
  }
  if (next === "'" && !quoted) {
    source.at++;
    return ansi(source);
  }
  if (next === '"' && !quoted) return { k: "text", text: "", bare: false };
  const name = /[A-Za-z_]\w*|[0-9@*#?$!-]/y;
  name.lastIndex = source.at;
  const found = name.exec(source.text)?.[0];
  if (found === undefined) return { k: "text", text: "$", bare: false };
  source.at += found.length;
  return { k: "var", name: found, op: "", rest: [], quoted };
}

function backticks(source: Source, quoted: boolean): Part {
  const match = /(?:[^`\\]|\\[\s\S])*`/y;
  match.lastIndex = source.at;
  const raw = match.exec(source.text)?.[0];
  if (raw === undefined) throw new Unparsable("no closing `");
  source.at += raw.length;
  return { k: "run", list: source.parse(raw.slice(0, -1).replace(/\\([`\\$])/g, "$1"), source.depth + 1), quoted };
}

/** Text with the rules of double quotes (also of here-documents and sums). */
export function quotedWord(text: string, outer: Source): Word {
  return readParts({ ...outer, text, at: 0, pending: [] }, () => false, true);
}

function escaped(source: Source, quoted: boolean): Part | null {
  const next = source.text[source.at++] ?? "";
  if (next === "\n") return null;
  const keeps = quoted && !/[$`"\\]/.test(next);
  return { k: "text", text: keeps ? `\\${next}` : next, bare: false };
}

/** One part that starts with a mark of its own; undefined when the character is plain, null for nothing at all. */
function special(source: Source, quoted: boolean): Part | readonly Part[] | null | undefined {
  const one = source.text[source.at];
  if (one === "\\" || one === "$" || one === "`") {
    source.at++;
    if (one === "\\") return escaped(source, quoted);
    return one === "$" ? dollar(source, quoted) : backticks(source, quoted);
  }
  return quoted ? undefined : bareSpecial(source, one, source.text[source.at + 1]);
}

/** Marks that mean something outside double quotes only. */
function bareSpecial(source: Source, one: string | undefined, next: string | undefined): ReturnType<typeof special> {
  if (one === "'") {
    source.at++;
    return { k: "text", text: until(source, "'"), bare: false };
  }
  if (one === '"') {
    source.at++;
    const inner = readParts(source, (mark) => mark === '"', true);
    if (source.text[source.at++] !== '"') throw new Unparsable('no closing "');
    return inner.length > 0 ? inner : { k: "text", text: "", bare: false };
  }
  if (next !== "(" || one === undefined) return undefined;
  if (one === "<" || one === ">") {
    source.at += 2;
    const list = source.list(source);
    if (source.text[source.at++] !== ")") throw new Unparsable("no closing )");
    return { k: "stream", list };
  }
  if (!"?*+@!".includes(one)) return undefined;
  source.at += 2;
  balanced(source, "(", ")");
  return { k: "text", text: "*", bare: true };
}

function readParts(source: Source, ends: (one: string) => boolean, quoted: boolean): Word {
  const parts: Part[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") parts.push({ k: "text", text: plain, bare: !quoted });
    plain = "";
  };
  for (let one = source.text[source.at]; one !== undefined && !ends(one); one = source.text[source.at]) {
    const part = special(source, quoted);
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
export function readWord(source: Source): Word | null {
  const from = source.at;
  const parts = readParts(source, (one) => META.test(one) && !isStream(source), false);
  return source.at === from ? null : parts;
}

function isStream(source: Source): boolean {
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
