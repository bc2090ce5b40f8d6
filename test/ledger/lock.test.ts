// Stories of the run lock in one process: who holds it, who is succeeded at once, what unlock may break.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { createProcesses } from "../../src/host/process/procfs.ts";
import { acquireLock, breakLock, lockHolder } from "../../src/ledger/lock.ts";
import { HostError, type LockHolder } from "../../src/model/errors.ts";
import { lockOptions } from "../support/ledger-fixture.ts";
import { temporary } from "../support/temp-dir.ts";

/** A lock as another process would have left it. */
function left(state: string, holder: Partial<LockHolder>): void {
  const self = createProcesses();
  const whole = {
    pid: 4_194_301,
    startTick: "1",
    bootId: self.bootId,
    host: self.host,
    command: "rollcall reconcile",
    since: "then",
  };
  createRecordFolder({ path: state }).write("lock", `${JSON.stringify({ ...whole, ...holder })}\n`);
}

test("a live holder is named with pid, host, since and command", async () => {
  const state = temporary();
  const lock = await acquireLock(lockOptions(state));
  expect(JSON.parse(readFileSync(join(state, "lock"), "utf8"))).toMatchObject({
    pid: process.pid,
    host: hostname(),
    command: "rollcall apply",
    since: "1970-01-01T00:00:00.000Z",
  });
  await expect(acquireLock(lockOptions(state))).rejects.toMatchObject({
    code: "E400",
    holder: { pid: process.pid, command: "rollcall apply" },
    message: expect.stringContaining(`locked by pid ${process.pid}`),
  });
  lock.release();
  expect(readdirSync(state)).toEqual([]);
});

describe("a holder that is dead is succeeded at once", () => {
  test("its pid given to another process, or from before the last boot", async () => {
    for (const gone of [
      { pid: process.pid, startTick: "1" },
      { pid: process.pid, startTick: createProcesses().startTick, bootId: "an earlier boot" },
    ]) {
      const state = temporary();
      left(state, gone);
      expect((await acquireLock(lockOptions(state))).takenFrom).toMatchObject(gone);
    }
  });

  test("killed while it was itself succeeding a dead one", async () => {
    const state = temporary();
    left(state, {});
    const self = createProcesses();
    // The guard of the succession, as a taker leaves it when it dies in the middle.
    const dies = { ...self, pid: 4_194_302, startTick: "2" };
    const folder = createRecordFolder({ path: state });
    const half = {
      ...folder,
      write: () => {
        throw new Error("killed here");
      },
      remove: () => {},
    };
    await expect(acquireLock(lockOptions(state, { processes: dies, state: half }))).rejects.toThrow("killed here");
    expect(readdirSync(state)).toHaveLength(2);
    const lock = await acquireLock(lockOptions(state));
    expect(lock.takenFrom).toMatchObject({ pid: 4_194_301 });
    lock.release();
    expect(readdirSync(state)).toEqual([]);
  });
});

test("killed when it had succeeded a dead one, before it put the guard away: the next removes that too", async () => {
  const state = temporary();
  left(state, {});
  const folder = createRecordFolder({ path: state });
  const dies = { ...createProcesses(), pid: 4_194_302, startTick: "2" };
  await acquireLock(lockOptions(state, { processes: dies, state: { ...folder, remove: () => {} } }));
  expect(readdirSync(state)).toHaveLength(2);
  const lock = await acquireLock(lockOptions(state));
  expect(lock.takenFrom).toMatchObject({ pid: dies.pid });
  lock.release();
  expect(readdirSync(state)).toEqual([]);
});

test("one who waits gets it when it is given back", async () => {
  const state = temporary();
  const lock = await acquireLock(lockOptions(state));
  setTimeout(() => lock.release(), 150);
  const next = await acquireLock(lockOptions(state, { timeoutMs: 5000 }));
  expect(next.takenFrom).toBeNull();
  lock.release();
  expect(readdirSync(state)).toEqual(["lock"]);
  next.release();
});

test("one whose file a broken disk kept is given back all the same, to the very process that had it", async () => {
  const path = temporary();
  const state = createRecordFolder({ path });
  let broken = true;
  const remove = (name: string): void => {
    if (broken) throw new HostError("E501", `cannot write ${name}: input/output error (EIO)`);
    state.remove(name);
  };
  const watch = lockOptions(path, { state: { ...state, remove } });
  const lock = await acquireLock(watch);
  expect(() => lock.release()).toThrow("EIO");
  expect(lockHolder(state, createProcesses())).toMatchObject({ state: "dead" });
  broken = false;
  const next = await acquireLock(watch);
  expect(next.takenFrom).toMatchObject({ pid: process.pid });
  next.release();
  expect(readdirSync(path)).toEqual([]);
});

describe("a lock of another host", () => {
  test("is broken by unlock only, and unlock robs no living holder", async () => {
    const state = temporary();
    left(state, { host: "another-host" });
    await expect(acquireLock(lockOptions(state))).rejects.toMatchObject({
      code: "E400",
      holder: { host: "another-host" },
    });
    expect(lockHolder(createRecordFolder({ path: state }), createProcesses())).toMatchObject({ state: "elsewhere" });
    expect(breakLock(lockOptions(state))).toMatchObject({ host: "another-host" });
    expect(breakLock(lockOptions(state))).toBeNull();
    const lock = await acquireLock(lockOptions(state));
    expect(() => breakLock(lockOptions(state))).toThrow(expect.objectContaining({ code: "E400" }));
    lock.release();
  });

  test("or of another pid namespace of this one cannot be judged either", async () => {
    const state = temporary();
    const other = { ...createProcesses(), space: "pid:[1]" };
    await acquireLock(lockOptions(state, { processes: other }));
    await expect(acquireLock(lockOptions(state))).rejects.toMatchObject({ code: "E400" });
  });
});

test("a lock file that nobody of ours wrote is named, not removed", async () => {
  const state = temporary();
  writeFileSync(join(state, "lock"), "mine!");
  await expect(acquireLock(lockOptions(state))).rejects.toMatchObject({ code: "E404" });
  expect(readFileSync(join(state, "lock"), "utf8")).toBe("mine!");
});
