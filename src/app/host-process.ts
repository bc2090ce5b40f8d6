// The process Rollcall runs in, as the callers of the use cases give it to them.
import type { HostProcess } from "./caller.ts";

/** `own` is the global process: only the entries and the command line may reach for it themselves. */
export function hostProcessOf(own: NodeJS.Process, hostname: string): HostProcess {
  return {
    node: own.versions.node,
    platform: own.platform,
    hostname,
    pid: own.pid,
    kill: (pid, signal) => own.kill(pid, signal),
    inRootDirectory(make) {
      const here = own.cwd();
      own.chdir("/");
      try {
        return make();
      } finally {
        own.chdir(here);
      }
    },
  };
}
