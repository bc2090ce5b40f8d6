// Stories of the run lock: one of many wins, the dead are succeeded at once, the living are never robbed.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { createProcesses } from "../../src/host/process/procfs.ts";
import { acquireLock, breakLock, type LockOptions, lockHolder } from "../../src/ledger/lock.ts";
import { HostError, type LockHolder } from "../../src/model/errors.ts";
import { compiled, start, temporary } from "../support/temp-dir.ts";

let program = "";
beforeAll(() => {
  program = compiled(new URL("../support/take-lock.ts", import.meta.url).pathname);
});

const taking = (state: string, wait = 0, hold = 0) =>
  start([process.execPath, program, state, String(wait), String(hold)]);
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

function options(path: string, more: Partial<LockOptions> = {}): LockOptions {
  return {
    state: createRecordFolder({ path }),
    processes: createProcesses(),
    command: "rollcall apply",
    timeoutMs: 0,
    now: () => 0,
    sleep,
    ...more,
  };
}

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

/** A process that was killed while it held the lock. */
async function killedHolder(state: string): Promise<number> {
  const holder = taking(state, 0, 60_000);
  while (!readdirSync(state).includes("lock")) await sleep(5);
  holder.child.kill("SIGKILL");
  await holder.ended;
  return holder.child.pid ?? 0;
}

test("a live holder is named with pid, host, since and command", async () => {
  const state = temporary();
  const lock = await acquireLock(options(state));
  expect(JSON.parse(readFileSync(join(state, "lock"), "utf8"))).toMatchObject({
    pid: process.pid,
    host: hostname(),
    command: "rollcall apply",
    since: "1970-01-01T00:00:00.000Z",
  });
  await expect(acquireLock(options(state))).rejects.toMatchObject({
    code: "E400",
    holder: { pid: process.pid, command: "rollcall apply" },
    message: expect.stringContaining(`locked by pid ${process.pid}`),
  });
  lock.release();
  expect(readdirSync(state)).toEqual([]);
});

test("of two at once exactly one gets it, in twenty rounds", { timeout: 120_000 }, async () => {
  for (let round = 0; round < 20; round++) {
    const state = temporary();
    // The winner holds it until it is killed, so a slow machine cannot turn the race into a queue.
    const both = [taking(state, 0, 100_000), taking(state, 0, 100_000)];
    const loser = await Promise.race(both.map(async (one) => ({ one, end: await one.ended })));
    const winner = both.find((one) => one !== loser.one);
    expect(loser.end).toMatchObject({ code: 0, out: `locked by ${winner?.child.pid}\n` });
    expect(JSON.parse(readFileSync(join(state, "lock"), "utf8"))).toMatchObject({ pid: winner?.child.pid });
    winner?.child.kill("SIGKILL");
    expect(await winner?.ended).toMatchObject({ signal: "SIGKILL" });
  }
});

test("six that wait take it one after the other, a dead holder before them", { timeout: 60_000 }, async () => {
  const state = temporary();
  const dead = await killedHolder(state);
  const ends = await Promise.all(Array.from({ length: 6 }, () => taking(state, 30_000, 20).ended));
  const spans = ends.map(({ out }) => /held (\S+) (\S+)/.exec(out)?.slice(1).map(Number) ?? []);
  expect(spans.every((span) => span.length === 2)).toBe(true);
  spans.sort(([a = 0], [b = 0]) => a - b);
  for (const [nth, [from = 0]] of spans.entries()) expect(from).toBeGreaterThanOrEqual(spans[nth - 1]?.[1] ?? 0);
  expect(ends.filter(({ out }) => out.startsWith(`took ${dead}\n`))).toHaveLength(1);
  expect(readdirSync(state)).toEqual([]);
});

describe("a holder that is dead is succeeded at once", () => {
  test("killed", async () => {
    const state = temporary();
    const pid = await killedHolder(state);
    const lock = await acquireLock(options(state));
    expect(lock.takenFrom).toMatchObject({ pid, command: "rollcall apply" });
    lock.release();
    expect(readdirSync(state)).toEqual([]);
  });

  test("its pid given to another process, or from before the last boot", async () => {
    for (const gone of [
      { pid: process.pid, startTick: "1" },
      { pid: process.pid, startTick: createProcesses().startTick, bootId: "an earlier boot" },
    ]) {
      const state = temporary();
      left(state, gone);
      expect((await acquireLock(options(state))).takenFrom).toMatchObject(gone);
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
    await expect(acquireLock(options(state, { processes: dies, state: half }))).rejects.toThrow("killed here");
    expect(readdirSync(state)).toHaveLength(2);
    const lock = await acquireLock(options(state));
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
  await acquireLock(options(state, { processes: dies, state: { ...folder, remove: () => {} } }));
  expect(readdirSync(state)).toHaveLength(2);
  const lock = await acquireLock(options(state));
  expect(lock.takenFrom).toMatchObject({ pid: dies.pid });
  lock.release();
  expect(readdirSync(state)).toEqual([]);
});

test("a holder that is only stopped is not robbed", async () => {
  const state = temporary();
  const holder = taking(state, 0, 60_000);
  while (!readdirSync(state).includes("lock")) await sleep(5);
  holder.child.kill("SIGSTOP");
  await expect(acquireLock(options(state, { timeoutMs: 300 }))).rejects.toMatchObject({
    holder: { pid: holder.child.pid },
  });
});

test("one who waits gets it when it is given back", async () => {
  const state = temporary();
  const lock = await acquireLock(options(state));
  setTimeout(() => lock.release(), 150);
  const next = await acquireLock(options(state, { timeoutMs: 5000 }));
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
  const watch = options(path, { state: { ...state, remove } });
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
    await expect(acquireLock(options(state))).rejects.toMatchObject({ code: "E400", holder: { host: "another-host" } });
    expect(lockHolder(createRecordFolder({ path: state }), createProcesses())).toMatchObject({ state: "elsewhere" });
    expect(breakLock(options(state))).toMatchObject({ host: "another-host" });
    expect(breakLock(options(state))).toBeNull();
    const lock = await acquireLock(options(state));
    expect(() => breakLock(options(state))).toThrow(expect.objectContaining({ code: "E400" }));
    lock.release();
  });

  test("or of another pid namespace of this one cannot be judged either", async () => {
    const state = temporary();
    const other = { ...createProcesses(), space: "pid:[1]" };
    await acquireLock(options(state, { processes: other }));
    await expect(acquireLock(options(state))).rejects.toMatchObject({ code: "E400" });
  });
});

test("a lock file that nobody of ours wrote is named, not removed", async () => {
  const state = temporary();
  writeFileSync(join(state, "lock"), "mine!");
  await expect(acquireLock(options(state))).rejects.toMatchObject({ code: "E404" });
  expect(readFileSync(join(state, "lock"), "utf8")).toBe("mine!");
});
