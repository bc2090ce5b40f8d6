// One call of a command, as its action receives it.
import type { Terminal } from "./terminal.ts";

/** What every command's action is handed: the terminal, its own options, its arguments. */
export interface CommandContext<Options> {
  readonly io: Terminal;
  readonly options: Options;
  readonly args: readonly string[];
}
