// The head of a `for` or `select`: what its variable takes, or what is evaluated in each round.
import { evaluated } from "./arithmetic.ts";
import { type List, Unparsable, type Word } from "./ast.ts";
import { keyword, skip } from "./tokens.ts";
import { plainText, readDoubleParentheses, readWord, type ShellText } from "./words.ts";

export interface LoopHead {
  readonly each?: { readonly name: string; readonly words: readonly Word[] | null };
  /** What is evaluated in each round. */
  readonly first?: List;
}

/** Reads what stands between `for` and its body: `((…))`, or a name and the words it takes. */
export function readLoopHead(source: ShellText): LoopHead {
  skip(source, false);
  if (source.text.startsWith("((", source.at)) {
    source.at++;
    const inner = readDoubleParentheses(source);
    if (inner === null) throw new Unparsable("no ))");
    return { first: [evaluated([{ k: "sum", inner }])] };
  }
  const name = plainText(readWord(source) ?? []);
  if (name === null || name === "") throw new Unparsable("an odd for");
  skip(source, true);
  let words: Word[] | null = null;
  if (keyword(source) === "in") {
    source.at += 2;
    words = [];
    for (skip(source, false); ; skip(source, false)) {
      const word = readWord(source);
      if (word === null) break;
      words.push(word);
    }
  }
  return { each: { name, words } };
}
