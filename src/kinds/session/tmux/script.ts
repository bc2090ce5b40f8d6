// Scripts for `source-file -`: words quoted so that tmux takes each for what it is, lines that stand or fall as one.

/**
 * One word for tmux's parser. Single quotes keep everything literal but a quote and a backslash before a newline (the
 * parser joins such lines even there), so quotes and newlines are written outside of them. NUL cannot be passed.
 */
export function quote(word: string): string {
  if (word.includes("\0")) throw new Error("a word with NUL reached the tmux script");
  return `'${word.replaceAll("'", `'\\''`).replaceAll("\n", `'"\\n"'`)}'`;
}

/** A command and its words. */
export type Command = readonly string[];

/**
 * One line: its commands are joined by ` ; `, so the first that fails ends the line. On lines of their own the rest
 * would go on, and a duplicate name would put our mark on a stranger's session.
 */
export function line(commands: readonly Command[]): string {
  return commands.map(([name = "", ...words]) => [name, ...words.map(quote)].join(" ")).join(" ; ");
}

/** A text that tmux expands as a format (`-c`), kept literal: `#` doubled. */
export function literal(path: string): string {
  return path.replaceAll("#", "##");
}
