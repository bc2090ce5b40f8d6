// How deep a JSON text goes, seen without parsing it: what walks a document goes down with it, and would fill the stack.

/** Deeper than any document we write, and than any settings file. */
export const DEEPEST = 100;

/** True when lists and objects stand inside of more than 100 others. The text need not be JSON. */
export function isTooDeep(text: string): boolean {
  return tooDeepAt(text) !== null;
}

/** The offset of the first list or object that stands too deep; null when none does. */
export function tooDeepAt(text: string): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "[":
      case "{":
        if (++depth > DEEPEST) return at;
        break;
      case "]":
      case "}":
        depth--;
    }
  }
  return null;
}

/** The offset of the quote that closes the string which begins here; the end of the text when none does. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text[before] === "\\") before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}
