// Odd worlds: other fleets, other sockets, doubles, a hung server, no tmux, and what people do to windows and panes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runs, SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

const address = (name: string) => `session/${name}/main`;

test("two fleets in two projects share a server without seeing each other's sessions as theirs", async () => {
  fixture = new SessionFixture(["planner"]);
  const neighbour = new SessionFixture(["planner"], { prefix: "nb-" });
  try {
    await fixture.apply();
    await neighbour.apply({}, fixture.socket);
    expect(fixture.names()).toEqual(["iw-planner", "nb-planner"]);
    fixture.agents = [];
    await fixture.apply({ prune: true, force: true });
    expect(fixture.names()).toEqual(["nb-planner"]);
  } finally {
    neighbour.close();
  }
});

test("a session that lives on another socket blocks a second one, and the socket is named", async () => {
  fixture = new SessionFixture(["planner"]);
  const old = `${fixture.socket}-old`;
  await fixture.apply({}, old);
  const record = fixture.ledger.kept.get(address("planner"));
  if (!record) throw new Error("nothing was recorded");
  fixture.ledger.others.set(address("planner"), [{ socket: old, record }]);
  fixture.ledger.kept.clear();
  const run = await fixture.apply();
  expect(run.outcomes).toEqual([]);
  expect(run.remaining.blocked[0]?.reason).toContain(old);
  fixture.tmuxOn(old, "kill-server");
  expect((await fixture.apply()).converged).toBe(true);
});

test("the same agent marked twice is reported with both sessions", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const options = fixture.tmux("show-options", "-t", "=iw-planner:").split("\n");
  const pane = fixture.tmux("show-options", "-p", "-v", "-t", "=iw-planner:", "@rollcall_pane");
  fixture.tmux("new-session", "-d", "-s", "copy", "sleep 1000");
  for (const option of options.filter((one) => one.startsWith("@rollcall"))) {
    const [name = "", ...value] = option.split(" ");
    fixture.tmux("set-option", "-t", "=copy:", name, value.join(" ").replaceAll('"', ""));
  }
  fixture.tmux("set-option", "-p", "-t", "=copy:", "@rollcall_pane", pane);
  const { plan } = await fixture.plan();
  expect(plan.warnings.map(({ code, message }) => [code, message])).toEqual([
    ["W703", expect.stringContaining("iw-planner ($0), copy ($1)")],
  ]);
  expect(plan.actions).toEqual([]);
});

test("a hung server is unknown after two tries, and nothing is taken for absent", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const server = Number(fixture.tmux("display-message", "-p", "#{pid}"));
  process.kill(server, "SIGSTOP");
  try {
    const begun = Date.now();
    const { plan, unknown } = await fixture.plan();
    expect(Date.now() - begun).toBeLessThan(9_000);
    expect([plan.actions, unknown]).toEqual([[], [address("planner")]]);
    expect(plan.warnings).toMatchObject([{ code: "W702" }]);
  } finally {
    process.kill(server, "SIGCONT");
  }
  expect((await fixture.plan()).plan.actions).toEqual([]);
});

test("without tmux sessions are unknown, with a warning", async () => {
  fixture = new SessionFixture(["planner"]);
  fixture.env["PATH"] = join(fixture.root, "bin");
  const { plan, unknown } = await fixture.plan();
  expect(unknown).toEqual([address("planner")]);
  expect(plan.warnings).toMatchObject([{ code: "W701", message: expect.stringContaining("tmux is not installed") }]);
});

test.each([
  ["whose path is too long", "s".repeat(100)],
  ["that is a path", "../elsewhere"],
])("a socket %s is said before anything is started", async (_what, socket) => {
  fixture = new SessionFixture(["planner"]);
  await expect(fixture.apply({}, socket)).rejects.toMatchObject({ code: "E701" });
});

test("a person's own window in the session survives the healing of the agent's", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  fixture.tmux("new-window", "-d", "-t", "=iw-planner:", "-n", "mine", "sleep 1000");
  const agentPane = fixture.ledger.kept.get(address("planner"))?.facts?.["pane"];
  fixture.tmux("kill-pane", "-t", String(agentPane));
  expect((await fixture.plan()).plan.actions[0]?.reason).toBe("its pane is gone");
  const run = await fixture.apply();
  expect(run.outcomes).toMatchObject([{ result: "done" }]);
  expect(run.converged).toBe(true);
  expect(fixture.tmux("list-windows", "-t", "=iw-planner", "-F", "#{window_name}").split("\n").sort()).toEqual([
    "mine",
    "sleep",
  ]);
});

test("an agent's pane that a person moved away is not started a second time", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  fixture.tmux("new-session", "-d", "-s", "private", "sleep 1000");
  fixture.tmux("join-pane", "-s", "=iw-planner:", "-t", "=private:");
  const { plan } = await fixture.plan();
  expect(plan.actions).toEqual([]);
  expect(plan.blocked[0]?.reason).toContain("moved into session private");
});

test("a busy process that outlived its killed server, unseen, is ended before the next is started, with --force", async () => {
  fixture = new SessionFixture(["planner"], { command: ["sh", "-c", "trap '' HUP; while :; do sleep 5; done"] });
  await fixture.apply();
  const pid = fixture.pid("iw-planner");
  await until("it ignores the hang-up", () =>
    /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
  );
  const server = Number(fixture.tmux("display-message", "-p", "#{pid}"));
  process.kill(server, "SIGKILL");
  await until("the server is gone", () => !runs(server));
  const left = await fixture.apply();
  expect([left.outcomes, left.remaining.deferred.length, runs(pid)]).toEqual([[], 1, true]);
  const run = await fixture.apply({ force: true });
  expect(run.outcomes).toMatchObject([{ action: "create", result: "done" }]);
  expect(runs(pid)).toBe(false);
});

test("one agent live on two sockets is warned of, though the one here is as desired", async () => {
  fixture = new SessionFixture(["planner"]);
  const old = `${fixture.socket}-old`;
  await fixture.apply({}, old);
  fixture.ledger.kept.clear();
  await fixture.apply();
  const record = fixture.ledger.kept.get(address("planner"));
  if (!record) throw new Error("nothing was recorded");
  fixture.ledger.others.set(address("planner"), [{ socket: old, record }]);
  const { plan } = await fixture.plan();
  expect([plan.actions, plan.blocked]).toEqual([[], []]);
  expect(plan.warnings).toMatchObject([{ code: "W706", message: expect.stringContaining(old) }]);
});
