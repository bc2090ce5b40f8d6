// The small things between words: blanks, comments, here-documents, keywords, redirections.
import { type Redirect, Unparsable } from "./ast.ts";
import { plainText, quotedWord, readWord, type ShellText } from "./words.ts";

const REDIRECT = /(?:\d+|\{\w+\})?(<<<|<<-|<<|<>|<&|<(?!\()|&>>|&>|>>|>\||>&|>(?!\())/y;
const KEYWORD =
  /(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|time|coproc|in|[{}!]|\[\[)(?=[ \t\n;&|()<>]|\\\n|$)/y;

/** White space and comments, line ends too when asked for: up to the next thing that means something. */
export function skip(source: ShellText, lines: boolean): void {
  const blank = /(?:[ \t]|\\\n|#[^\n]*)+/y;
  for (;;) {
    blank.lastIndex = source.at;
    source.at += blank.exec(source.text)?.[0].length ?? 0;
    if (!lines || source.text[source.at] !== "\n") return;
    newline(source);
  }
}

/** One line of a here-document; those that a backslash joins count as one where it is expanded. */
function documentLine(source: ShellText, joins: boolean): string {
  for (let line = ""; ; ) {
    const stop = source.text.indexOf("\n", source.at);
    line += source.text.slice(source.at, stop < 0 ? undefined : stop);
    source.at = stop < 0 ? source.text.length : stop + 1;
    if (!joins || stop < 0 || !/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) return line;
    line = line.slice(0, -1);
  }
}

export function newline(source: ShellText): void {
  source.at++;
  for (const { redirect, end, quoted, tabs } of source.pending.splice(0)) {
    const lines: string[] = [];
    while (source.at < source.text.length) {
      const raw = documentLine(source, !quoted);
      const line = tabs ? raw.replace(/^\t+/, "") : raw;
      if (line === end) break;
      lines.push(line);
    }
    const body = lines.join("\n");
    redirect.body = quoted ? [{ k: "text", text: body, bare: false }] : quotedWord(body, source);
  }
}

/** The keyword that stands here, when a command may start here. */
export function keyword(source: ShellText): string {
  KEYWORD.lastIndex = source.at;
  return KEYWORD.exec(source.text)?.[0] ?? "";
}

export function expect(source: ShellText, word: string): void {
  skip(source, true);
  if (keyword(source) !== word) throw new Unparsable(`no ${word}`);
  source.at += word.length;
}

export function redirects(source: ShellText): Redirect[] {
  const found: Redirect[] = [];
  for (;;) {
    skip(source, false);
    const one = redirect(source);
    if (one === null) return found;
    found.push(one);
  }
}

export function redirect(source: ShellText): Redirect | null {
  REDIRECT.lastIndex = source.at;
  const match = REDIRECT.exec(source.text);
  if (match === null) return null;
  const op = match[1] ?? "";
  source.at += match[0].length;
  skip(source, false);
  const from = source.at;
  const target = readWord(source);
  if (target === null) throw new Unparsable(`nothing behind ${op}`);
  const found: Redirect = { op, target };
  if (op === "<<" || op === "<<-") {
    const raw = source.text.slice(from, source.at);
    const quoted = /['"\\]/.test(raw);
    const end = plainText(target);
    if (end === null || /[$`]|\\\n/.test(raw)) throw new Unparsable("an odd end of a here-document");
    source.pending.push({ redirect: found, end, quoted, tabs: op === "<<-" });
  }
  return found;
}
