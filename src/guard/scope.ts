// What is known while a script is walked: folders, variables, what flows into a command; and how words become values.
import { evaluateAssigned, evaluateName, evaluatePrompt, evaluateSum } from "./evaluated.ts";
import { ANY, absolute, isWild, ONE, STAR } from "./pattern.ts";
import { Denied } from "./policy.ts";
import type { List, Word, WordPart } from "./shell/ast.ts";

/** What a word may become. `taint`: texts that an unknown part may be made of. */
export interface Value {
  readonly alts: readonly string[];
  readonly taint: readonly string[];
  /** Made by a decoder: nothing can be said about it. */
  readonly opaque?: boolean;
}

export interface ShellScope {
  /** The folders the shell may be in. */
  cwds: readonly string[];
  old: readonly string[];
  readonly vars: Map<string, Value>;
  readonly functions: Map<string, List>;
  /** What the positional parameters may be made of. */
  readonly args: string[];
  /** The operator behind the present command. */
  op: string;
  depth: number;
  /** A script from the disk: only what is certain counts. */
  readonly bestEffort: boolean;
  readonly home: string;
  /** What unknown parts of the text itself may be made of (a text that was put together, then run). */
  readonly ambient: readonly string[];
  /** Files that this very command writes, as far as their text is known (null: it is not), by path. */
  readonly files: Map<string, string | null>;
  /** Whether the script evaluates variables as arithmetic or as names. */
  readonly evaluation: { used: boolean };
  /** The words of aliases by name; null: more than plain words. */
  readonly aliases: Map<string, readonly string[] | null>;
}

/** What a command prints, and what it is given. `text` null: unknown. */
export interface Stream {
  readonly text: string | null;
  readonly taint: readonly string[];
  readonly opaque?: boolean;
}

export type RunList = (list: List, scope: ShellScope) => Stream;

const UNKNOWN: Value = { alts: [ANY], taint: [] };
const SPLIT = "\u0007";
const LIMIT = 64;
/** Variables that bash evaluates as arithmetic when they are set. */
const INTEGERS = /^(?:RANDOM|OPTIND|HISTCMD|SECONDS|LINENO)$/;

export function value(...alts: string[]): Value {
  return { alts, taint: [] };
}

function union(a: Value, b: Value): Value {
  const alts = [...new Set([...a.alts, ...b.alts])];
  const taint = [...new Set([...a.taint, ...b.taint])];
  const opaque = a.opaque === true || b.opaque === true;
  return alts.length > LIMIT ? { alts: [ANY], taint: [...taint, ...alts], opaque } : { alts, taint, opaque };
}

/** A copy in which a subshell may change what it likes. */
export function inner(scope: ShellScope): ShellScope {
  return { ...scope, vars: new Map(scope.vars), depth: scope.depth + 1 };
}

export function assign(scope: ShellScope, name: string, given: Value): void {
  const known = scope.vars.get(name);
  if (name === "CDPATH" && !scope.bestEffort)
    throw new Denied("cannot tell where cd leads when CDPATH is set: leave it out");
  evaluateAssigned(known, given, scope);
  if (INTEGERS.test(name)) evaluateSum(given, scope);
  scope.vars.set(name, known === undefined ? given : union(known, given));
}

function wildcards(text: string): string {
  return text
    .replace(/\[(?:\[[:.=]\w+[:.=]\]|[^\]/])+\]/g, ONE)
    .replaceAll("**", ANY)
    .replaceAll("*", STAR)
    .replaceAll("?", ONE);
}

function lookup(scope: ShellScope, name: string): Value {
  if (/^[0-9@*]$/.test(name)) return { alts: [ANY], taint: scope.args };
  const known = scope.vars.get(name);
  if (known !== undefined) return known;
  if (name === "PWD") return value(...scope.cwds);
  if (name === "OLDPWD") return value(...scope.old);
  if (name === "IFS") return value(" ");
  if (name === "HOME" && scope.home !== "") return value(scope.home);
  return UNKNOWN;
}

function variable(part: Extract<WordPart, { k: "var" }>, scope: ShellScope, run: RunList): Value {
  const found = lookup(scope, part.name);
  const rest = textValue(part.rest, scope, run);
  evaluateParts(part, { found, rest }, scope, run);
  if (part.op === "") return found;
  if (/^:?[-=+?]$/.test(part.op)) {
    const both = union(found, rest);
    if (part.op.endsWith("=")) assign(scope, part.name, both);
    return both;
  }
  const changed = found.alts.flatMap((text) => rest.alts.map((one) => transformed(text, part.op, one)));
  if (changed.every((text) => text !== null)) return { ...found, alts: changed };
  const all = part.op.startsWith("!") ? [...scope.vars.values()].flatMap((one) => one.alts) : [];
  const made = [...found.alts, ...rest.alts, ...all].map((text) => ANY + text);
  return { alts: [ANY], taint: [...found.taint, ...rest.taint, ...made], opaque: found.opaque === true };
}

/** What bash evaluates in `${…}`: an index, an offset, the name in `${!name}`, the prompt in `${name@P}`. */
function evaluateParts(
  part: Extract<WordPart, { k: "var" }>,
  { found, rest }: { readonly found: Value; readonly rest: Value },
  scope: ShellScope,
  run: RunList,
): void {
  const index = part.index === undefined ? undefined : textValue(part.index, scope, run);
  if (index !== undefined && !/^[@*]$/.test(index.alts[0] ?? "")) evaluateSum(index, scope);
  if (part.op === ":") evaluateSum(rest, scope);
  if (part.op.endsWith("@") && rest.alts.some((text) => /^(?:P|\u0003)/.test(text))) evaluatePrompt(found, scope);
  if (part.op.startsWith("!")) {
    evaluateName(found, scope);
    evaluateSum(UNKNOWN, scope);
  }
}

/** What `${name#a}`, `${name/a/b}`, `${name:1:2}`, `${name,,}` make of a known text; null when that is not plain. */
function transformed(text: string, op: string, rest: string): string | null {
  if (isWild(text) || /[\u0001-\u0003*?[]/.test(rest)) return null;
  const plain = rest.replace(/^[#%/,^]/, "");
  switch (op) {
    case "#":
      return text.startsWith(plain) ? text.slice(plain.length) : text;
    case "%":
      return text.endsWith(plain) ? text.slice(0, text.length - plain.length) : text;
    case "/": {
      const [from = "", to = ""] = plain.split("/");
      return rest.startsWith("/") ? text.replaceAll(from, () => to) : text.replace(from, () => to);
    }
    case ":": {
      const match = /^ ?(-?\d+)(?::(\d+))?$/.exec(rest);
      return match === null
        ? null
        : text.slice(Number(match[1])).slice(0, match[2] === undefined ? undefined : Number(match[2]));
    }
    case ",":
    case "^":
      return op === "," ? text.toLowerCase() : text.toUpperCase();
    default:
      return null;
  }
}

function streamValue(stream: Stream): Value {
  const text = stream.text?.replace(/\n+$/, "");
  return { alts: [text ?? ANY], taint: stream.taint, opaque: stream.opaque === true };
}

/** How far a text is still open: `bare` to braces and wildcards, `live` (a variable's value) to splitting and wildcards. */
type Style = "plain" | "bare" | "live";

function partValue(part: WordPart, scope: ShellScope, run: RunList): readonly [Value, Style] {
  switch (part.k) {
    case "text":
      return [{ alts: [part.text], taint: part.text.includes(ANY) ? scope.ambient : [] }, part.bare ? "bare" : "plain"];
    case "var":
      return [variable(part, scope, run), part.quoted ? "plain" : "live"];
    case "run":
      return [streamValue(run(part.list, inner(scope))), part.quoted ? "plain" : "live"];
    case "stream": {
      const { taint, opaque } = run(part.list, inner(scope));
      return [{ alts: [`/dev/fd/${ANY}`], taint, opaque: opaque === true }, "plain"];
    }
    case "glob":
      textValue(part.inner, scope, run);
      return [value("*"), "bare"];
    case "sum":
      evaluateSum(textValue(part.inner, scope, run), scope);
      return [UNKNOWN, "plain"];
  }
}

/** Every text a word may become. `prepare` marks what is still open before the parts are joined. */
function combine(word: Word, scope: ShellScope, run: RunList, prepare: (text: string, style: Style) => string): Value {
  let out: Value = value("");
  for (const part of word) {
    const [found, style] = partValue(part, scope, run);
    const joined = out.alts.flatMap((left) => found.alts.map((text) => left + prepare(text, style)));
    const taint = [...out.taint, ...found.taint];
    const opaque = out.opaque === true || found.opaque === true;
    out =
      joined.length > LIMIT ? { alts: [ANY], taint: [...taint, ...joined], opaque } : { alts: joined, taint, opaque };
  }
  return out;
}

/** A word where the shell neither splits nor expands: an assignment, a here-document. */
export function textValue(word: Word, scope: ShellScope, run: RunList): Value {
  const found = combine(word, scope, run, (text) => text);
  return { ...found, alts: found.alts.map((text) => tilde(text, word, scope)) };
}

function tilde(text: string, word: Word, scope: ShellScope): string {
  const [first] = word;
  if (first?.k !== "text" || !first.bare || !text.startsWith("~")) return text;
  const head = /^~[^/]*/.exec(text)?.[0] ?? "~";
  if (/^~[-+]?\d+$/.test(head) && !scope.bestEffort)
    throw new Denied(`cannot tell which folder ${head} is: write its path`);
  const folder = head === "~" ? scope.home : head === "~+" ? scope.cwds[0] : head === "~-" ? scope.old[0] : "";
  return (folder === "" || folder === undefined ? ANY : folder) + text.slice(head.length);
}

/** The fields that words give: one value each, in order. */
export function fields(words: readonly Word[], scope: ShellScope, run: RunList): Value[] {
  const separates = separators(scope);
  return words.flatMap((word) => {
    const { alts, taint, opaque } = combine(word, scope, run, (text, style) => mark(text, style, separates));
    const lists = alts.map((text) =>
      braces(tilde(text, word, scope))
        .flatMap((one) => one.split(SPLIT))
        .map(settle),
    );
    const length = Math.max(...lists.map((list) => list.length));
    return Array.from({ length }, (_, at) => ({
      alts: [...new Set(lists.flatMap((list) => list[at] ?? []))],
      taint,
      opaque: opaque === true,
    })).filter((field) => field.alts.some((text) => text !== "") || word.some((part) => part.k === "text"));
  });
}

/** What separates the fields of an unquoted value: blanks, and whatever IFS was set to. */
function separators(scope: ShellScope): (one: string) => boolean {
  const set = scope.vars.get("IFS")?.alts.join("") ?? "";
  return (one) => /\s/.test(one) || set.includes(one);
}

function mark(text: string, style: Style, separates: (one: string) => boolean): string {
  if (style === "plain") return text;
  if (style === "live") return [...wildcards(text)].map((one) => (separates(one) ? SPLIT : one)).join("");
  return wildcards(text).replaceAll("{", "\u0004").replaceAll(",", "\u0005").replaceAll("}", "\u0006");
}

/** `{a,b}` and `{1..3}`, opened one after the other; too many readings become one that fits them all. */
function braces(text: string): string[] {
  const done: string[] = [];
  const open = [text];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const match = /\u0004([^\u0004\u0006]*)\u0006/.exec(one);
    if (match === null) done.unshift(one);
    else if (done.length + open.length > 256)
      return [...done, ...open, one].map((left) => left.replace(/\u0004.*\u0006/s, ANY));
    else {
      const before = one.slice(0, match.index);
      const after = one.slice(match.index + match[0].length);
      open.push(...choices(match[1] ?? "").map((choice) => before + choice + after));
    }
  }
  return done;
}

/** What stands between two braces, choice by choice. */
function choices(body: string): string[] {
  if (/^[\w-]+\.\.[\w-]+/.test(body)) return [STAR];
  return body.includes("\u0005") ? body.split("\u0005") : [`{${body}}`];
}

function settle(text: string): string {
  return text.replaceAll("\u0004", "{").replaceAll("\u0005", ",").replaceAll("\u0006", "}");
}

/** Follows a `cd`. */
export function enter(scope: ShellScope, target: Value, exists: (path: string) => boolean): void {
  const next = [...new Set(scope.cwds.flatMap((cwd) => target.alts.map((alt) => absolute(alt, cwd))))];
  const sure = scope.op === "&&" || next.every(exists);
  const all = sure ? next : [...new Set([...next, ...scope.cwds])];
  scope.old = scope.cwds;
  scope.cwds = all.length > 8 ? [ANY] : all;
}

/** A file of known path that the command writes: it may be run later in the same command. */
export function remember(scope: ShellScope, file: Value, text: string | null): void {
  for (const alt of file.alts) for (const cwd of scope.cwds) scope.files.set(absolute(alt, cwd), text);
}
