// Sessions on a real tmux: brought up, left alone, found broken, healed.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runs, SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

const address = (name: string) => `session/${name}/main`;

test("26 sessions come up in their folders, and a second apply does nothing", async () => {
  const names = Array.from({ length: 26 }, (_, index) => `agent-${index + 1}`);
  fixture = new SessionFixture(names);
  const run = await fixture.apply();
  expect(run.outcomes.filter(({ result }) => result !== "done")).toEqual([]);
  expect(run.converged).toBe(true);
  expect(fixture.names()).toEqual(names.map((name) => `iw-${name}`).sort());
  const pids = names.map((name) => fixture.pid(`iw-${name}`));
  const again = await fixture.apply();
  expect(again.outcomes).toEqual([]);
  expect(names.map((name) => fixture.pid(`iw-${name}`))).toEqual(pids);
});

test("a session, a process and the server ended from outside are found and healed", async () => {
  fixture = new SessionFixture(["planner", "writer", "tester"]);
  await fixture.apply();
  fixture.tmux("kill-session", "-t", "=iw-planner");
  process.kill(fixture.pid("iw-writer"), "SIGKILL");
  await until("the pane is dead", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}").includes("1"));
  const { plan } = await fixture.plan();
  expect(plan.actions.map(({ address, action, verdict, impact }) => [address, action, verdict, impact])).toEqual([
    [address("planner"), "create", "vanished", "none"],
    [address("writer"), "replace", "tampered", "none"],
  ]);
  expect(plan.actions[1]?.reason).toBe("its process was ended by SIGKILL");
  expect((await fixture.apply()).converged).toBe(true);

  fixture.tmux("kill-server");
  expect((await fixture.plan()).plan.summary.create).toBe(3);
  const run = await fixture.apply();
  expect(run.converged).toBe(true);
  expect(fixture.names()).toEqual(["iw-planner", "iw-tester", "iw-writer"]);
});

test("a healed process keeps its session and pane, so that who looks at it stays attached", async () => {
  fixture = new SessionFixture(["planner"], { command: ["sh", "-c", "sleep 1000; true"] });
  await fixture.apply();
  const ids = () => fixture.tmux("list-panes", "-a", "-F", "#{session_id} #{pane_id}");
  const before = ids();
  process.kill(fixture.pid("iw-planner"), "SIGKILL");
  await until("the pane is dead", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1");
  expect((await fixture.apply()).converged).toBe(true);
  expect(ids()).toBe(before);
  expect(runs(fixture.pid("iw-planner"))).toBe(true);
});

test("exit codes are shown, and what restart does not cover is left", async () => {
  fixture = new SessionFixture(["failing", "finished"]);
  fixture.agents = fixture.agents.map((agent) => ({
    ...agent,
    session: { ...agent.session, command: ["sh", "-c", `read line; exit ${agent.name === "failing" ? 7 : 0}`] },
  }));
  await fixture.apply();
  for (const name of ["iw-failing", "iw-finished"]) fixture.tmux("send-keys", "-t", `=${name}:`, "Enter");
  await until("both ended", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1\n1");
  const { plan, judged } = await fixture.plan();
  expect(plan.actions.map(({ address, reason }) => [address, reason])).toEqual([
    [address("failing"), "its process exited with code 7"],
  ]);
  expect(judged.find((one) => one.agent === "finished")?.verdict).toBe("in-sync");
});

test("a command that fails at once is not called started", async () => {
  fixture = new SessionFixture(["broken", "sound"]);
  fixture.agents = fixture.agents.map((agent) =>
    agent.name === "broken" ? { ...agent, session: { ...agent.session, command: ["sh", "-c", "exit 3"] } } : agent,
  );
  const run = await fixture.apply();
  expect(run.outcomes.map(({ address, result, error }) => [address, result, error?.code])).toEqual([
    [address("broken"), "failed", "E707"],
    [address("sound"), "done", undefined],
  ]);
  expect(run.outcomes[0]?.error?.message).toBe("its process exited with code 3 right after the start");
});

test("strangers, unmarked namesakes and names that only begin alike are never touched", async () => {
  fixture = new SessionFixture(["agent-1", "agent-2"]);
  fixture.tmux("new-session", "-d", "-s", "iw-agent-10", "sleep 1000");
  fixture.tmux("new-session", "-d", "-s", "private", "sleep 1000");
  fixture.tmux("new-session", "-d", "-s", "iw-agent-2", "sleep 1000");
  const before = fixture.pid("iw-agent-2");
  const run = await fixture.apply({ force: true, overwrite: true });
  expect(run.outcomes.map(({ address, result }) => [address, result])).toEqual([[address("agent-1"), "done"]]);
  expect(run.remaining.blocked).toMatchObject([{ address: address("agent-2"), verdict: "unowned" }]);
  expect(run.remaining.unmanaged).toEqual(["iw-agent-10", "private"]);
  expect(fixture.pid("iw-agent-2")).toBe(before);

  fixture.agents = fixture.agents.filter(({ name }) => name !== "agent-1");
  const pruned = await fixture.apply({ prune: true, force: true });
  expect(pruned.outcomes).toMatchObject([{ address: address("agent-1"), action: "delete", result: "done" }]);
  expect(fixture.names()).toEqual(["iw-agent-10", "iw-agent-2", "private"]);
});

test("a session that was renamed is found by its mark and gets its name back", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  await fixture.apply();
  const pids = [fixture.pid("iw-planner"), fixture.pid("iw-writer")];
  fixture.tmux("rename-session", "-t", "=iw-planner", "away");
  fixture.tmux("rename-session", "-t", "=iw-writer", "iw-planner");
  const { plan } = await fixture.plan();
  expect(plan.actions.map(({ action, reason }) => [action, reason])).toEqual([
    ["update", "it was renamed to away"],
    ["update", "it was renamed to iw-planner"],
  ]);
  expect((await fixture.apply()).converged).toBe(true);
  expect([fixture.pid("iw-planner"), fixture.pid("iw-writer")]).toEqual(pids);
});

test("a folder deleted under a session, or exchanged for another, is seen at the process and healed by one apply", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  await fixture.apply();
  rmSync(fixture.folder("planner"), { recursive: true });
  renameSync(fixture.folder("writer"), join(fixture.root, "agents", "elsewhere"));
  const { plan } = await fixture.plan();
  expect(plan.actions.map(({ address, reason }) => [address, reason])).toEqual([
    [address("planner"), `the folder it runs in was deleted: ${fixture.folder("planner")}`],
    [address("writer"), `it does not run in its agent's folder but in ${join(fixture.root, "agents", "elsewhere")}`],
  ]);
  const failed = await fixture.apply();
  expect(failed.outcomes).toMatchObject([{ error: { code: "E705" } }, { error: { code: "E705" } }]);
  mkdirSync(fixture.folder("planner"));
  mkdirSync(fixture.folder("writer"));
  expect((await fixture.apply()).converged).toBe(true);
});
