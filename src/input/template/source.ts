// A template's text as we read it: normalised once, with places for diagnostics.
import type { TemplateSource } from "../../model/fleet.ts";

export interface TemplateText {
  /** As an include or a file of the fleet names it. */
  readonly name: string;
  /** As a diagnostic names it: relative to the project root. */
  readonly file: string;
  /** LF line ends, no byte order mark. */
  readonly text: string;
  /** Offsets at which the lines begin. */
  readonly lines: readonly number[];
  /** For a text that is a value in another file (a session's command): every place in it is this one. */
  readonly origin?: { readonly line: number; readonly col: number };
}

/** Normalises a template: a byte order mark goes, CRLF becomes LF. Lines and columns stay those an editor shows. */
export function openSource(name: string, template: TemplateSource): TemplateText {
  const text = template.text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  return { name, file: template.path, text, lines: lineStarts(text) };
}

/** The offsets at which the lines of a text begin. */
export function lineStarts(text: string): number[] {
  const lines = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  return lines;
}

export interface SourcePosition {
  readonly line: number;
  readonly col: number;
  readonly sourceLine?: string;
}

/** Line and column (from 1, in UTF-16 units) of an offset into the normalised text. */
export function positionAt(source: TemplateText, offset: number): SourcePosition {
  if (source.origin) return source.origin;
  const { line, col } = lineColumnOf(source.lines, offset);
  const end = source.lines[line];
  const sourceLine = source.text.slice(offset - col + 1, end === undefined ? undefined : end - 1);
  return { line, col, sourceLine };
}

/** Line and column (from 1) of an offset into a text whose lines begin at these offsets. */
export function lineColumnOf(
  lines: readonly number[],
  offset: number,
): { readonly line: number; readonly col: number } {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, col: offset - (lines[low] ?? 0) + 1 };
}

/** The offset of a line and column that count from 1. */
export function offsetOf(lines: readonly number[], line: number, col: number): number {
  return (lines[line - 1] ?? 0) + col - 1;
}

/** Files named *.template speak `${NAME}`, all others Liquid. */
export function isDialect(name: string): boolean {
  return name.endsWith(".template");
}
