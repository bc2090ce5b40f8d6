// What may be shown: control and bidirectional characters are escaped, so that no value can move the cursor or lie.

// C0 (but tab and newline), DEL, C1, zero-width and bidirectional controls, line separators, BOM.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Text for a terminal or a log: unsafe characters as `\u001b`. Newlines stay. */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** The same on one line: newlines and tabs are escaped as well. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** A JSON text with every unsafe character escaped: it stays the same JSON. */
export function visibleJson(json: string): string {
  return json.replace(UNSAFE, escaped);
}
