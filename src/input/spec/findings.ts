// Collects what is wrong in a spec: everything at once, but never more than a person can read.
import { type Diagnostic, type Place, type Severity, sortDiagnostics } from "../../model/diagnostic.ts";

/** So many errors, and so many warnings, are told one by one; the rest is a count. */
export const MOST_FINDINGS = 50;

export interface Finding {
  readonly place: Place;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly sourceLine?: string | undefined;
  readonly related?: readonly (Place & { readonly message: string })[];
}

interface Kept {
  readonly list: Diagnostic[];
  more: number;
  last: Place | undefined;
}

/**
 * The collector. A finding is made only when it will be shown: suggestions over ten thousand names are not computed
 * for an error that ends in the count.
 */
export class Findings {
  readonly #kept: Record<Severity, Kept> = {
    error: { list: [], more: 0, last: undefined },
    warning: { list: [], more: 0, last: undefined },
  };

  /** The severity is in the code: `E…` is an error, `W…` a warning. */
  add(code: string, make: () => Finding): void {
    const severity = severityOf(code);
    const kept = this.#kept[severity];
    if (kept.list.length >= MOST_FINDINGS) {
      kept.more += 1;
      kept.last ??= make().place;
      return;
    }
    kept.list.push(diagnostic(code, severity, make()));
  }

  /** How many errors there are, told or counted. */
  get errors(): number {
    return this.#kept.error.list.length + this.#kept.error.more;
  }

  /** All of them in the order of the files, each count behind the findings it belongs to. */
  list(): Diagnostic[] {
    return [...this.#told("error", "E199"), ...this.#told("warning", "W199")];
  }

  #told(severity: Severity, code: string): Diagnostic[] {
    const { list, more, last } = this.#kept[severity];
    const sorted = sortDiagnostics(list);
    if (more === 0 || last === undefined) return sorted;
    const message = `and ${more} more ${severity}${more === 1 ? "" : "s"} of this spec`;
    return [...sorted, diagnostic(code, severity, { place: last, message })];
  }
}

function severityOf(code: string): Severity {
  return code.startsWith("W") ? "warning" : "error";
}

function diagnostic(code: string, severity: Severity, finding: Finding): Diagnostic {
  const { place, message, hint, sourceLine, related } = finding;
  return {
    code,
    severity,
    file: place.file,
    line: place.line,
    col: place.col,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(sourceLine === undefined ? {} : { sourceLine }),
    ...(related === undefined ? {} : { related }),
  };
}
