// Documents as JSON: exactly one on stdout, two-space indent, unsafe characters escaped.
import type { Diagnostic } from "../model/diagnostic.ts";
import { NoProjectError, type RollcallError, SpecError } from "../model/errors.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import { visibleJson } from "./redact.ts";

interface Document {
  readonly kind: string;
  readonly formatVersion: string;
}

/** The text of a document, newline at the end. */
export function jsonDocument<D extends Document>(document: D): string {
  return `${visibleJson(JSON.stringify(document, dropInternals, 2))}\n`;
}

/** Source lines are for carets only; they never leave in a document. */
function dropInternals(key: string, value: unknown): unknown {
  return key === "sourceLine" ? undefined : value;
}

interface ErrorDocument extends Document {
  readonly kind: "error";
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The document for an exit that has no other. */
export function errorDocument(error: RollcallError): ErrorDocument {
  return {
    kind: "error",
    formatVersion: FORMAT_VERSION,
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    diagnostics: error instanceof SpecError || error instanceof NoProjectError ? error.diagnostics : [],
  };
}
