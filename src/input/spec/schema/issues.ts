// From what a schema says to what a person reads: place, expected and found, and the likely meaning.

import { nearest } from "../../../model/nearest.ts";
import type { Finding, Findings } from "../findings.ts";
import type { SpecDocument } from "../yaml/read.ts";
import { hiddenIn, lineOf, show } from "../yaml/source-text.ts";
import { ruleOf } from "./formats.ts";
import type { Issue, Path, Shape } from "./schema-port.ts";

/** Checks a document against a shape; null after findings. */
export function checkDocument<T>(document: SpecDocument, shape: Shape<T>, findings: Findings): T | null {
  const checked = shape.check(document.value);
  if (checked.ok) return checked.value;
  for (const issue of checked.issues) {
    if (document.spoiled(issue.path)) continue;
    addIssue(issue, { document, fields: shape.fields }, findings);
  }
  return null;
}

interface Context {
  readonly document: SpecDocument;
  readonly fields: (path: Path) => readonly string[];
}

interface IssueFinding {
  readonly code: string;
  readonly path: Path;
  readonly which?: "key" | "value";
  readonly message: string;
  readonly hint?: string | undefined;
}

function addIssue(issue: Issue, context: Context, findings: Findings): void {
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys ?? []) {
      const path = [...issue.path, key];
      if (!context.document.spoiled(path)) add(unknownField(path, key, context.fields(issue.path)), context, findings);
    }
    return;
  }
  add(findingOf(issue, context), context, findings);
}

function add(finding: IssueFinding, context: Context, findings: Findings): void {
  const { document } = context;
  findings.add(finding.code, (): Finding => {
    const place = document.place(finding.path, finding.which);
    return { place, message: finding.message, hint: finding.hint, sourceLine: lineOf(document.source, place.line) };
  });
}

function unknownField(path: Path, key: string, known: readonly string[]): IssueFinding {
  const near = nearest(key, known);
  const hint = near === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${near}\`?`;
  return { code: "E120", path, which: "key", message: `unknown field ${show(key)}`, hint };
}

function findingOf(issue: Issue, context: Context): IssueFinding {
  const { path } = issue;
  const found = valueAt(context.document.value, path);
  switch (issue.code) {
    case "invalid_type":
      return found === undefined ? missing(path) : wrongType(path, issue.expected ?? "", found);
    case "invalid_value":
      return wrongChoice(path, issue.values ?? [], found);
    case "invalid_format":
      return wrongWord(path, String(found), issue.pattern, "value");
    case "invalid_key":
      return wrongWord(path, String(path.at(-1)), issue.issues?.[0]?.pattern, "key");
    case "invalid_union":
      return { code: "E121", path, message: `${label(path)}: ${issue.message}, found ${foundAs(found)}` };
    case "too_small":
    case "too_big":
      return outOfRange(issue, found);
    default:
      return { code: "E123", path, message: `${label(path)}: ${issue.message}` };
  }
}

function missing(path: Path): IssueFinding {
  const field = String(path.at(-1));
  return {
    code: "E122",
    path: path.slice(0, -1),
    which: "key",
    message: `the field ${show(field)} is missing${path.length > 1 ? ` in ${label(path.slice(0, -1))}` : ""}`,
    hint: `add \`${field}:\``,
  };
}

function wrongType(path: Path, expected: string, found: unknown): IssueFinding {
  const field = path.at(-1);
  if (field === "mode" && typeof found === "number") {
    const digits = String(found).padStart(4, "0");
    const hint = `quote it: mode: "${digits}" (YAML reads it as the decimal number ${found})`;
    return { code: "E124", path, message: `mode: expected quoted octal text, found the number ${found}`, hint };
  }
  if ((field === "command" || field === "fallback") && typeof found === "string") {
    const words = found
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => (/^[\w./-]+$/.test(word) ? word : JSON.stringify(word)));
    const hint = `use a list: ${field}: [${words.join(", ")}]`;
    return { code: "E125", path, message: `${field}: expected a list of arguments, found text`, hint };
  }
  return {
    code: "E121",
    path,
    message: `${label(path)}: expected ${EXPECTED[expected] ?? expected}, found ${foundAs(found)}`,
    hint: typeHint(expected, found, String(field)),
  };
}

function typeHint(expected: string, found: unknown, field: string): string | undefined {
  if (found === null && expected === "array") return "write [] for none";
  if (expected === "string" && (typeof found === "number" || typeof found === "boolean")) {
    return `quote it: "${found}"`;
  }
  if (expected === "array" && typeof found === "string") return `use a list: ${field}: [${show(found)}]`;
  return undefined;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "text",
  array: "a list",
  tuple: "a list",
  object: "a map",
  record: "a map",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function foundAs(found: unknown): string {
  if (found === null || found === undefined) return "nothing";
  if (Array.isArray(found)) return "a list";
  switch (typeof found) {
    case "string":
      return `the text ${show(found)}`;
    case "number":
      return `the number ${found}`;
    case "boolean":
      return `${found}`;
    default:
      return "a map";
  }
}

function wrongChoice(path: Path, values: readonly unknown[], found: unknown): IssueFinding {
  if (found === undefined) return missing(path);
  const words = values.map(String);
  const near = typeof found === "string" ? nearest(found, words) : undefined;
  return {
    code: "E123",
    path,
    message: `${label(path)}: expected ${words.join(" or ")}, found ${foundAs(found)}`,
    hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
  };
}

function wrongWord(path: Path, found: string, pattern: string | undefined, which: "key" | "value"): IssueFinding {
  const rule = ruleOf(pattern ?? "");
  const hidden = hiddenIn(found);
  if (hidden !== null) {
    const message = `${label(path)}: the character ${hidden} is not visible and not allowed here: ${show(found)}`;
    return { code: "E117", path, which, message, hint: "type it anew without copying" };
  }
  const message = `${which === "key" ? "" : `${label(path)}: `}${show(found)}: ${rule?.say ?? "is not allowed"}`;
  return { code: rule?.code ?? "E123", path, which, message, hint: rule?.hint };
}

function outOfRange(issue: Issue, found: unknown): IssueFinding {
  const { path, minimum, maximum } = issue;
  const what = issue.origin === "array" ? "items" : issue.origin === "string" ? "characters" : "";
  const limit = minimum === undefined ? `at most ${maximum}` : `at least ${minimum}`;
  return {
    code: "E123",
    path,
    message: `${label(path)}: expected ${limit}${what === "" ? "" : ` ${what}`}, found ${foundAs(found)}`,
  };
}

/** The last words of a path that tell a person what is meant: `planning-agent.tools`. */
function label(path: Path): string {
  const shown = path[0] === "agents" && path.length > 1 ? path.slice(1) : path;
  if (shown.length === 0) return "the file";
  const words = shown.map((step) => (typeof step === "number" ? `[${step}]` : String(step)));
  const text = words.join(".").replaceAll(".[", "[");
  return /^[\w.[\]-]{1,80}$/.test(text) ? text : show(text);
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}
