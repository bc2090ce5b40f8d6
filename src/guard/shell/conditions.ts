// Reads what is compared: `[[ … ]]` and the patterns of a `case`.
import { type Node, Unparsable, type Word } from "./ast.ts";
import { redirects, skip } from "./tokens.ts";
import { plainText, readRegExp, readWord, type ShellText } from "./words.ts";

/** `[[ … ]]`: only what runs inside its words matters, and what its operators evaluate. */
export function test(source: ShellText): Node {
  const words: Word[] = [[{ k: "text", text: "[[", bare: false }]];
  for (;;) {
    skip(source, true);
    if (/^\]\](?:[ \t\n;&|()<>]|$)/.test(source.text.slice(source.at, source.at + 3))) break;
    const word = readWord(source);
    if (word === null && !/[<>&|()]/.test(source.text.charAt(source.at))) throw new Unparsable("no ]]");
    if (word === null) source.at++;
    else words.push(word);
    if (word !== null && plainText(word) === "=~") {
      skip(source, false);
      words.push(readRegExp(source));
    }
  }
  source.at += 2;
  return { k: "simple", sets: [], words, redirects: redirects(source) };
}

/** The patterns of a `case` up to their `)`. */
export function patterns(source: ShellText): Word[] {
  if (source.text[source.at] === "(") source.at++;
  for (const found: Word[] = []; ; source.at++) {
    skip(source, false);
    const word = readWord(source);
    if (word === null) throw new Unparsable("an odd pattern");
    found.push(word);
    skip(source, false);
    if (source.text[source.at] === "|") continue;
    if (source.text[source.at++] !== ")") throw new Unparsable("no ) behind a pattern");
    return found;
  }
}
