// Collects diagnostics while many agents are rendered: one place is told of once.
import { type Diagnostic, type Severity, sortDiagnostics } from "../model/diagnostic.ts";
import { type Source, spotAt } from "./source.ts";

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly related?: Diagnostic["related"];
}

function severityOf(code: string): Severity {
  return code.startsWith("W") ? "warning" : "error";
}

export class Findings {
  readonly #byPlace = new Map<string, Diagnostic>();
  #errors = 0;

  /** A finding in a template, at an offset into its text. */
  at(source: Source, offset: number, finding: Finding): void {
    this.add({ ...finding, file: source.file, ...spotAt(source, offset) });
  }

  /** A finding anywhere. A second one of the same code at the same place (another agent's) is dropped. */
  add(finding: Finding & { file: string; line: number; col: number; sourceLine?: string }): void {
    const { code, file, line, col, message, hint, related, sourceLine } = finding;
    const key = JSON.stringify([code, file, line, col]);
    if (this.#byPlace.has(key)) return;
    const severity = severityOf(code);
    if (severity === "error") this.#errors++;
    this.#byPlace.set(key, {
      code,
      severity,
      file,
      line,
      col,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(sourceLine === undefined ? {} : { sourceLine }),
      ...(related === undefined ? {} : { related }),
    });
  }

  get errors(): number {
    return this.#errors;
  }

  list(): Diagnostic[] {
    return sortDiagnostics([...this.#byPlace.values()]);
  }
}
