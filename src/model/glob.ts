// What a glob of the registry means: read once here, for the hook, the permission rules and the checks of the spec.
//
// A glob is relative to the project root. `*` is anything within one name, `?` one character, `**` any number of folders,
// `[a-z]` one character of a set, `{a,b}` either text; every other character stands for itself. A backslash makes the
// next character stand for itself. What matches a folder matches everything below it. Sets and backslashes also match their own text:
// people name folders `[slug]` after them.
import { expandBraces } from "./braces.ts";
import { readName, type Token } from "./glob-names.ts";

/** Longer ones the kernel takes as no path. */
const MOST_CHARACTERS = 4096;
/** So many paths one glob may stand for. */
export const MOST_ALTERNATIVES = 1000;

/** One name of a path, or any number of folders. */
type Segment = "**" | readonly Token[];

/** One reading of a glob, its braces spelled out. */
export interface GlobPath {
  /** So many folders above the project root it begins. */
  readonly up: number;
  /** Never empty; `**` first where any folder may hold it. */
  readonly segments: readonly Segment[];
  /** The same glob, tidied. */
  readonly text: string;
}

type GlobFault = "empty" | "too long" | "too many" | "up from a wildcard";

export type GlobRead =
  | { readonly ok: true; readonly paths: readonly GlobPath[]; readonly untidy: boolean }
  | { readonly ok: false; readonly fault: GlobFault };

export function readGlob(glob: string): GlobRead {
  if (glob.length > MOST_CHARACTERS) return { ok: false, fault: "too long" };
  const alternatives = expandBraces(glob, MOST_ALTERNATIVES);
  if (alternatives === null) return { ok: false, fault: "too many" };
  const paths: GlobPath[] = [];
  let untidy = false;
  for (const alternative of alternatives) {
    const read = readPath(alternative);
    if (typeof read === "string") return { ok: false, fault: read };
    paths.push(read);
    untidy ||= isUntidy(alternative);
  }
  return { ok: true, paths, untidy };
}

/** The paths of a glob that the spec has let through. */
export function pathsOf(glob: string): readonly GlobPath[] {
  const read = readGlob(glob);
  if (!read.ok) throw new Error(`the glob ${JSON.stringify(glob)} was not refused: ${read.fault}`);
  return read.paths;
}

/** The glob as everything after the spec sees it: tidy, and as several where its braces hide something; none where it is wrong. */
export function tidyGlobs(glob: string): readonly string[] {
  const read = readGlob(glob);
  if (!read.ok) return [];
  const [only] = read.paths;
  if (read.paths.length === 1 && only !== undefined) return [only.text];
  const alternatives = expandBraces(glob, MOST_ALTERNATIVES) ?? [];
  const same = read.paths.every(({ text }, index) => text === alternatives[index]);
  return same ? [glob] : [...new Set(read.paths.map(({ text }) => text))];
}

/** A text as the glob that means this very text. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]{},]/g, "\\$&");
}

/** Blanks at the ends, empty names, `.` and `..` within: what nobody writes on purpose. `./x`, `/x` and `../x` are. */
function isUntidy(alternative: string): boolean {
  const bare = trimmed(alternative);
  if (bare !== alternative) return true;
  const names = bare.replace(/^(?:\.?\/|\.$|(?:\.\.(?:\/|$))+)/, "").split("/");
  const inner = names.at(-1) === "" ? names.slice(0, -1) : names;
  return inner.some((name) => name === "" || name === "." || name === "..");
}

/** Without blanks at the ends; one behind a backslash is a letter. */
function trimmed(text: string): string {
  return text.replace(/^\s+/, "").replace(/(?<!\\)\s+$/, "");
}

function readPath(alternative: string): GlobPath | GlobFault {
  const bare = trimmed(alternative);
  if (bare === "") return "empty";
  const parts = bare.split("/");
  const walked = walk(parts);
  if (walked === null) return "up from a wildcard";
  const { up, names } = walked;
  const isFolder = names.length === 0 || ["", ".", ".."].includes(parts.at(-1) ?? "");
  const floats = parts.length === 1 && names.length === 1;
  const tidied = withoutRepeats(isFolder ? [...names, "**"] : names);
  const all = floats ? withoutRepeats(["**", ...tidied]) : tidied;
  const isAll = all.length === 2 && all[0] === "**" && all[1] === "*";
  const segments = (isAll ? ["**"] : all).map((name) => (name === "**" ? "**" : readName(name)));
  return { up, segments, text: textOf(up, tidied, floats) };
}

/** The names that parts of a path lead to; null where `..` stands behind a wildcard. */
function walk(parts: readonly string[]): { readonly up: number; readonly names: string[] } | null {
  const names: string[] = [];
  let up = 0;
  for (const written of parts) {
    const plain = written.replaceAll("\\.", ".");
    const part = /^\.{1,2}$/.test(plain) ? plain : written;
    if (part === "..") {
      const last = names.pop();
      if (last === undefined) up += 1;
      else if (/[*?[]/.test(last)) return null;
    } else if (part !== "" && part !== ".") names.push(/^\*{2,}$/.test(part) ? "**" : part);
  }
  return { up, names };
}

/** One `**` for several in a row. */
function withoutRepeats(names: readonly string[]): string[] {
  return names.filter((name, index) => name !== "**" || names[index - 1] !== "**");
}

function textOf(up: number, names: readonly string[], floats: boolean): string {
  const text = "../".repeat(up) + names.join("/");
  // A slash in front keeps a single name at the root, and a blank that begins a name in it.
  const isAnchored = up === 0 && !floats && names.length === 1 && names[0] !== "**";
  return isAnchored || /^\s/.test(text) ? `/${text}` : text;
}

/** How the pieces of a path are written in another language; a token may have several spellings. */
export interface Spelling {
  text(token: Token & { readonly is: "text" }): readonly string[];
  set(token: Token & { readonly is: "set" }): readonly string[];
}

/**
 * A path in a language with `*`, `?` and `**`: every spelling of it. Where there would be more than `most`, each piece with
 * several spellings becomes `*`, which matches more.
 */
export function spellings(
  { segments }: Pick<GlobPath, "segments">,
  spelling: Spelling,
  most: number,
): readonly string[] {
  const pieces = segments.map((segment) => (segment === "**" ? ["**"] : nameSpellings(segment, spelling, most)));
  const count = pieces.reduce((product, piece) => product * piece.length, 1);
  if (count > most) return spellings({ segments }, coarse(spelling), most);
  return pieces.reduce<string[]>(
    (heads, piece, index) => heads.flatMap((head) => piece.map((one) => (index === 0 ? one : `${head}/${one}`))),
    [""],
  );
}

function nameSpellings(tokens: readonly Token[], spelling: Spelling, most: number): readonly string[] {
  let heads = [""];
  for (const token of tokens) {
    const tails = tokenSpellings(token, spelling);
    if (heads.length * tails.length > most) return nameSpellings(tokens, coarse(spelling), most);
    heads = heads.flatMap((head) => tails.map((tail) => head + tail));
  }
  return [...new Set(heads)];
}

function tokenSpellings(token: Token, spelling: Spelling): readonly string[] {
  switch (token.is) {
    case "text":
      return spelling.text(token);
    case "set":
      return spelling.set(token);
    case "one":
      return ["?"];
    case "many":
      return ["*"];
  }
}

function coarse({ text, set }: Spelling): Spelling {
  const single = (all: readonly string[]): readonly string[] => (all.length === 1 ? all : ["*"]);
  return { text: (token) => single(text(token)), set: (token) => single(set(token)) };
}
