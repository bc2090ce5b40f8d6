// Ctrl+C in two stages: the first ends the run after what is being done, the second at once.
import process from "node:process";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

export interface Interruption {
  /** True once somebody asked for an end. */
  readonly asked: () => boolean;
  /** The exit code of an interrupted run, undefined when it was not. */
  readonly code: () => ExitCode | undefined;
  /** Stops listening. */
  readonly done: () => void;
}

/** Listens for SIGINT and SIGTERM until `done`. */
export function interruptible(io: Terminal): Interruption {
  let code: ExitCode | undefined;
  const onSignal = (asked: ExitCode) => () => {
    if (code !== undefined) process.exit(asked);
    code = asked;
    io.complain("finishing what is being done; once more ends it at once (the next apply goes on from there)");
  };
  const onInterrupt = onSignal(EXIT.interrupted);
  const onTerminate = onSignal(EXIT.terminated);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return {
    asked: () => code !== undefined,
    code: () => code,
    done: () => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    },
  };
}
