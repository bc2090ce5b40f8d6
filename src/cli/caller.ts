// The command line as the caller of a use case.
import { hostname } from "node:os";
import process from "node:process";
import type { Caller } from "../app/caller.ts";
import { hostProcessOf } from "../app/host-process.ts";
import { progressOf } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

/** Events of runs become progress on stderr. */
export function callerOf(io: Terminal): Caller {
  const { cwd, env, options } = io;
  return {
    cwd,
    env,
    ...(options.config === undefined ? {} : { config: options.config }),
    cache: options.cache,
    atTerminal: io.stderr.isTerminal,
    by: "cli",
    process: hostProcessOf(process, hostname()),
    emit: progressOf(io),
  };
}
