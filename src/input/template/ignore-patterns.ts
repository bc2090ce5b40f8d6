// Globs as the client's permission rules want them: patterns of gitignore, which know no braces.
import { escapeGlob, type GlobPath, pathsOf, readGlob, type Spelling, spellings } from "../../model/glob.ts";

/** So many rules a glob becomes before its pieces with several readings become `*`. */
const MOST_PATTERNS = 64;

/** What the client's matcher reads in a set as we do; a set with other members becomes `?`, which matches more. */
const PLAIN_MEMBER = /^[^\s\\/?*!^\]-]$/;

/** A fleet has few globs and many agents: each is made once. */
const known = new Map<string, readonly string[] | null>();

/**
 * The patterns of one glob: absolute below a root (`//project/src/**`), else relative to the launch folder. Null where the
 * glob has no meaning. A text that begins with the root itself is a path below it, as templates put them together.
 */
export function ignorePatterns(glob: string, root: string | undefined): readonly string[] | null {
  const key = `${root ?? "-"}\n${glob}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = makePatterns(glob, root);
  known.set(key, made);
  return made;
}

function makePatterns(glob: string, root: string | undefined): readonly string[] | null {
  const base = root?.replace(/\/+$/, "");
  const read = readGlob(base === undefined ? glob : belowRoot(glob, base));
  if (!read.ok) return null;
  const patterns = read.paths.flatMap((path) => patternsOf(path, base));
  return [...new Set(patterns)];
}

/** The pieces of rules by which a glob is recognised in a rendered line. */
export function ignoreEnds(glob: string): readonly string[] {
  return [...new Set(pathsOf(glob).flatMap((path) => spellings(path, SPELLING, MOST_PATTERNS)))];
}

function belowRoot(glob: string, base: string): string {
  const head = [escapeGlob(base), base].find((one) => one !== "" && glob.startsWith(`${one}/`));
  return head === undefined ? glob : glob.slice(head.length);
}

function patternsOf(path: GlobPath, base: string | undefined): string[] {
  const ends = spellings(path, SPELLING, MOST_PATTERNS).map((end) => end.replace(/ $/, "\\ "));
  if (base === undefined) return ends.map((end) => relative(path, end));
  const folders = base.split("/");
  const kept = folders.slice(0, Math.max(1, folders.length - path.up));
  return ends.map((end) => `/${kept.map(escapeName).join("/")}/${end}`);
}

/** A name without a slash would match anywhere, and some signs in front have a meaning of their own. */
function relative({ up }: GlobPath, end: string): string {
  if (up > 0) return "../".repeat(up) + end;
  if (end === "**" || end.includes("/")) return end.replace(/^[!#]/, "\\$&");
  return `/${end}`;
}

const SPELLING: Spelling = {
  text: ({ text, written }) => [...new Set([escapeName(text), escapeName(written)])],
  set: ({ ranges, written }) => [setPattern(ranges), escapeName(written)],
};

function setPattern(ranges: Parameters<Spelling["set"]>[0]["ranges"]): string {
  if (ranges === "any") return "?";
  if (ranges.some(([from, to]) => from.length > 1 || to.length > 1)) return "*";
  if (!ranges.every(([from, to]) => PLAIN_MEMBER.test(from) && PLAIN_MEMBER.test(to))) return "?";
  const members = new Set(ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)));
  return `[${[...members].join("")}]`;
}

/** Letters as a pattern. A question mark stays: the client (2.1.330) matches nothing with `\?`, and `?` matches more than it. */
function escapeName(text: string): string {
  return text.replace(/[\\*[\]]/g, "\\$&");
}
