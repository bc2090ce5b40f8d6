// Collects diagnostics while many agents are rendered: one place is told of once, and never more than a person can read.
import { type Diagnostic, type Severity, sortDiagnostics } from "../../model/diagnostic.ts";
import { positionAt, type TemplateText } from "./source.ts";

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Found while rendering this agent. At one place the first agent's is kept. */
  readonly agent?: string | undefined;
  readonly related?: Diagnostic["related"];
}

/** So many errors, and so many warnings, are told one by one; the rest is a count. As for the spec's own. */
const MOST_FINDINGS = 50;

function severityOf(code: string): Severity {
  return code.startsWith("W") ? "warning" : "error";
}

export class Findings {
  readonly #byPlace = new Map<string, Diagnostic>();
  #errors = 0;

  /** A finding in a template, at an offset into its text. */
  at(source: TemplateText, offset: number, finding: Finding): void {
    this.add({ ...finding, file: source.file, ...positionAt(source, offset) });
  }

  /** A finding anywhere, once: what another agent's rendering finds at the same place is the same finding. */
  add(finding: Finding & { file: string; line: number; col: number; sourceLine?: string }): void {
    const { code, file, line, col, hint, agent, related, sourceLine } = finding;
    const key = JSON.stringify([code, file, line, col, agent === undefined ? finding.message : null]);
    const message = agent === undefined ? finding.message : `${finding.message} (for ${agent})`;
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

  /** In the order of the files, each count behind what it belongs to. */
  list(): Diagnostic[] {
    const all = sortDiagnostics([...this.#byPlace.values()]);
    const told = (severity: Severity, code: string) =>
      counted(
        all.filter((one) => one.severity === severity),
        code,
      );
    const [errors, warnings] = [told("error", "E199"), told("warning", "W199")];
    return all.length <= MOST_FINDINGS ? all : [...errors, ...warnings];
  }
}

/** The first of them, and how many more there are. */
function counted(list: readonly Diagnostic[], code: string): readonly Diagnostic[] {
  const [next, ...more] = list.slice(MOST_FINDINGS);
  if (!next) return list;
  const { severity, file, line, col } = next;
  const message = `and ${more.length + 1} more ${severity}${more.length === 0 ? "" : "s"} of these templates`;
  return [...list.slice(0, MOST_FINDINGS), { code, severity, file, line, col, message }];
}
