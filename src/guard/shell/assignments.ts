// Reads assignments: single values, elements of an array, lists.
import { type Assignment, Unparsable } from "./ast.ts";
import { skip } from "./tokens.ts";
import { isGlued, readIndex, readWord, type ShellText } from "./words.ts";

/** `name=word`, `name+=word` before the command, `name=(words)` also behind it (`declare -a x=(…)`). */
export function assignment(source: ShellText, first: boolean): Assignment[] | null {
  const from = source.at;
  const head = /[A-Za-z_]\w*/y;
  head.lastIndex = from;
  const name = head.exec(source.text)?.[0];
  if (name === undefined) return null;
  source.at += name.length;
  const index = first ? readIndex(source) : null;
  if (!takesEquals(source) || !(first || source.text[source.at] === "(")) {
    source.at = from;
    return null;
  }
  const target = index === null ? { name } : { name, index };
  if (source.text[source.at] !== "(") return [{ ...target, value: readWord(source) ?? [] }];
  source.at++;
  const items: Assignment[] = index === null ? [] : [{ ...target, value: [] }];
  for (skip(source, true); source.text[source.at] !== ")"; skip(source, true)) items.push(item(source, name));
  source.at++;
  if (isGlued(source)) throw new Unparsable("an odd list");
  return items.length > 0 ? items : [{ name, value: [] }];
}

/** Takes `=` or `+=`. */
function takesEquals(source: ShellText): boolean {
  const sign = /\+?=/y;
  sign.lastIndex = source.at;
  const found = sign.exec(source.text)?.[0] ?? "";
  source.at += found.length;
  return found !== "";
}

/** One item of a list: `word`, `[index]=word`. */
function item(source: ShellText, name: string): Assignment {
  const from = source.at;
  const index = readIndex(source);
  if (index !== null && takesEquals(source)) return { name, index, value: readWord(source) ?? [] };
  source.at = from;
  const value = readWord(source);
  if (value === null) throw new Unparsable("an odd list");
  return { name, value };
}
