// Diagnostics for people: place, code, message, the source line with a caret, the way out.
import { type Diagnostic, sortDiagnostics } from "../model/diagnostic.ts";
import { visible, visibleLine } from "./redact.ts";
import type { Paint } from "./style.ts";

const WIDEST_SOURCE_LINE = 160;

/** One diagnostic: `desired/registry.yaml:42:7 error E104 delegates_to names …`, frame and hint below. */
function diagnosticText(one: Diagnostic, paint: Paint): string {
  const place = one.file === "" ? "" : `${visibleLine(one.file)}:${one.line}:${one.col} `;
  const severity = paint(one.severity === "error" ? "red" : "yellow", one.severity);
  const lines = [`${place}${severity} ${one.code} ${visible(one.message)}`, ...frame(one, paint)];
  for (const other of one.related ?? []) {
    lines.push(`    ${visibleLine(other.file)}:${other.line}:${other.col} ${visible(other.message)}`);
  }
  if (one.hint !== undefined) lines.push(`  ${paint("cyan", "hint")} ${visible(one.hint)}`);
  return lines.join("\n");
}

/** All of a list, in the order of their places, equal warnings of many agents as one line with a count. */
export function diagnosticsText(list: readonly Diagnostic[], paint: Paint): string {
  return consolidated(sortDiagnostics(list))
    .map(({ diagnostic, count }) => {
      const text = diagnosticText(diagnostic, paint);
      return count > 1 ? `${text}\n  (and ${count - 1} more like it)` : text;
    })
    .join("\n");
}

function frame({ line, col, sourceLine }: Diagnostic, paint: Paint): string[] {
  if (sourceLine === undefined) return [];
  const number = String(line);
  const start = Math.max(0, Math.min(col - 1 - WIDEST_SOURCE_LINE / 2, sourceLine.length - WIDEST_SOURCE_LINE));
  const shown = visibleLine(sourceLine.slice(start, start + WIDEST_SOURCE_LINE));
  const before = visibleLine(sourceLine.slice(start, col - 1)).length;
  return [
    `  ${paint("dim", `${number} |`)} ${shown}`,
    `  ${" ".repeat(number.length)} ${paint("dim", "|")} ${" ".repeat(before)}^`,
  ];
}

interface Consolidated {
  readonly diagnostic: Diagnostic;
  readonly count: number;
}

/** Warnings of one code and one message are one entry; errors are always listed each by itself. */
function consolidated(list: readonly Diagnostic[]): Consolidated[] {
  const seen = new Map<string, { diagnostic: Diagnostic; count: number }>();
  for (const [index, diagnostic] of list.entries()) {
    const key = diagnostic.severity === "error" ? String(index) : `${diagnostic.code} ${diagnostic.message}`;
    const entry = seen.get(key);
    if (entry) entry.count++;
    else seen.set(key, { diagnostic, count: 1 });
  }
  return [...seen.values()];
}
