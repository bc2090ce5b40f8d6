// One name of a glob, taken apart: letters, wildcards and sets of characters.

export type Token =
  /** Letters; `written` still has the backslashes. */
  | { readonly is: "text"; readonly text: string; readonly written: string }
  | { readonly is: "one" }
  | { readonly is: "many" }
  | SetToken;

/** One character of these ranges. A set that begins with `!` or `^` holds every character: none is a way around it. */
interface SetToken {
  readonly is: "set";
  readonly ranges: readonly Range[] | "any";
  readonly written: string;
}

export type Range = readonly [from: string, to: string];

/** A set (a closing bracket right behind the opening one is a member), a letter behind a backslash, wildcards, letters. */
const PIECE = /\[\]?(?:\\.|[^\\\]])*\]|\\.|\*+|\?|[^[\\*?]+|[[\\]/gsu;
const MEMBER = /(\\.|[^\\])-(\\.|[^\\])|(\\.|[^\\])/gsu;

/** A bracket that opens no set, and a backslash at the end, are letters. */
export function readName(name: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [piece] of name.matchAll(PIECE)) {
    const last = tokens.at(-1);
    const token = readPiece(piece);
    if (token.is !== "text" || last?.is !== "text") tokens.push(token);
    else tokens.splice(-1, 1, { is: "text", text: last.text + token.text, written: last.written + token.written });
  }
  return tokens;
}

function readPiece(piece: string): Token {
  if (piece.startsWith("*")) return { is: "many" };
  if (piece === "?") return { is: "one" };
  if (piece.length > 2 && piece.startsWith("[")) return readSet(piece);
  const isEscape = piece.length > 1 && piece.startsWith("\\");
  return { is: "text", text: isEscape ? piece.slice(1) : piece, written: piece };
}

function readSet(written: string): SetToken {
  const inner = written.slice(1, -1);
  if (/^[!^]/.test(inner)) return { is: "set", ranges: "any", written };
  const ranges = [...inner.matchAll(MEMBER)].map(([, from, to, single]): Range => {
    const [one, other] = [letter(single ?? from), letter(single ?? to)];
    return codeOf(one) <= codeOf(other) ? [one, other] : [other, one];
  });
  return { is: "set", ranges, written };
}

/** Without the backslash in front. */
function letter(member: string | undefined): string {
  return (member ?? "").replace(/^\\(?=.)/su, "");
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
