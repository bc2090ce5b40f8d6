// The run lock between processes: of many one wins, a killed holder is succeeded at once, a stopped one is never robbed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { acquireLock } from "../../src/ledger/lock.ts";
import { lockOptions } from "../support/ledger-fixture.ts";
import { compiled, start, temporary } from "../support/temp-dir.ts";

let program = "";
beforeAll(() => {
  program = compiled(new URL("../support/take-lock.ts", import.meta.url).pathname);
});

const taking = (state: string, wait = 0, hold = 0) =>
  start([process.execPath, program, state, String(wait), String(hold)]);
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** A process that was killed while it held the lock. */
async function killedHolder(state: string): Promise<number> {
  const holder = taking(state, 0, 60_000);
  while (!readdirSync(state).includes("lock")) await sleep(5);
  holder.child.kill("SIGKILL");
  await holder.ended;
  return holder.child.pid ?? 0;
}

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

test("a holder that was killed is succeeded at once", async () => {
  const state = temporary();
  const pid = await killedHolder(state);
  const lock = await acquireLock(lockOptions(state));
  expect(lock.takenFrom).toMatchObject({ pid, command: "rollcall apply" });
  lock.release();
  expect(readdirSync(state)).toEqual([]);
});

test("a holder that is only stopped is not robbed", async () => {
  const state = temporary();
  const holder = taking(state, 0, 60_000);
  while (!readdirSync(state).includes("lock")) await sleep(5);
  holder.child.kill("SIGSTOP");
  await expect(acquireLock(lockOptions(state, { timeoutMs: 300 }))).rejects.toMatchObject({
    holder: { pid: holder.child.pid },
  });
});
