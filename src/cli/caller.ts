// The command line as the caller of a use case.
import { hostname } from "node:os";
import process from "node:process";
import type { Caller, HostProcess } from "../app/caller.ts";
import { progressOf } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

const hostProcess: HostProcess = {
  node: process.versions.node,
  platform: process.platform,
  hostname: hostname(),
  pid: process.pid,
  kill: (pid, signal) => process.kill(pid, signal),
  inRootDirectory(make) {
    const here = process.cwd();
    process.chdir("/");
    try {
      return make();
    } finally {
      process.chdir(here);
    }
  },
};

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
    process: hostProcess,
    emit: progressOf(io),
  };
}
