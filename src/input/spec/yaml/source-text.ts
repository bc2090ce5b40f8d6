// The text of a spec file: bytes to text under limits, positions in it, and foreign text made safe to show.
import type { Place } from "../../../model/diagnostic.ts";
import type { FileReader } from "../../../model/world.ts";
import type { Findings } from "../findings.ts";

/** No spec file or template may be larger (bytes). */
const FILE_LIMIT = 1024 * 1024;

export interface SourceText {
  /** Relative to the project root. */
  readonly file: string;
  /** Decoded, without byte order mark, LF line ends. */
  readonly text: string;
  /** The offset at which each line begins. */
  readonly starts: readonly number[];
}

/** Something that is no line of text: bidirectional controls, zero-width and format characters, lone surrogates. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const HIDDEN_ALL = new RegExp(HIDDEN, "gu");
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

export function makeSource(file: string, text: string): SourceText {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { file, text, starts };
}

/** Line and column (from 1, in UTF-16 units) of an offset. */
export function placeIn(source: SourceText, offset: number): Place {
  let low = 0;
  let high = source.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { file: source.file, line: low + 1, col: offset - (source.starts[low] ?? 0) + 1 };
}

/** The line a place is in, hidden characters replaced one for one; nothing when it is too long to be shown. */
export function lineOf(source: SourceText, line: number): string | undefined {
  const start = source.starts[line - 1];
  if (start === undefined) return undefined;
  const next = source.starts[line];
  const end = next === undefined ? source.text.length : next - 1;
  if (end - start > 300) return undefined;
  return source.text.slice(start, end).replaceAll("\t", " ").replace(HIDDEN_ALL, "\ufffd");
}

/** A foreign sentence as it may stand in a message: one line, hidden characters escaped, cut after 160 characters. */
export function showLine(text: string): string {
  const [line = ""] = text.split("\n", 1);
  const cut = line.length > 160 ? `${line.slice(0, 157)}...` : line;
  return cut.replace(HIDDEN_ALL, (char) => codePoint(char, "escape"));
}

/** Foreign text as it may stand in a message: quoted, hidden characters escaped, cut after 80 characters. */
export function show(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const quoted = JSON.stringify(cut);
  return quoted.replace(HIDDEN_ALL, (char) => codePoint(char, "escape"));
}

/** The first invisible character of a text by name, `U+202E`; null when there is none. Line ends are not meant. */
export function hiddenIn(text: string): string | null {
  const found = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text);
  return found === null ? null : codePoint(found[0], "name");
}

/** The first control character of a text (line feed and tab are none) as `\u0000`; null when there is none. */
export function controlIn(text: string): { readonly at: number; readonly name: string } | null {
  const found = CONTROL.exec(text);
  return found === null ? null : { at: found.index, name: codePoint(found[0], "escape") };
}

function codePoint(char: string, as: "name" | "escape"): string {
  const hex = (char.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
  return as === "name" ? `U+${hex.toUpperCase()}` : `\\u${hex.length > 4 ? `{${hex}}` : hex}`;
}

/** Adds a finding at an offset of a text, with its line. */
export function addFindingAt(
  source: SourceText,
  findings: Findings,
  code: string,
  at: number,
  message: string,
  hint?: string,
): void {
  findings.add(code, () => {
    const place = placeIn(source, at);
    return { place, message, hint, sourceLine: lineOf(source, place.line) };
  });
}

export interface TextJob {
  readonly files: FileReader;
  /** Absolute. */
  readonly path: string;
  /** As diagnostics name it. */
  readonly file: string;
  readonly findings: Findings;
  /** What to say when it is not there. */
  readonly absent: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Reads one spec file or template as text; null after a finding. Only regular files within the limit are read. */
export function readText(job: TextJob): SourceText | null {
  const { files, path, file, findings, absent } = job;
  const place: Place = { file, line: 1, col: 1 };
  const read = files.read(path, { limit: FILE_LIMIT });
  switch (read.state) {
    case "absent":
      findings.add(absent.code, () => ({ place, message: absent.message, hint: absent.hint }));
      return null;
    case "refused": {
      const large = read.why === "too-large";
      findings.add(large ? "E106" : "E105", () => ({
        place,
        message: large ? `${file} is larger than 1 MiB` : `${file} cannot be read: ${read.message}`,
        hint: large ? "a registry may be a folder of files" : "only regular files are read",
      }));
      return null;
    }
    case "file":
      return decodeText(file, read.bytes, findings);
  }
}

/** Bytes to text: UTF-8 only, a byte order mark and CRLF accepted. */
function decodeText(file: string, bytes: Uint8Array, findings: Findings): SourceText | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const offset = firstBadByte(bytes);
    findings.add("E109", () => ({
      place: byteLine(file, bytes, offset),
      message: `${file} is not UTF-8: byte ${offset} (0x${(bytes[offset] ?? 0).toString(16).padStart(2, "0")})`,
      hint: looksLikeUtf16(bytes) ? "it looks like UTF-16: save it as UTF-8" : "save it as UTF-8",
    }));
    return null;
  }
  if (looksLikeUtf16(bytes)) {
    findings.add("E109", () => ({
      place: { file, line: 1, col: 1 },
      message: `${file} is not UTF-8 text: it has NUL bytes from byte ${bytes.indexOf(0)} on`,
      hint: "it looks like UTF-16: save it as UTF-8",
    }));
    return null;
  }
  return makeSource(file, text.replaceAll("\r\n", "\n"));
}

/** The offset at which the text stops being UTF-8: where the first sequence begins that is none. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  // The good prefix may end within the sequence that goes wrong after it: at most three bytes of it.
  while (good > 0 && !decodes(bytes.subarray(0, good), false)) good -= 1;
  return good;
}

/** Whether bytes are UTF-8; with `open` they may end within a character. */
function decodes(bytes: Uint8Array, open: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: open });
    return true;
  } catch {
    return false;
  }
}

function byteLine(file: string, bytes: Uint8Array, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { file, line, col: offset - start + 1 };
}

function looksLikeUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const head = bytes.subarray(0, 64);
  return head.length >= 4 && head.filter((byte) => byte === 0).length * 3 > head.length;
}
