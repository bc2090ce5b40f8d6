// YAML to plain data with a position for every key and value. This file and its two rooms beside it are the only door
// to the yaml library.
import { Composer, type Node } from "yaml";
import type { Place } from "../../../model/diagnostic.ts";
import { escapeToken } from "../../../model/json.ts";
import type { Findings } from "../findings.ts";
import type { Path } from "../schema/schema-port.ts";
import { cutTokens, type Tokens } from "./read-tokens.ts";
import { type Build, type Converted, convert } from "./read-tree.ts";
import { addFindingAt, controlIn, lineOf, placeIn, type SourceText, showLine } from "./source-text.ts";

export interface SpecDocument {
  readonly source: SourceText;
  /** Plain objects, lists and scalars. No reserved key, no alias is in it. */
  readonly value: unknown;
  /** The place of the value at a path (an empty value: of its key), or of its key; of the nearest parent otherwise. */
  place(path: Path, which?: "key" | "value"): Place;
  /** True when a finding already told that what stands at or above the path is not to be read. */
  spoiled(path: Path): boolean;
}

/** Reads YAML text. Null when the structure cannot be trusted; findings are added either way. */
export function readYaml(source: SourceText, findings: Findings): SpecDocument | null {
  checkControls(source, findings);
  const tokens = cutTokens(source, findings);
  if (tokens === null) return null;
  const contents = compose(tokens, source, findings);
  if (contents === undefined) return null;
  const build: Build = { source, findings, spoiled: new Set() };
  const top = contents === null ? { value: null, position: { at: 0 } } : convert(contents, "", undefined, build);
  return documentOf(source, top, build.spoiled);
}

function documentOf(source: SourceText, top: Converted, spoiled: ReadonlySet<string>): SpecDocument {
  return {
    source,
    value: top.value,
    place(path, which = "value") {
      let position = top.position;
      for (const [depth, step] of path.entries()) {
        const next = position.inside?.get(String(step));
        if (next === undefined) return placeIn(source, depth === 0 ? position.at : (position.key ?? position.at));
        position = next;
      }
      return placeIn(source, which === "key" ? (position.key ?? position.at) : position.at);
    },
    spoiled(path) {
      if (spoiled.size === 0) return false;
      let pointer = "";
      if (spoiled.has(pointer)) return true;
      return path.some((step) => {
        pointer += `/${escapeToken(String(step))}`;
        return spoiled.has(pointer);
      });
    },
  };
}

function checkControls(source: SourceText, findings: Findings): void {
  let from = 0;
  for (let reported = 0; reported < 20; reported += 1) {
    const found = controlIn(source.text.slice(from));
    if (found === null) return;
    addFindingAt(source, findings, "E116", from + found.at, `control character ${found.name}`, "take it out");
    from += found.at + 1;
  }
}

/** Tokens to one tree; undefined after a syntax error, null for an empty file. */
function compose(tokens: Tokens, source: SourceText, findings: Findings): Node | null | undefined {
  // Duplicate keys are found by convert, which keeps both positions and needs no quadratic search.
  const composer = new Composer({
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
    schema: "core",
    version: "1.2",
    logLevel: "silent",
  });
  const documents = [];
  for (const token of tokens.list) documents.push(...composer.next(token));
  documents.push(...composer.end(true, source.text.length));
  const first = documents[0];
  if (first === undefined) return null;
  if (first.errors.length === 0) return first.contents;
  const opener = tokens.open.at(-1);
  for (const error of first.errors) {
    findings.add("E110", () => syntaxFinding(source, error, opener));
  }
  return undefined;
}

interface SyntaxError {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

function syntaxFinding(source: SourceText, error: SyntaxError, opener: number | undefined) {
  const at = Math.min(error.pos[0], source.text.length);
  const message = `YAML: ${showLine(error.message)}`;
  const unclosed =
    opener !== undefined && opener < at && /closing|end with|must be sufficiently indented/i.test(error.message);
  const place = placeIn(source, unclosed ? opener : at);
  return {
    place,
    message: unclosed ? `${message}: opened here` : message,
    hint: SYNTAX_HINTS[error.code],
    sourceLine: lineOf(source, place.line),
    ...(unclosed ? { related: [{ ...placeIn(source, at), message: "its end was expected here" }] } : {}),
  };
}

const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with spaces",
  BLOCK_AS_IMPLICIT_KEY: 'quote a text that has ": " in it',
  BAD_SCALAR_START: "quote it",
  MISSING_CHAR: "close it, or add the missing colon",
  NON_STRING_KEY: "keys are plain words",
};
