// `rollcall unlock`: takes away the run lock of another host, where nobody here can tell whether its holder lives.

import { openLock } from "../../app/unlock.ts";
import { LockedError } from "../../model/errors.ts";
import { visibleLine } from "../../report/redact.ts";
import { callerOf } from "../caller.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Needs no valid spec. Exit 4 when the holder is seen to live: it is never robbed. */
export async function unlockCommand({ io, options }: CommandContext<{ readonly yes: boolean }>): Promise<ExitCode> {
  const { found, takeAway } = await openLock(callerOf(io));
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
  io.print(takeAway() ? `Took away the lock of ${who}` : "The lock is gone already.");
  return EXIT.done;
}
