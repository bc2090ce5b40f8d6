// The layout of ledger and lock file: JSON with one record per line, so that git merges them and a plan need not parse
// what it does not look at.
import { digestParts } from "../delta/digest.ts";
import type { Json } from "../model/json.ts";
import { checkEntry, type RecordEntry } from "./schema.ts";

const BEGIN = '  "resources": {';
const END_PLAIN = "  }";
const END_COMMA = "  },";
const DIGEST_KEY = '{"digest":"';
const DIGEST_AT = DIGEST_KEY.length;
/** Written right behind the digest, where it is found without parsing. */
const PROTECT = ',"protect":true';

/** A record as it stands in the file, parsed when it is asked for. */
export interface Line {
  /** Digest over all parts; undefined where only facts are recorded. */
  readonly digest: string | undefined;
  /** Protected: known without parsing. */
  readonly protect: boolean;
  /** The JSON text of the record. */
  readonly text: string;
  /** Throws the error that `broken` makes when the record is not what it should be. */
  entry(): RecordEntry;
}

export type MakeError = (why: string) => Error;

function entryDigest(parts: Readonly<Record<string, string>>): string {
  return digestParts(Object.fromEntries(Object.entries(parts).map(([path, digest]) => [path, { digest }])));
}

/** The line of a record made now. */
export function lineOf(entry: RecordEntry): Line {
  const { parts, at, facts, protect } = entry;
  const digest = parts === undefined ? undefined : entryDigest(parts);
  const sorted = parts && Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  const text = JSON.stringify({ digest, protect, at, parts: sorted, facts });
  return { digest, protect: protect === true, text, entry: () => entry };
}

/** The line of a record as read. Its digest is proven when it is parsed. */
export function lineFrom(key: string, text: string, broken: MakeError): Line {
  const digest = text.startsWith(DIGEST_KEY) ? text.slice(DIGEST_AT, DIGEST_AT + 32) : undefined;
  let parsed: RecordEntry | undefined;
  return {
    digest,
    protect: text.startsWith(PROTECT, DIGEST_AT + 33),
    text,
    entry() {
      parsed ??= parseEntry(key, text, digest, broken);
      return parsed;
    },
  };
}

function parseEntry(key: string, text: string, digest: string | undefined, broken: MakeError): RecordEntry {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw broken(`the record of ${key} is not JSON`);
  }
  const entry = checkEntry(value);
  if (typeof entry === "string") throw broken(`the record of ${key} is broken: ${entry}`);
  const right = entry.parts === undefined ? undefined : entryDigest(entry.parts);
  if (right !== digest) throw broken(`the record of ${key} does not have the digest it names`);
  return entry;
}

/** The text of a file: what stands above the records, the records sorted by key, what stands below. */
export function writeLines(head: readonly string[], lines: ReadonlyMap<string, Line>, foot: readonly string[]): string {
  const keys = [...lines.keys()].sort();
  const records = keys.map((key) => `    ${JSON.stringify(key)}: ${lines.get(key)?.text}`);
  const body = records.length === 0 ? [] : [records.join(",\n")];
  return ["{", ...head, BEGIN, ...body, foot.length > 0 ? END_COMMA : END_PLAIN, ...foot, "}", ""].join("\n");
}

export interface ParsedFile {
  /** The lines above the records, without the opening brace. */
  readonly head: string;
  readonly lines: Map<string, Line>;
  /** The lines below, without the closing brace. */
  readonly foot: string;
}

/** Takes a file of this layout apart; a sentence about what is wrong when it is not one. */
export function readLines(text: string, broken: MakeError): ParsedFile | string {
  const begin = text.indexOf(`\n${BEGIN}\n`);
  if (!text.startsWith("{\n") || begin < 0) return "it does not have the layout Rollcall writes";
  if (!text.endsWith("\n}\n")) return "it is cut short";
  const lines = new Map<string, Line>();
  let at = begin + BEGIN.length + 2;
  for (;;) {
    const end = text.indexOf("\n", at);
    if (end < 0) return "it is cut short";
    if (text.startsWith("  }", at)) {
      const comma = text[at + 3] === ",";
      const foot = text.slice(end + 1, text.length - 2);
      if (comma !== foot.length > 0) return "it is cut short";
      return { head: text.slice(2, begin + 1), lines, foot };
    }
    const problem = readLine(text, at, end, { lines, broken });
    if (problem !== null) return problem;
    at = end + 1;
  }
}

function readLine(
  text: string,
  from: number,
  to: number,
  { lines, broken }: { readonly lines: Map<string, Line>; readonly broken: MakeError },
): string | null {
  const colon = text.indexOf('": {', from);
  if (!text.startsWith('    "', from) || colon < 0 || colon > to) return wrongLine(text.slice(from, to));
  const last = text.startsWith("\n  }", to);
  const comma = text[to - 1] === ",";
  if (comma === last) return wrongLine(text.slice(from, to));
  const quoted = text.slice(from + 5, colon);
  const key = quoted.includes("\\") ? unquote(`"${quoted}"`) : quoted;
  if (key === null) return wrongLine(text.slice(from, to));
  // Not left to JSON.parse, which would keep the last of the two and say nothing.
  if (lines.has(key)) throw broken(`it has two records of ${key}`);
  lines.set(key, lineFrom(key, text.slice(colon + 3, comma ? to - 1 : to), broken));
  return null;
}

function unquote(text: string): string | null {
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
}

function wrongLine(line: string): string {
  return /^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)/.test(line)
    ? "it has an unsettled merge conflict"
    : `this line is no record: ${line.trim().slice(0, 60)}`;
}
