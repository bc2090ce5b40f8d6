// YAML text cut into tokens under the limits: nothing recursive or quadratic sees what breaks them.
import { type CST, Lexer, Parser } from "yaml";
import { type Findings, MOST_FINDINGS } from "../findings.ts";
import { addFindingAt, type SourceText, show } from "./source-text.ts";

/** Keys of one map, items of one list. */
const KEY_LIMIT = 5_000;
const DEPTH_LIMIT = 64;
/** Tokens of one file: bounds the time for what is small in bytes but endless in pieces. */
const TOKEN_LIMIT = 500_000;

export interface Tokens {
  readonly list: readonly CST.Token[];
  /** Offsets of brackets and quotes that were never closed. */
  readonly open: readonly number[];
}

interface Cut {
  readonly source: SourceText;
  readonly findings: Findings;
  /** Offsets of brackets and quotes that are still open. */
  readonly open: number[];
  begun: boolean;
  dashes: number;
  documents: number;
}

/** Cuts the text into tokens under the limits; null after a finding that makes the rest unreadable. */
export function cutTokens(source: SourceText, findings: Findings): Tokens | null {
  const lexer = new Lexer();
  const parser = new Parser();
  const list: CST.Token[] = [];
  const cut: Cut = { source, findings, open: [], begun: false, dashes: 0, documents: 0 };
  const before = findings.errors;
  let count = 0;
  let errors = 0;
  let scalar = false;
  for (const lexeme of lexer.lex(source.text)) {
    const at = parser.offset;
    if (!scalar && !inspect(lexeme, at, cut)) return null;
    scalar = lexeme === "\u001f";
    for (const token of parser.next(lexeme)) {
      list.push(token);
      if (token.type === "error") errors += 1;
    }
    // What follows so many errors would only be told as a count.
    if (errors > MOST_FINDINGS) break;
    if (findings.errors > before + MOST_FINDINGS) return null;
    count += 1;
    const limit = overLimit(parser.stack, count);
    if (limit !== null) {
      addFindingAt(source, findings, limit.code, at, limit.message, limit.hint);
      return null;
    }
  }
  for (const token of parser.end()) list.push(token);
  return { list, open: cut.open };
}

function overLimit(stack: readonly CST.Token[], count: number): { code: string; message: string; hint: string } | null {
  if (count > TOKEN_LIMIT) {
    return {
      code: "E107",
      message: "more than 500,000 tokens in one file",
      hint: "a registry may be a folder of files",
    };
  }
  if (stack.length > DEPTH_LIMIT + 1) {
    const depth = stack.filter((token) => "items" in token).length;
    if (depth > DEPTH_LIMIT)
      return { code: "E108", message: "nested deeper than 64", hint: "a spec needs about six levels" };
  }
  const top = stack.at(-1);
  if (top !== undefined && "items" in top && top.items.length > KEY_LIMIT) {
    const what = isMapToken(top) ? "keys in one map" : "items in one list";
    return { code: "E107", message: `more than 5,000 ${what}`, hint: "a registry may be a folder of files" };
  }
  return null;
}

function isMapToken(token: CST.Token): boolean {
  return token.type === "block-map" || (token.type === "flow-collection" && token.start.type === "flow-map-start");
}

/** Looks at one token that is not the text of a plain scalar; false when reading ends here. */
function inspect(lexeme: string, at: number, cut: Cut): boolean {
  const { source, findings } = cut;
  switch (lexeme[0]) {
    case "&":
      addFindingAt(
        source,
        findings,
        "E112",
        at,
        `anchor ${show(lexeme)}`,
        "write it out; what all agents share lives in fleet.yaml",
      );
      break;
    case "*":
      addFindingAt(
        source,
        findings,
        "E112",
        at,
        `alias ${show(lexeme)}`,
        "write it out; what all agents share lives in fleet.yaml",
      );
      break;
    case "!":
      addFindingAt(source, findings, "E113", at, `tag ${show(lexeme)}`, "no tags: write the plain value");
      break;
    case "%":
      addFindingAt(source, findings, "E113", at, `directive ${show(lexeme)}`, "take it out");
      break;
    case "[":
    case "{":
      cut.open.push(at);
      break;
    case "]":
    case "}":
      cut.open.pop();
      break;
    case '"':
    case "'":
      if (!closed(lexeme)) cut.open.push(at);
      break;
  }
  return oneDocument(lexeme, at, cut);
}

/** Ends a quoted text with a quote of its own? A lexeme that met a line indented too little ends without. */
function closed(quoted: string): boolean {
  const body = quoted.trimEnd();
  const quote = body[0];
  if (body.length < 2 || body.at(-1) !== quote) return false;
  let end = body.length - 1;
  const doubled = quote === '"' ? "\\" : "'";
  while (end > 1 && body[end - 1] === doubled) end -= 1;
  return (body.length - 1 - end) % 2 === 0;
}

function oneDocument(lexeme: string, at: number, cut: Cut): boolean {
  const second = (lexeme === "---" && (cut.begun || cut.dashes > 0)) || (lexeme === "\u0002" && cut.documents > 0);
  if (second) {
    addFindingAt(
      cut.source,
      cut.findings,
      "E114",
      at,
      "a second document in one file",
      "one file, one document; a registry may be a folder of files",
    );
    return false;
  }
  if (lexeme === "---") cut.dashes += 1;
  else if (lexeme === "\u0002") cut.documents += 1;
  else if (!/^[\s#%\ufeff]/.test(lexeme) && lexeme !== "") cut.begun = true;
  return true;
}
