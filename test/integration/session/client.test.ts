// Sessions whose command is the client, played by the stand-in: conversations, states, the fallback.
import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { session } from "../../../src/kinds/session/index.ts";
import { file, runs, SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

const address = (name: string) => `session/${name}/main`;
const screen = (name: string) => fixture.tmux("capture-pane", "-p", "-t", `=${name}:`).trim();

function clientFixture(names: readonly string[]): SessionFixture {
  const made = new SessionFixture(names, { command: ["claude"] });
  made.installClient();
  return made;
}

/** Types a line into an agent's terminal and waits until the client has taken it for a turn and is in that state. */
async function type(name: string, text: string, status: string): Promise<void> {
  const pid = fixture.pid(`iw-${name}`);
  const turns = () => JSON.parse(fixture.read(`home/.claude/sessions/${pid}.json`)).turns as number;
  const before = turns();
  fixture.tmux("send-keys", "-t", `=iw-${name}:`, "-l", "--", text);
  fixture.tmux("send-keys", "-t", `=iw-${name}:`, "Enter");
  await until("the turn is taken", () => turns() > before);
  await untilListed(pid, status);
}

async function untilListed(pid: number, status: string): Promise<void> {
  const path = `home/.claude/sessions/${pid}.json`;
  await until(
    `${pid} is ${status}`,
    () => existsSync(join(fixture.root, path)) && JSON.parse(fixture.read(path)).status === status,
  );
}

function conversation(name: string): string {
  return String(fixture.ledger.kept.get(address(name))?.facts?.["conversation"]);
}

/** Health as `status` shows it: looked at closely. */
async function healthOf(name: string) {
  const { judged } = await fixture.plan();
  const one = judged.find(({ agent }) => agent === name);
  if (!one?.want || !one.have) throw new Error(`${name} was not judged`);
  const [have] = (await session.inspect?.([one.have], fixture.fleet(), fixture.reader())) ?? [];
  return session.capabilities.monitored?.health(one.want, have, one.record);
}

function changeMemory(): void {
  fixture.agents = fixture.agents.map((agent) => ({
    ...agent,
    files: [file(".claude/CLAUDE.md", `${agent.files[0]?.text}changed\n`), ...agent.files.slice(1)],
  }));
}

test("a conversation begins with an id of its own, journalled first, and is taken up again after a crash", async () => {
  fixture = clientFixture(["planner", "writer"]);
  await fixture.apply();
  const id = conversation("planner");
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(id).not.toBe(conversation("writer"));
  expect(fixture.ledger.notes).toContainEqual({ address: address("planner"), facts: { conversation: id } });
  await untilListed(fixture.pid("iw-planner"), "idle");
  await until("its screen shows the id", () => screen("iw-planner").includes(`new ${id}`));
  await type("planner", "hello", "idle");

  process.kill(fixture.pid("iw-planner"), "SIGKILL");
  await until("the pane is dead", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}").includes("1"));
  expect((await fixture.apply()).converged).toBe(true);
  await until("it is resumed", () => screen("iw-planner").includes(`resumed ${id}`));
  expect(conversation("planner")).toBe(id);
});

test("the conversation survives the loss of the server, and of the ledger while the session lives", async () => {
  fixture = clientFixture(["planner"]);
  await fixture.apply();
  const id = conversation("planner");
  await untilListed(fixture.pid("iw-planner"), "idle");
  await type("planner", "hello", "idle");
  fixture.ledger.kept.clear();
  await fixture.apply();
  changeMemory();
  await fixture.apply();
  await until("it is resumed", () => screen("iw-planner").includes(`resumed ${id}`));
  expect(conversation("planner")).toBe(id);
  fixture.tmux("kill-server");
  await until("the client is gone", () => fixture.names().length === 0);
  expect((await fixture.apply()).converged).toBe(true);
  await until("it is resumed", () => screen("iw-planner").includes(`resumed ${id}`));
});

test("a resume that fails keeps the id", async () => {
  fixture = clientFixture(["planner"]);
  await fixture.apply();
  const id = conversation("planner");
  await untilListed(fixture.pid("iw-planner"), "idle");
  await type("planner", "hello", "idle");
  fixture.program("claude", "#!/bin/sh\necho broken; exit 1\n");
  process.kill(fixture.pid("iw-planner"), "SIGKILL");
  await until("the pane is dead", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1");
  const run = await fixture.apply();
  // It ends when it likes: seen by the look right after the start, or only after that.
  const [outcome] = run.outcomes;
  if (outcome?.result !== "done") expect(outcome).toMatchObject({ result: "failed", error: { code: "E707" } });
  await until("the pane is dead", () => fixture.tmux("list-panes", "-a", "-F", "#{pane_dead}") === "1");
  expect(conversation("planner")).toBe(id);
});

test("no second client on a conversation that another process has open", async () => {
  fixture = clientFixture(["planner"]);
  await fixture.apply();
  const id = conversation("planner");
  await untilListed(fixture.pid("iw-planner"), "idle");
  await type("planner", "hello", "idle");
  const private_ = [
    "new-session",
    "-d",
    "-s",
    "private",
    "-c",
    fixture.folder("planner"),
    "-e",
    `HOME=${fixture.home}`,
  ];
  fixture.tmux(...private_, join(fixture.root, "bin/claude"), "--resume", id);
  await untilListed(Number(fixture.tmux("display-message", "-p", "-t", "=private:", "#{pane_pid}")), "idle");
  fixture.tmux("kill-session", "-t", "=iw-planner");
  const run = await fixture.apply();
  expect(run.outcomes).toMatchObject([{ result: "blocked", error: { message: expect.stringContaining(id) } }]);
  expect(fixture.names()).toEqual(["private"]);
});

test("busy and waiting clients are left alone, idle ones replaced with their conversation", async () => {
  fixture = clientFixture(["idle-one", "busy-one", "waiting-one"]);
  await fixture.apply();
  for (const name of ["idle-one", "busy-one", "waiting-one"]) {
    await untilListed(fixture.pid(`iw-${name}`), "idle");
    await type(name, name.replace("-one", ""), name.replace("-one", ""));
  }
  changeMemory();
  const { plan } = await fixture.plan();
  expect(plan.actions).toMatchObject([{ address: address("idle-one"), impact: "restart-when-idle", loses: [] }]);
  expect(plan.deferred.map(({ address: at, reason }) => [at, reason.replace(/^[^;]*; /, "")])).toEqual([
    [address("busy-one"), "it is busy; it is done when it is idle, or with --force"],
    [address("waiting-one"), "it waits for an answer in a dialog; --force ends it all the same"],
  ]);
  const forced = await fixture.plan({ force: true });
  expect(forced.plan.actions.map(({ loses }) => loses)).toEqual([["turn"], [], ["dialog"]]);
  expect(await healthOf("busy-one")).toMatchObject({ health: "busy", notes: ["stale: CLAUDE.md"] });
  expect(await healthOf("waiting-one")).toMatchObject({
    health: "waiting",
    session: { waitingFor: "permission prompt" },
  });
  expect(await healthOf("idle-one")).toMatchObject({ health: "idle" });
});

test("a client nobody ever spoke to has nothing to take up: its context is fresh", async () => {
  fixture = clientFixture(["planner"]);
  await fixture.apply();
  await untilListed(fixture.pid("iw-planner"), "idle");
  changeMemory();
  expect((await fixture.plan()).plan.actions).toMatchObject([{ impact: "fresh-context" }]);
  const id = conversation("planner");
  expect((await fixture.apply()).converged).toBe(true);
  expect(conversation("planner")).toBe(id);
});

test("a client held by a start-up dialog is stuck, waits, and is not replaced", async () => {
  fixture = clientFixture(["planner"]);
  fixture.session = { ...fixture.session, env: { STAND_IN_START: "dialog" } };
  await fixture.apply();
  await until("it shows its dialog", () => screen("iw-planner").includes("trust this folder"));
  expect(await healthOf("planner")).toMatchObject({ health: "starting", notes: [] });
  const record = fixture.ledger.kept.get(address("planner"));
  // As if it had been started a minute ago.
  const start = fixture.tmux("show-options", "-v", "-t", "=iw-planner:", "@rollcall");
  fixture.tmux("set-option", "-t", "=iw-planner:", "@rollcall", start.replace(/:t=\d+/, `:t=${Date.now() - 60_000}`));
  expect(await healthOf("planner")).toMatchObject({ health: "waiting", notes: ["stuck-in-dialog"] });
  expect(record).toBeDefined();
  changeMemory();
  expect((await fixture.plan()).plan.deferred[0]?.reason).toContain("waits for an answer");
});

test("a client that cannot be asked counts as busy", async () => {
  fixture = clientFixture(["planner"]);
  await fixture.apply();
  fixture.env["STAND_IN_LIST"] = "broken";
  changeMemory();
  expect((await fixture.plan()).plan.deferred[0]?.reason).toContain("its activity is unknown, which counts as busy");
});

test("the fallback runs until the command is there, and never replaces the command", async () => {
  fixture = new SessionFixture(["planner"], { command: ["claude"], fallback: ["sh", "-c", "exec sleep 1000"] });
  expect((await fixture.plan()).plan.warnings).toMatchObject([
    { code: "W704", message: "claude is not installed: iw-planner will run the fallback sh -c exec sleep 1000" },
  ]);
  expect((await fixture.apply()).converged).toBe(true);
  expect(await healthOf("planner")).toMatchObject({ notes: ["fallback"] });
  const fallback = fixture.pid("iw-planner");

  fixture.installClient();
  const { plan } = await fixture.plan();
  expect(plan.actions).toMatchObject([{ reason: "it runs the fallback, and its command is there now" }]);
  expect((await fixture.apply()).converged).toBe(true);
  expect(runs(fallback)).toBe(false);
  await untilListed(fixture.pid("iw-planner"), "idle");

  const client = join(fixture.root, "bin/claude");
  renameSync(client, `${client}.away`);
  expect((await fixture.plan()).plan).toMatchObject({ actions: [], blocked: [] });
  changeMemory();
  const gone = await fixture.plan();
  expect(gone.plan.actions).toEqual([]);
  expect(gone.plan.blocked[0]?.reason).toContain(`PATH searched: ${fixture.sessionPath}`);
  fixture.tmux("kill-session", "-t", "=iw-planner");
  expect((await fixture.plan()).plan.blocked).toHaveLength(1);
});

test("clients start a few at a time", async () => {
  const names = Array.from({ length: 5 }, (_, index) => `agent-${index}`);
  fixture = clientFixture(names);
  fixture.session = { ...fixture.session, parallel: 2 };
  const run = await fixture.apply();
  expect(run.converged).toBe(true);
  expect(readdirSync(join(fixture.home, ".claude/sessions")).length).toBeGreaterThanOrEqual(4);
});
