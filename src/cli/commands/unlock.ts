// `rollcall unlock`: takes away the run lock of another host, where nobody here can tell whether its holder lives.

import { openConfig } from "../../app/project.ts";
import { createRecordFolder } from "../../host/fs/durable-folder.ts";
import { createProcesses } from "../../host/process/procfs.ts";
import { breakLock, lockHolder } from "../../ledger/lock.ts";
import { LockedError } from "../../model/errors.ts";
import { visibleLine } from "../../report/redact.ts";
import { callerOf } from "../caller.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Needs no valid spec. Exit 4 when the holder is seen to live: it is never robbed. */
export async function unlockCommand({ io, options }: CommandContext<{ readonly yes: boolean }>): Promise<ExitCode> {
  const { folders } = await openConfig(callerOf(io));
  const state = createRecordFolder({ path: folders.state });
  const processes = createProcesses();
  const found = lockHolder(state, processes);
  if (found === null) {
    io.print("No run holds the lock: nothing to do.");
    return EXIT.done;
  }
  if (found.state === "alive") throw new LockedError(found.holder);
  const { pid, host, command, since } = found.holder;
  const who = visibleLine(`pid ${pid} on ${host} since ${since}: ${command}`);
  if (found.state === "elsewhere" && !options.yes && io.mayAsk) {
    const { confirm } = await import("../prompt.ts");
    io.say(`The lock is held by ${who}. Whether that runs, only ${visibleLine(host)} can tell.`);
    if (!(await confirm("Is it certain that it does not run any more?"))) return EXIT.error;
  }
  const broken = breakLock({ state, processes, command: "rollcall unlock", now: Date.now });
  io.print(broken === null ? "The lock is gone already." : `Took away the lock of ${who}`);
  return EXIT.done;
}
