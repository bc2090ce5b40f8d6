// Odd worlds: other fleets, other sockets, doubles, a hung server, no tmux, and what people do to windows and panes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runs, until, Workshop } from "../../support/session-fixture.ts";

let shop: Workshop;
afterEach(() => shop.close());

const address = (name: string) => `session/${name}/main`;

test("two fleets in two projects share a server without seeing each other's sessions as theirs", async () => {
  shop = new Workshop(["planner"]);
  const neighbour = new Workshop(["planner"], { prefix: "nb-" });
  try {
    await shop.apply();
    await neighbour.apply({}, shop.socket);
    expect(shop.names()).toEqual(["iw-planner", "nb-planner"]);
    shop.agents = [];
    await shop.apply({ prune: true, force: true });
    expect(shop.names()).toEqual(["nb-planner"]);
  } finally {
    neighbour.close();
  }
});

test("a session that lives on another socket blocks a second one, and the socket is named", async () => {
  shop = new Workshop(["planner"]);
  const old = `${shop.socket}-old`;
  await shop.apply({}, old);
  const record = shop.ledger.kept.get(address("planner"));
  if (!record) throw new Error("nothing was recorded");
  shop.ledger.others.set(address("planner"), [{ socket: old, record }]);
  shop.ledger.kept.clear();
  const run = await shop.apply();
  expect(run.outcomes).toEqual([]);
  expect(run.remaining.blocked[0]?.reason).toContain(old);
  shop.tmuxOn(old, "kill-server");
  expect((await shop.apply()).converged).toBe(true);
});

test("the same agent marked twice is reported with both sessions", async () => {
  shop = new Workshop(["planner"]);
  await shop.apply();
  const options = shop.tmux("show-options", "-t", "=iw-planner:").split("\n");
  const pane = shop.tmux("show-options", "-p", "-v", "-t", "=iw-planner:", "@rollcall_pane");
  shop.tmux("new-session", "-d", "-s", "copy", "sleep 1000");
  for (const option of options.filter((one) => one.startsWith("@rollcall"))) {
    const [name = "", ...value] = option.split(" ");
    shop.tmux("set-option", "-t", "=copy:", name, value.join(" ").replaceAll('"', ""));
  }
  shop.tmux("set-option", "-p", "-t", "=copy:", "@rollcall_pane", pane);
  const { plan } = await shop.plan();
  expect(plan.warnings.map(({ code, message }) => [code, message])).toEqual([
    ["W703", expect.stringContaining("iw-planner ($0), copy ($1)")],
  ]);
  expect(plan.actions).toEqual([]);
});

test("a hung server is unknown after two tries, and nothing is taken for absent", async () => {
  shop = new Workshop(["planner"]);
  await shop.apply();
  const server = Number(shop.tmux("display-message", "-p", "#{pid}"));
  process.kill(server, "SIGSTOP");
  try {
    const begun = Date.now();
    const { plan, unknown } = await shop.plan();
    expect(Date.now() - begun).toBeLessThan(9_000);
    expect([plan.actions, unknown]).toEqual([[], [address("planner")]]);
    expect(plan.warnings).toMatchObject([{ code: "W702" }]);
  } finally {
    process.kill(server, "SIGCONT");
  }
  expect((await shop.plan()).plan.actions).toEqual([]);
});

test("without tmux sessions are unknown, with a warning", async () => {
  shop = new Workshop(["planner"]);
  shop.env["PATH"] = join(shop.root, "bin");
  const { plan, unknown } = await shop.plan();
  expect(unknown).toEqual([address("planner")]);
  expect(plan.warnings).toMatchObject([{ code: "W701", message: expect.stringContaining("tmux is not installed") }]);
});

test.each([
  ["whose path is too long", "s".repeat(100)],
  ["that is a path", "../elsewhere"],
])("a socket %s is said before anything is started", async (_what, socket) => {
  shop = new Workshop(["planner"]);
  await expect(shop.apply({}, socket)).rejects.toMatchObject({ code: "E701" });
});

test("a person's own window in the session survives the healing of the agent's", async () => {
  shop = new Workshop(["planner"]);
  await shop.apply();
  shop.tmux("new-window", "-d", "-t", "=iw-planner:", "-n", "mine", "sleep 1000");
  const agentPane = shop.ledger.kept.get(address("planner"))?.facts?.["pane"];
  shop.tmux("kill-pane", "-t", String(agentPane));
  expect((await shop.plan()).plan.actions[0]?.reason).toBe("its pane is gone");
  const run = await shop.apply();
  expect(run.outcomes).toMatchObject([{ result: "done" }]);
  expect(run.converged).toBe(true);
  expect(shop.tmux("list-windows", "-t", "=iw-planner", "-F", "#{window_name}").split("\n").sort()).toEqual([
    "mine",
    "sleep",
  ]);
});

test("an agent's pane that a person moved away is not started a second time", async () => {
  shop = new Workshop(["planner"]);
  await shop.apply();
  shop.tmux("new-session", "-d", "-s", "private", "sleep 1000");
  shop.tmux("join-pane", "-s", "=iw-planner:", "-t", "=private:");
  const { plan } = await shop.plan();
  expect(plan.actions).toEqual([]);
  expect(plan.blocked[0]?.reason).toContain("moved into session private");
});

test("a busy process that outlived its killed server, unseen, is ended before the next is started, with --force", async () => {
  shop = new Workshop(["planner"], { command: ["sh", "-c", "trap '' HUP; while :; do sleep 5; done"] });
  await shop.apply();
  const pid = shop.pid("iw-planner");
  await until("it ignores the hang-up", () =>
    /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
  );
  const server = Number(shop.tmux("display-message", "-p", "#{pid}"));
  process.kill(server, "SIGKILL");
  await until("the server is gone", () => !runs(server));
  const left = await shop.apply();
  expect([left.outcomes, left.remaining.deferred.length, runs(pid)]).toEqual([[], 1, true]);
  const run = await shop.apply({ force: true });
  expect(run.outcomes).toMatchObject([{ action: "create", result: "done" }]);
  expect(runs(pid)).toBe(false);
});

test("one agent live on two sockets is warned of, though the one here is as desired", async () => {
  shop = new Workshop(["planner"]);
  const old = `${shop.socket}-old`;
  await shop.apply({}, old);
  shop.ledger.kept.clear();
  await shop.apply();
  const record = shop.ledger.kept.get(address("planner"));
  if (!record) throw new Error("nothing was recorded");
  shop.ledger.others.set(address("planner"), [{ socket: old, record }]);
  const { plan } = await shop.plan();
  expect([plan.actions, plan.blocked]).toEqual([[], []]);
  expect(plan.warnings).toMatchObject([{ code: "W706", message: expect.stringContaining(old) }]);
});
