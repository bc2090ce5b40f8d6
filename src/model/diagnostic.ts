// A diagnostic: one thing that is wrong or odd, as data, with its place and its way out.

export type Severity = "error" | "warning";

/** Where in a file a diagnostic points. Lines and columns count from 1. */
export interface Place {
  /** Relative to the project root where the file lies in it. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

export interface Diagnostic {
  /** Stable: `E104`, `W203`. `rollcall explain CODE` tells more. */
  readonly code: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly message: string;
  readonly hint?: string;
  /** The source line the place points into, for the caret; never part of the JSON form. */
  readonly sourceLine?: string;
  /** Second places (the other definition of a duplicate, the chain of includes). */
  readonly related?: readonly (Place & { readonly message: string })[];
}

export function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error";
}

/** Sorted by file, line, column, code: the order in which a person mends them. */
export function sortDiagnostics(list: readonly Diagnostic[]): Diagnostic[] {
  return [...list].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      a.col - b.col ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}
