// The run lock as somebody finds it who wants to take it away: who holds it, and whether that process can be seen.
import { createRecordFolder } from "../host/fs/durable-folder.ts";
import { createProcesses } from "../host/process/procfs.ts";
import { breakLock, lockHolder } from "../ledger/lock.ts";
import type { Caller } from "./caller.ts";
import { openConfig } from "./project.ts";

export interface FoundLock {
  /** Null when nobody holds it. */
  readonly found: ReturnType<typeof lockHolder>;
  /** Takes it away; false when it was gone already. Throws E400 when its holder is seen to live. */
  takeAway(): boolean;
}

/** Needs no valid spec. */
export async function openLock(caller: Caller): Promise<FoundLock> {
  const { folders } = await openConfig(caller);
  const state = createRecordFolder({ path: folders.state });
  const processes = createProcesses();
  return {
    found: lockHolder(state, processes),
    takeAway: () => breakLock({ state, processes, command: "rollcall unlock", now: Date.now }) !== null,
  };
}
