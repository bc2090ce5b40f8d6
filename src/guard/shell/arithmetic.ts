// What bash only evaluates: the words of `((…))`, of a loop's head and of a pattern.
import { type CommandNode, Unparsable, type Word } from "./ast.ts";

/** A step that only evaluates a word: nothing is done with its value. */
export function evaluated(word: Word): CommandNode {
  return { node: { k: "simple", sets: [{ name: "_", value: word }], words: [], redirects: [] }, op: ";" };
}

/** `((a b))` is no arithmetic, and other shells than bash take it for a subshell in a subshell. */
export function arithmetic(inner: Word): Word {
  const text = inner.map((part) => (part.k === "text" ? part.text : "\0")).join("");
  if (/[A-Za-z_]\w*\s+[\w\0]/.test(text)) throw new Unparsable("an odd ((");
  return [{ k: "sum", inner }];
}
