// Reading a JSON file that others write as well: strict JSON, JSON with comments, doubled keys, or why it cannot be read.
import { isUtf8 } from "node:buffer";
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { isJsonObject, type JsonObject, RESERVED_KEYS } from "../model/json.ts";
import { DEEPEST, tooDeepAt } from "./depth.ts";

/** Lines and columns count from 1, columns in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly col: number;
}

export type JsonRead =
  | { readonly state: "json"; readonly text: string; readonly value: JsonObject }
  /** Reads only with comments or trailing commas allowed; `strict` is the text without them, all other bytes kept. */
  | {
      readonly state: "comments";
      readonly text: string;
      readonly strict: string;
      readonly value: JsonObject;
      readonly why: string;
      readonly place: TextPlace;
    }
  /** A key stands twice in one object. Parsers take the last; `strict` is the text with only that one. */
  | {
      readonly state: "duplicates";
      readonly text: string;
      readonly strict: string;
      readonly value: JsonObject;
      readonly why: string;
      readonly place: TextPlace;
    }
  | {
      readonly state: "unreadable";
      readonly why: string;
      readonly place?: TextPlace;
      /** Empty, or right up to where it breaks off: as a file looks while somebody is writing it. */
      readonly torn?: true;
    };

const BOM = "\uFEFF";

// jsonc-parser's SyntaxKind is a const enum, which a bundler that looks at one file at a time cannot read.
const CLOSE_BRACE = 2;
const CLOSE_BRACKET = 4;
const COMMA = 5;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const LINE_BREAK = 14;
const BLANKS = 15;
const END = 17;

/** Reads the bytes of a file that should hold one JSON object. Never throws. */
export function readJson(bytes: Buffer): JsonRead {
  if (!isUtf8(bytes)) return notUtf8(bytes);
  const text = bytes.toString("utf8");
  const body = text.startsWith(BOM) ? text.slice(1) : text;
  if (body.trim() === "") return { state: "unreadable", why: "the file is empty", torn: true };
  const deep = tooDeepAt(body);
  if (deep !== null) return unreadable(body, deep, `nested deeper than ${DEEPEST}`);
  const strict = parseStrict(body);
  return strict === undefined ? readLoose(text, body) : readStrict(text, body, strict);
}

/** The text without comments and trailing commas. What remains is the same bytes in the same order. */
export function sanitise(text: string): string {
  const cuts = looseSpans(text);
  let result = "";
  let from = 0;
  for (const { offset, length } of cuts) {
    result += text.slice(from, offset);
    from = offset + length;
  }
  return result + text.slice(from);
}

/** The line and column of an offset. */
function lineColumnAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, col: offset - before.lastIndexOf("\n") };
}

/** Where the value of a pointer's tokens stands in a JSON text (comments allowed); null when it is not there. */
export function placeOf(text: string, tokens: readonly (string | number)[]): TextPlace | null {
  return placesIn(text)(tokens);
}

/** The same for many pointers into one text, which is taken apart once, and only when it is asked. */
export function placesIn(text: string): (tokens: readonly (string | number)[]) => TextPlace | null {
  const body = text.startsWith(BOM) ? text.slice(1) : text;
  let root: Node | undefined;
  return (tokens) => {
    root ??= parseTree(body, [], { allowTrailingComma: true });
    let node = root;
    for (const token of tokens) {
      node = node && (typeof token === "number" ? node.children?.[token] : propertyValue(node, token));
    }
    return node ? lineColumnAt(body, node.offset) : null;
  };
}

function propertyValue(node: Node, key: string): Node | undefined {
  if (node.type !== "object") return undefined;
  return node.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
}

function parseStrict(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function readStrict(text: string, body: string, value: unknown): JsonRead {
  if (!isJsonObject(value)) {
    const found = Array.isArray(value) ? "a list" : `${value === null ? "null" : typeof value}`;
    return unreadable(body, body.search(/\S/), `${found} where an object has to be`);
  }
  const twins = repeatedKeys(parseTree(body));
  const reserved = twins.reserved;
  if (reserved) return unreadable(body, reserved.offset, `the key ${String(reserved.value)} is refused`);
  const twin = twins.repeated[0];
  if (!twin) return { state: "json", text, value };
  const why = `the key ${JSON.stringify(twin.value)} stands twice`;
  return {
    state: "duplicates",
    text,
    strict: withoutRepeats(text, body),
    value,
    why,
    place: lineColumnAt(body, twin.offset),
  };
}

function readLoose(text: string, body: string): JsonRead {
  const errors: ParseError[] = [];
  parseTree(body, errors, { allowTrailingComma: true });
  const error = errors[0];
  if (error) {
    const code = printParseErrorCode(error.error);
    const why = `not JSON (${inWords(code)})`;
    const torn = code !== "EndOfFileExpected" && error.offset + error.length >= body.trimEnd().length;
    return { state: "unreadable", why, place: lineColumnAt(body, error.offset), ...(torn ? { torn: true } : {}) };
  }
  const strict = sanitise(body);
  const value = parseStrict(strict);
  const first = looseSpans(body)[0];
  if (value === undefined || !first) return unreadable(body, 0, "not JSON");
  const read = readStrict(strict, strict, value);
  if (read.state === "unreadable") return read;
  const bom = text.length === body.length ? "" : BOM;
  if (read.state === "duplicates") return { ...read, text, strict: bom + read.strict };
  const what = body[first.offset] === "," ? "a trailing comma" : "a comment";
  return {
    state: "comments",
    text,
    strict: bom + strict,
    value: read.value,
    why: `${what} in a JSON file`,
    place: lineColumnAt(body, first.offset),
  };
}

function unreadable(body: string, offset: number, why: string): JsonRead {
  return { state: "unreadable", why, place: lineColumnAt(body, offset) };
}

function looseSpans(text: string): { offset: number; length: number }[] {
  const scanner = createScanner(text, false);
  const cuts: { offset: number; length: number }[] = [];
  let comma: number | null = null;
  for (let token: number = scanner.scan(); token !== END; token = scanner.scan()) {
    if (token === LINE_COMMENT || token === BLOCK_COMMENT) {
      cuts.push({ offset: scanner.getTokenOffset(), length: scanner.getTokenLength() });
    } else if (token === COMMA) comma = scanner.getTokenOffset();
    else if (token !== LINE_BREAK && token !== BLANKS) {
      if (comma !== null && (token === CLOSE_BRACE || token === CLOSE_BRACKET)) cuts.push({ offset: comma, length: 1 });
      comma = null;
    }
  }
  return cuts.sort((a, b) => a.offset - b.offset);
}

interface Repeats {
  /** The later occurrence of each key that stands twice. */
  readonly repeated: Node[];
  /** The properties that a later one of the same name overrules, as [object, property]. */
  readonly overruled: [Node, Node][];
  readonly reserved: Node | null;
}

function repeatedKeys(root: Node | undefined): Repeats {
  const repeated: Node[] = [];
  const overruled: [Node, Node][] = [];
  let reserved: Node | null = null;
  const visit = (node: Node): void => {
    const seen = new Map<string, Node>();
    for (const child of node.children ?? []) {
      const key = child.children?.[0];
      if (node.type === "object" && key) {
        const name = String(key.value);
        if (RESERVED_KEYS.has(name)) reserved ??= key;
        const earlier = seen.get(name);
        if (earlier) {
          repeated.push(key);
          overruled.push([node, earlier]);
        }
        seen.set(name, child);
      }
      visit(child);
    }
  };
  if (root) visit(root);
  return { repeated, overruled, reserved };
}

/** Takes out each property that a later one of the same name overrules: what parsers do, done to the text. */
function withoutRepeats(text: string, body: string): string {
  const cuts = repeatedKeys(parseTree(body)).overruled.map(([object, property]) => cutOf(object, property));
  let result = "";
  let from = 0;
  for (const { begin, end } of cuts.sort((a, b) => a.begin - b.begin)) {
    // What stands inside of one that goes, goes with it.
    if (begin < from) continue;
    result += body.slice(from, begin);
    from = end;
  }
  return (text.length === body.length ? "" : BOM) + result + body.slice(from);
}

/** An overruled property is never the last one, so what goes is it and the way to the next. */
function cutOf(object: Node, property: Node): { readonly begin: number; readonly end: number } {
  const { offset: begin, length } = property;
  const next = object.children?.find((one) => one.offset > begin);
  return { begin, end: next?.offset ?? begin + length };
}

/** The longest character of UTF-8 has four bytes: up to three at the end may be one that is cut. */
const CUT_CHARACTER = 3;

function notUtf8(bytes: Buffer): JsonRead {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") return { state: "unreadable", why: "not UTF-8 but UTF-16" };
  const round = Buffer.from(bytes.toString("utf8"));
  let at = 0;
  while (at < bytes.length && bytes[at] === round[at]) at++;
  const torn = bytes.length > CUT_CHARACTER && at >= bytes.length - CUT_CHARACTER;
  return { state: "unreadable", why: `not UTF-8 at byte ${at}`, ...(torn ? { torn: true } : {}) };
}

/** "CloseBraceExpected" → "close brace expected". */
function inWords(code: string): string {
  return code.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? "" : " ") + letter.toLowerCase()).trim();
}
