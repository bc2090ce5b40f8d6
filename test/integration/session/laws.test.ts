// The laws of a kind, for sessions: verbs may be repeated, and what was put needs nothing more.
import { afterEach, expect, test } from "vitest";
import { session } from "../../../src/kinds/session/index.ts";
import type { Settled } from "../../../src/model/settled.ts";
import { SessionFixture } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

function verbs() {
  const fleet = fixture.fleet();
  const wants = fleet.agents.flatMap((agent) => session.desire(agent, fleet));
  const queries = wants.map((want) => ({ address: want.address, agent: want.agent, want }));
  const observe = async () => (await session.observe(queries, fleet, fixture.reader())).observed;
  const settled = async (act: (settle: (one: Settled) => void) => Promise<void>) => {
    const list: Settled[] = [];
    await act((one) => list.push(one));
    return list;
  };
  return { fleet, wants, observe, settled };
}

test("what was put needs nothing more, and to put it twice is to put it once", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  fixture.layFiles();
  const { fleet, wants, observe, settled } = verbs();
  const before = await observe();
  const jobs = wants.map((want, index) => ({ want, have: before[index], record: undefined, write: [""], drop: [] }));
  const first = await settled((settle) => session.put(jobs, fleet, fixture.writer(), settle));
  const after = await observe();
  for (const [index, want] of wants.entries()) {
    expect(after[index]).toMatchObject({ same: true, exists: true, mark: { "": want.parts[""]?.digest } });
    expect(session.diff(want, after[index], { fleet }).changes).toEqual([]);
  }
  const pids = [fixture.pid("iw-planner"), fixture.pid("iw-writer")];
  const second = await settled((settle) => session.put(jobs, fleet, fixture.writer(), settle));
  expect([first, second].map((list) => list.map(({ result }) => result))).toEqual([
    ["done", "done"],
    ["done", "done"],
  ]);
  expect([fixture.pid("iw-planner"), fixture.pid("iw-writer")]).toEqual(pids);
  const third = await settled((settle) =>
    session.put(
      wants.map((want, index) => ({ want, have: after[index], record: undefined, write: [""], drop: [] })),
      fleet,
      fixture.writer(),
      settle,
    ),
  );
  expect(third.map(({ result }) => result)).toEqual(["done", "done"]);
  expect([fixture.pid("iw-planner"), fixture.pid("iw-writer")]).toEqual(pids);
});

test("to remove what is gone, twice, succeeds", async () => {
  fixture = new SessionFixture(["planner"]);
  const { fleet, wants, observe, settled } = verbs();
  const [want] = wants;
  if (!want) throw new Error("nothing desired");
  await fixture.apply();
  const [have] = await observe();
  if (!have) throw new Error("nothing observed");
  const record = { parts: { "": want.parts[""]?.digest ?? "" }, portable: false, at: want.at };
  const jobs = [{ address: want.address, have, record }];
  for (let time = 0; time < 2; time++) {
    const list = await settled((settle) => session.remove(jobs, fleet, fixture.writer(), settle));
    expect(list).toEqual([{ address: want.address, result: "done", parts: {} }]);
    expect(fixture.names()).toEqual([]);
  }
});

test("a replacement planned for a process that is no longer there is left to the next plan", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  fixture.session = { size: [100, 30] };
  const { fleet, wants, observe, settled } = verbs();
  const [have] = await observe();
  const [want] = wants;
  if (!want || !have) throw new Error("nothing to replace");
  fixture.tmux("respawn-pane", "-k", "-t", "=iw-planner:", "sleep 2000");
  const pid = fixture.pid("iw-planner");
  const job = { want, have, record: undefined, write: [""], drop: [] };
  const list = await settled((settle) => session.put([job], fleet, fixture.writer(), settle));
  expect(list).toMatchObject([{ result: "blocked", reason: "another process runs in it than the plan was made for" }]);
  expect(fixture.pid("iw-planner")).toBe(pid);
});
