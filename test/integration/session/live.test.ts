// Live sessions on a real tmux: what is running is disturbed only when that is allowed, and then ended to the last child.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { session } from "../../../src/kinds/session/index.ts";
import { agentNamed, file, runs, SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
const clients: { kill: () => unknown }[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.kill();
  fixture.close();
});

const address = (name: string) => `session/${name}/main`;

/** Gives an agent another CLAUDE.md, which its session reads only at the start. */
function rewriteMemory(name: string): void {
  fixture.agents = fixture.agents.map((agent) =>
    agent.name === name
      ? { ...agent, files: [file(".claude/CLAUDE.md", "# changed\n"), ...agent.files.slice(1)] }
      : agent,
  );
}

/** Attaches a client to a session as a person would, without a terminal of its own (control mode). */
async function attach(name: string): Promise<void> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: fixture.home };
  const client = spawn("tmux", ["-L", fixture.socket, "-f", "/dev/null", "-C", "attach", "-t", `=${name}`], { env });
  clients.push(client);
  await until("the client is attached", () => fixture.tmux("list-clients") !== "");
}

test("an idle session with an older fingerprint is replaced, and the plan names what changed", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  await fixture.apply();
  const before = [fixture.pid("iw-planner"), fixture.pid("iw-writer")];
  rewriteMemory("planner");
  const { plan } = await fixture.plan();
  expect(plan.actions).toMatchObject([
    {
      address: address("planner"),
      action: "replace",
      verdict: "pending",
      impact: "restart-when-idle",
      reason: "started before these changed: CLAUDE.md",
      loses: [],
    },
  ]);
  expect((await fixture.apply()).converged).toBe(true);
  expect(runs(before[0] ?? 0)).toBe(false);
  expect(fixture.pid("iw-writer")).toBe(before[1]);
});

test("hooks and permissions are read live: changing them restarts nothing", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const settings = JSON.stringify({ model: "sonnet", hooks: { PreToolUse: [] }, permissions: { deny: ["Edit(x)"] } });
  fixture.agents = fixture.agents.map((agent) => ({
    ...agent,
    files: [...agent.files.slice(0, 1), file(".claude/settings.json", settings)],
  }));
  expect((await fixture.plan()).plan.actions).toEqual([]);
});

test("a busy session is deferred until it is idle; on_change decides", async () => {
  // A shell with a child in the foreground is at work.
  fixture = new SessionFixture(["planner"], { command: ["sh", "-c", "sleep 1000; true"] });
  await fixture.apply();
  const pid = fixture.pid("iw-planner");
  rewriteMemory("planner");
  const run = await fixture.apply();
  expect(run.converged).toBe(false);
  expect(run.remaining.deferred).toMatchObject([{ address: address("planner"), impact: "restart-when-idle" }]);
  expect(run.remaining.deferred[0]?.reason).toContain("it is busy");
  expect(fixture.pid("iw-planner")).toBe(pid);

  fixture.session = { ...fixture.session, onChange: "never" };
  const never = await fixture.plan();
  expect([never.plan.actions, never.plan.deferred]).toEqual([[], []]);
  const judged = never.judged[0];
  expect(
    session.capabilities.monitored?.health(judged?.want as never, judged?.have as never, judged?.record),
  ).toMatchObject({
    health: "busy",
    notes: ["stale: CLAUDE.md"],
  });

  fixture.session = { ...fixture.session, onChange: "always" };
  expect((await fixture.apply()).converged).toBe(true);
  expect(runs(pid)).toBe(false);
});

test("an attached session is replaced only by force, and whoever looks stays attached", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  await attach("iw-planner");
  rewriteMemory("planner");
  const { plan } = await fixture.plan();
  expect(plan.actions).toEqual([]);
  expect(plan.deferred[0]?.reason).toContain("somebody is attached");
  const forced = await fixture.plan({ force: true });
  expect(forced.plan.actions).toMatchObject([{ loses: ["attached"] }]);
  expect((await fixture.apply({ force: true })).outcomes).toMatchObject([{ result: "done" }]);
  expect(fixture.tmux("list-clients", "-F", "#{session_name}")).toBe("iw-planner");
});

test("attached counts only within the grace after the last key", async () => {
  fixture = new SessionFixture(["planner"]);
  fixture.attachedGraceMs = 1;
  await fixture.apply();
  await attach("iw-planner");
  rewriteMemory("planner");
  await until(
    "a second has passed",
    () => Date.now() / 1000 - Number(fixture.tmux("list-clients", "-F", "#{client_activity}")) > 1,
  );
  expect((await fixture.plan()).plan.actions).toHaveLength(1);
});

test("children that ignore the hang-up, or left the process group, end with their session", async () => {
  fixture = new SessionFixture(["planner"], {
    command: [
      "bash",
      "-c",
      "(trap '' HUP TERM; echo $BASHPID > stubborn; while :; do sleep 0.2; done) & setsid sleep 1000 & echo $! > strayed; wait",
    ],
  });
  await fixture.apply();
  const files = ["stubborn", "strayed"].map((name) => join(fixture.folder("planner"), name));
  await until("both children run", () => files.every((path) => existsSync(path) && readFileSync(path, "utf8") !== ""));
  const pids = files.map((path) => Number(readFileSync(path, "utf8")));
  expect(pids.map(runs)).toEqual([true, true]);
  fixture.agents = [];
  const run = await fixture.apply({ prune: true, force: true });
  expect(run.outcomes).toMatchObject([{ action: "delete", result: "done" }]);
  expect(pids.map(runs)).toEqual([false, false]);
  expect(fixture.names()).toEqual([]);
});

test("what outlived a crashed process is ended before the next is started", async () => {
  fixture = new SessionFixture(["planner"], {
    command: ["bash", "-c", "(trap '' HUP; echo $BASHPID > left; while :; do sleep 0.2; done) & wait"],
  });
  await fixture.apply();
  const left = join(fixture.folder("planner"), "left");
  await until("the child runs", () => existsSync(left) && readFileSync(left, "utf8") !== "");
  const child = Number(readFileSync(left, "utf8"));
  process.kill(fixture.pid("iw-planner"), "SIGKILL");
  await until("the pane is dead", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1");
  expect(runs(child)).toBe(true);
  expect((await fixture.apply()).converged).toBe(true);
  expect(runs(child)).toBe(false);
});

test("a session of an agent that left the registry is an orphan, and stays without --prune", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  await fixture.apply();
  fixture.agents = fixture.agents.slice(0, 1);
  const { plan } = await fixture.plan();
  expect([plan.orphans, plan.actions]).toEqual([[address("writer")], []]);
  // The ledger is lost: the mark still tells whose it is.
  fixture.ledger.kept.clear();
  const rebuilt = await fixture.plan();
  expect(rebuilt.plan.orphans).toEqual([address("writer")]);
  await fixture.apply({ prune: true });
  expect(fixture.names()).toEqual(["iw-planner"]);
});

test("a lost ledger is rebuilt from marks: nothing is started or ended for it", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const pid = fixture.pid("iw-planner");
  const before = fixture.ledger.kept.get(address("planner"));
  fixture.ledger.kept.clear();
  const run = await fixture.apply();
  expect([run.outcomes, run.converged, fixture.pid("iw-planner")]).toEqual([[], true, pid]);
  expect(fixture.ledger.kept.get(address("planner"))?.parts).toEqual(before?.parts);
});

test("a disabled agent has no session", async () => {
  fixture = new SessionFixture(["planner"]);
  fixture.agents = [agentNamed("planner", { enabled: false })];
  expect((await fixture.apply()).outcomes).toEqual([]);
  expect(fixture.names()).toEqual([]);
});

test("on-demand: absent is in sync, present is in sync", async () => {
  fixture = new SessionFixture(["planner"], { start: "on-demand" });
  expect((await fixture.plan()).plan.actions).toEqual([]);
  fixture.session = { start: "always" };
  await fixture.apply();
  fixture.session = { start: "on-demand" };
  expect((await fixture.plan()).plan.actions).toEqual([]);
});

test("adopting by address marks a session and changes nothing else about it", async () => {
  fixture = new SessionFixture(["planner"]);
  fixture.layFiles();
  fixture.tmux("new-session", "-d", "-s", "iw-planner", "-c", fixture.folder("planner"), "sleep 1000");
  const pid = fixture.pid("iw-planner");
  const { judged, plan } = await fixture.plan();
  expect(plan.blocked).toMatchObject([{ address: address("planner"), verdict: "unowned" }]);
  const [one] = judged;
  if (!one?.want || !one.have) throw new Error("nothing was judged");
  const settled = await session.capabilities.markable?.mark(one.want, one.have, fixture.fleet(), fixture.writer());
  expect(settled).toMatchObject({ result: "done", parts: { "": one.want.parts[""]?.digest } });
  expect((await fixture.plan()).plan).toMatchObject({ actions: [], blocked: [] });
  expect(fixture.pid("iw-planner")).toBe(pid);
});

test("a changed size reaches a session that is replaced in place", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  fixture.session = { size: [120, 40] };
  const { plan } = await fixture.plan();
  expect(plan.actions[0]?.reason).toBe("started before these changed: the size");
  expect((await fixture.apply()).converged).toBe(true);
  expect(fixture.tmux("display-message", "-p", "-t", "=iw-planner:", "#{pane_width}x#{pane_height}")).toBe("120x40");
});

test("a variable that is no longer declared is gone after the replacement", async () => {
  fixture = new SessionFixture(["planner"], { env: { OLD: "1", KEPT: "1" } });
  await fixture.apply();
  fixture.session = { env: { KEPT: "2", NEW: "1" } };
  expect((await fixture.apply()).converged).toBe(true);
  const environ = readFileSync(`/proc/${fixture.pid("iw-planner")}/environ`, "utf8").split("\0");
  expect(environ.filter((entry) => /^(OLD|KEPT|NEW)=/.test(entry)).sort()).toEqual(["KEPT=2", "NEW=1"]);
});
