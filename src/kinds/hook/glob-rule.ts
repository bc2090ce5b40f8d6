// A glob as the guard decides by it: a regular expression for paths that are known, shapes for words that are not yet.

import type { ClosedPlace } from "../../guard/policy.ts";
import { type GlobPath, pathsOf, type Spelling, spellings } from "../../model/glob.ts";
import type { Range, Token } from "../../model/glob-names.ts";

type GlobRule = Pick<ClosedPlace, "glob" | "re" | "shapes">;

/** More shapes than this become few that cover more. */
const MOST_SHAPES = 256;

const compiled = new Map<string, GlobRule>();

/** The rule of one glob, made once: a fleet has few globs and many agents. */
export function compileGlob(glob: string): GlobRule {
  const known = compiled.get(glob);
  if (known !== undefined) return known;
  const paths = pathsOf(glob);
  const bodies = [...new Set(paths.flatMap(withinReach).map(bodyOf))];
  const [only] = bodies;
  const re = bodies.length === 1 && only !== undefined ? `^${only}$` : `^(?:${bodies.join("|")})$`;
  const made = { glob, re, shapes: shapesOf(paths) };
  compiled.set(glob, made);
  return made;
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A path above the root whose wildcards hold the root itself, also as seen from in there: `../**` is all of the project. */
function withinReach(path: GlobPath): GlobPath[] {
  const [first, ...rest] = path.segments;
  if (path.up === 0 || first === undefined) return [path];
  const up = path.up - 1;
  if (first === "**") {
    const without = rest.length === 0 ? [] : withinReach({ ...path, segments: rest });
    return [path, ...withinReach({ ...path, up }), ...without];
  }
  const isAny = first.length === 1 && first[0]?.is === "many";
  return isAny ? [path, ...withinReach({ ...path, up, segments: rest.length === 0 ? ["**"] : rest })] : [path];
}

/** The expression for a path relative to the root. A folder is matched with everything below it. */
function bodyOf({ up, segments }: GlobPath): string {
  const [first] = segments;
  const isOpen = first === "**" || (first !== undefined && first[0]?.is !== "text");
  // A wildcard is no way out of the folder that the glob begins in.
  let body = "\\.\\./".repeat(up) + (isOpen ? "(?!\\.\\.(?:/|$))" : "");
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment !== "**") body += segment.map(tokenBody).join("") + (isLast ? "(?:/.*)?" : "/");
    else if (!isLast) body += "(?:.*/)?";
    else body = index === 0 ? `${body}.*` : `${body.replace(/\/$/, "")}(?:/.*)?`;
  }
  return body;
}

function tokenBody(token: Token): string {
  switch (token.is) {
    case "one":
      return "[^/]";
    case "many":
      return "[^/]*";
    case "text":
      return either([escapeRegExp(token.text), escapeRegExp(token.written)]);
    case "set":
      return either([setBody(token.ranges), escapeRegExp(token.written)]);
  }
}

function either(bodies: readonly string[]): string {
  const [only = "", ...others] = new Set(bodies);
  return others.length === 0 ? only : `(?:${[only, ...others].join("|")})`;
}

/** Characters beyond 16 bits are two units in a path: they cannot be members of a class. */
function setBody(ranges: readonly Range[] | "any"): string {
  if (ranges === "any") return "[^/]";
  const isWide = ([from, to]: Range): boolean => from.length > 1 || to.length > 1;
  const member = (char: string): string => char.replace(/[\]\\^-]/g, "\\$&");
  const range = ([from, to]: Range): string => (from === to ? member(from) : `${member(from)}-${member(to)}`);
  const narrow = ranges.filter((one) => !isWide(one)).map(range);
  const wide = ranges.filter(isWide).map((one) => (one[0] === one[1] ? one[0] : "[^/]{1,2}"));
  const bodies = narrow.length === 0 ? wide : [`(?!/)[${[...new Set(narrow)].join("")}]`, ...wide];
  return bodies.join("|");
}

/** What a shell makes of unquoted brackets when no file fits: their text. So a text with brackets is a wildcard as well. */
const SHAPE: Spelling = {
  text: ({ text, written }) => [...new Set([text, written, text.replace(/\[[^\]]*\]/g, "?")])],
  set: ({ ranges, written }) => [
    ranges !== "any" && ranges.some(([from, to]) => from.length > 1 || to.length > 1) ? "*" : "?",
    written,
  ],
};

/** Simple globs that together match at least as much as the rule. */
function shapesOf(paths: readonly GlobPath[]): readonly string[] {
  const all = new Set(paths.flatMap(shapesOfPath));
  if (all.size <= MOST_SHAPES) return [...all];
  const heads = new Set(paths.map(({ up, segments }) => `${"../".repeat(up)}${headOf(segments)}**`));
  return heads.size <= MOST_SHAPES ? [...heads].flatMap(covering) : covering(heads.has("../**") ? "../**" : "**");
}

function shapesOfPath({ up, segments }: GlobPath): string[] {
  const base = "../".repeat(up);
  return spellings({ segments }, SHAPE, MOST_SHAPES)
    .flatMap(optionalFolders)
    .flatMap((shape) => covering(base + shape));
}

/** The literal folders a path begins with. */
function headOf(segments: GlobPath["segments"]): string {
  const names = segments.map((segment) =>
    segment !== "**" && segment.every((token) => token.is === "text" && token.text === token.written)
      ? segment.map((token) => (token.is === "text" ? token.text : "")).join("")
      : null,
  );
  const end = names.indexOf(null);
  return names
    .slice(0, end < 0 ? -1 : end)
    .map((name) => `${name}/`)
    .join("");
}

/** A shape, and what lies below what it matches. Everything is written so that the root is named in it. */
function covering(shape: string): string[] {
  if (shape === "**") return [".", "./**"];
  return shape.endsWith("/**") ? [shape.slice(0, -3), shape] : [shape, `${shape}/**`];
}

/** `**` + slash may also stand for nothing. */
function optionalFolders(shape: string): string[] {
  const at = shape.startsWith("**/") ? 0 : shape.indexOf("/**/") + 1;
  if (at === 0 && !shape.startsWith("**/")) return [shape];
  const rest = optionalFolders(shape.slice(at + 3));
  return rest.flatMap((one) => [shape.slice(0, at) + one, `${shape.slice(0, at)}**/${one}`]);
}
