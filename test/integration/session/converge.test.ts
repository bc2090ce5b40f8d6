// Sessions on a real tmux: brought up, left alone, found broken, healed.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runs, until, Workshop } from "../../support/session-fixture.ts";

let shop: Workshop;
afterEach(() => shop.close());

const address = (name: string) => `session/${name}/main`;

test("26 sessions come up in their folders, and a second apply does nothing", async () => {
  const names = Array.from({ length: 26 }, (_, index) => `agent-${index + 1}`);
  shop = new Workshop(names);
  const run = await shop.apply();
  expect(run.outcomes.filter(({ result }) => result !== "done")).toEqual([]);
  expect(run.converged).toBe(true);
  expect(shop.names()).toEqual(names.map((name) => `iw-${name}`).sort());
  const pids = names.map((name) => shop.pid(`iw-${name}`));
  const again = await shop.apply();
  expect(again.outcomes).toEqual([]);
  expect(names.map((name) => shop.pid(`iw-${name}`))).toEqual(pids);
});

test("a session, a process and the server ended from outside are found and healed", async () => {
  shop = new Workshop(["planner", "writer", "tester"]);
  await shop.apply();
  shop.tmux("kill-session", "-t", "=iw-planner");
  process.kill(shop.pid("iw-writer"), "SIGKILL");
  await until("the pane is dead", () => shop.tmux("list-panes", "-a", "-F", "#{pane_dead}").includes("1"));
  const { plan } = await shop.plan();
  expect(plan.actions.map(({ address, action, verdict, impact }) => [address, action, verdict, impact])).toEqual([
    [address("planner"), "create", "vanished", "none"],
    [address("writer"), "replace", "tampered", "none"],
  ]);
  expect(plan.actions[1]?.reason).toBe("its process was ended by SIGKILL");
  expect((await shop.apply()).converged).toBe(true);

  shop.tmux("kill-server");
  expect((await shop.plan()).plan.summary.create).toBe(3);
  const run = await shop.apply();
  expect(run.converged).toBe(true);
  expect(shop.names()).toEqual(["iw-planner", "iw-tester", "iw-writer"]);
});

test("a healed process keeps its session and pane, so that who looks at it stays attached", async () => {
  shop = new Workshop(["planner"], { command: ["sh", "-c", "sleep 1000; true"] });
  await shop.apply();
  const ids = () => shop.tmux("list-panes", "-a", "-F", "#{session_id} #{pane_id}");
  const before = ids();
  process.kill(shop.pid("iw-planner"), "SIGKILL");
  await until("the pane is dead", () => shop.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1");
  expect((await shop.apply()).converged).toBe(true);
  expect(ids()).toBe(before);
  expect(runs(shop.pid("iw-planner"))).toBe(true);
});

test("exit codes are shown, and what restart does not cover is left", async () => {
  shop = new Workshop(["failing", "finished"]);
  shop.agents = shop.agents.map((agent) => ({
    ...agent,
    session: { ...agent.session, command: ["sh", "-c", `read line; exit ${agent.name === "failing" ? 7 : 0}`] },
  }));
  await shop.apply();
  for (const name of ["iw-failing", "iw-finished"]) shop.tmux("send-keys", "-t", `=${name}:`, "Enter");
  await until("both ended", () => shop.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1\n1");
  const { plan, judged } = await shop.plan();
  expect(plan.actions.map(({ address, reason }) => [address, reason])).toEqual([
    [address("failing"), "its process exited with code 7"],
  ]);
  expect(judged.find((one) => one.agent === "finished")?.verdict).toBe("in-sync");
});

test("a command that fails at once is not called started", async () => {
  shop = new Workshop(["broken", "sound"]);
  shop.agents = shop.agents.map((agent) =>
    agent.name === "broken" ? { ...agent, session: { ...agent.session, command: ["sh", "-c", "exit 3"] } } : agent,
  );
  const run = await shop.apply();
  expect(run.outcomes.map(({ address, result, error }) => [address, result, error?.code])).toEqual([
    [address("broken"), "failed", "E707"],
    [address("sound"), "done", undefined],
  ]);
  expect(run.outcomes[0]?.error?.message).toBe("its process exited with code 3 right after the start");
});

test("strangers, unmarked namesakes and names that only begin alike are never touched", async () => {
  shop = new Workshop(["agent-1", "agent-2"]);
  shop.tmux("new-session", "-d", "-s", "iw-agent-10", "sleep 1000");
  shop.tmux("new-session", "-d", "-s", "private", "sleep 1000");
  shop.tmux("new-session", "-d", "-s", "iw-agent-2", "sleep 1000");
  const before = shop.pid("iw-agent-2");
  const run = await shop.apply({ force: true, overwrite: true });
  expect(run.outcomes.map(({ address, result }) => [address, result])).toEqual([[address("agent-1"), "done"]]);
  expect(run.remaining.blocked).toMatchObject([{ address: address("agent-2"), verdict: "unowned" }]);
  expect(run.remaining.unmanaged).toEqual(["iw-agent-10", "private"]);
  expect(shop.pid("iw-agent-2")).toBe(before);

  shop.agents = shop.agents.filter(({ name }) => name !== "agent-1");
  const pruned = await shop.apply({ prune: true, force: true });
  expect(pruned.outcomes).toMatchObject([{ address: address("agent-1"), action: "delete", result: "done" }]);
  expect(shop.names()).toEqual(["iw-agent-10", "iw-agent-2", "private"]);
});

test("a session that was renamed is found by its mark and gets its name back", async () => {
  shop = new Workshop(["planner", "writer"]);
  await shop.apply();
  const pids = [shop.pid("iw-planner"), shop.pid("iw-writer")];
  shop.tmux("rename-session", "-t", "=iw-planner", "away");
  shop.tmux("rename-session", "-t", "=iw-writer", "iw-planner");
  const { plan } = await shop.plan();
  expect(plan.actions.map(({ action, reason }) => [action, reason])).toEqual([
    ["update", "it was renamed to away"],
    ["update", "it was renamed to iw-planner"],
  ]);
  expect((await shop.apply()).converged).toBe(true);
  expect([shop.pid("iw-planner"), shop.pid("iw-writer")]).toEqual(pids);
});

test("a folder deleted under a session, or exchanged for another, is seen at the process and healed by one apply", async () => {
  shop = new Workshop(["planner", "writer"]);
  await shop.apply();
  rmSync(shop.folder("planner"), { recursive: true });
  renameSync(shop.folder("writer"), join(shop.root, "agents", "elsewhere"));
  const { plan } = await shop.plan();
  expect(plan.actions.map(({ address, reason }) => [address, reason])).toEqual([
    [address("planner"), `the folder it runs in was deleted: ${shop.folder("planner")}`],
    [address("writer"), `it does not run in its agent's folder but in ${join(shop.root, "agents", "elsewhere")}`],
  ]);
  const failed = await shop.apply();
  expect(failed.outcomes).toMatchObject([{ error: { code: "E705" } }, { error: { code: "E705" } }]);
  mkdirSync(shop.folder("planner"));
  mkdirSync(shop.folder("writer"));
  expect((await shop.apply()).converged).toBe(true);
});
