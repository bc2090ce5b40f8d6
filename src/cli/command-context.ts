// One call of a command, as its action receives it.
import type { Io } from "./terminal.ts";

/** What every command's action is handed: the terminal, its own options, its arguments. */
export interface Call<Options> {
  readonly io: Io;
  readonly options: Options;
  readonly args: readonly string[];
}
