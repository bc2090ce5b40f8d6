// Takes the run lock and holds it for a while. Run as: state folder, milliseconds to wait, milliseconds to hold.

import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { createProcesses } from "../../src/host/process/procfs.ts";
import { acquireLock } from "../../src/ledger/lock.ts";
import { LockedError } from "../../src/model/errors.ts";

const [, , path = "", timeout = "0", hold = "0"] = process.argv;
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
try {
  const lock = await acquireLock({
    state: createRecordFolder({ path }),
    processes: createProcesses(),
    command: "rollcall apply",
    timeoutMs: Number(timeout),
    now: Date.now,
    sleep,
  });
  const from = performance.timeOrigin + performance.now();
  console.log(`took ${lock.takenFrom?.pid ?? ""}`);
  await sleep(Number(hold));
  console.log(`held ${from} ${performance.timeOrigin + performance.now()}`);
  lock.release();
} catch (error) {
  if (!(error instanceof LockedError)) throw error;
  console.log(`locked by ${error.holder.pid}`);
}
