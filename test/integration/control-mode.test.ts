// A person's control-mode client (tmux -C, iTerm2) looks at an agent: a respawn under it can kill the server, so none is made.
import { type ChildProcess, spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { fleetFiles, PAIR } from "../scenario/fleets.ts";
import { openProject, type Project } from "../scenario/harness.ts";
import { applied, endProcess, liveOf, planned, runs, sessionsOn, until } from "./stage.ts";

const ADDRESS = "session/backend-agent/main";
const REASON = "a control-mode client is attached";

/** Prints without an end, as a busy agent does. */
const LOUD = ["sh", "-c", "while :; do seq 1 200; sleep 0.02; done"];

async function loudPair(): Promise<Project> {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: LOUD }) });
  await applied(project);
  return project;
}

/** Attaches a control-mode client that reads all it is sent. */
async function attachControl(project: Project, target = "=iw-backend-agent"): Promise<ChildProcess> {
  const words = ["-L", project.socket, "-f", "/dev/null", "-C", "attach-session", "-t", target];
  const client = spawn("tmux", words, { env: project.env, stdio: ["pipe", "pipe", "ignore"] });
  client.stdout?.resume();
  onTestFinished(() => void client.kill("SIGKILL"));
  await until("the control-mode client is attached", () => controlClients(project).length > 0);
  return client;
}

const controlClients = (project: Project): string[] =>
  project
    .tmux(["list-clients", "-F", "#{client_control_mode}"])
    .split("\n")
    .filter((mode) => mode === "1");

const server = (project: Project): string => project.tmux(["display-message", "-p", "#{pid}"]);

test("an exited agent is not restarted under it, but when it has gone", async () => {
  const project = await loudPair();
  const client = await attachControl(project);
  const before = server(project);
  await endProcess(project, "backend-agent", "SIGKILL");
  const dead = liveOf(project, "backend-agent");
  const { plan, code } = await planned(project);
  expect(code).toBe(2);
  expect(plan.actions).toEqual([]);
  expect(plan.deferred).toMatchObject([{ address: ADDRESS, reason: expect.stringContaining(REASON) }]);
  for (const words of [["apply", "-y"], ["reconcile"]]) {
    const ran = await project.run(words);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout + ran.stderr).toContain(REASON);
  }
  expect(liveOf(project, "backend-agent")).toEqual(dead);
  const started = await project.run(["start", "backend-agent"]);
  expect([started.code, started.stderr]).toEqual([2, expect.stringContaining(REASON)]);

  client.stdin?.end();
  await until("the client has gone", () => controlClients(project).length === 0);
  expect((await applied(project)).converged).toBe(true);
  expect(liveOf(project, "backend-agent")).toMatchObject({ id: dead.id, dead: false });
  expect(server(project)).toBe(before);
});

test("with --force the agent gets a new session, and the server lives", async () => {
  const project = await loudPair();
  await attachControl(project);
  const before = server(project);
  const { id, pid } = liveOf(project, "backend-agent");
  const other = liveOf(project, "planning-agent");
  project.edit("desired/fleet.yaml", "seq 1 200", "seq 1 201");
  expect((await planned(project, ["backend-agent"])).plan.deferred).toMatchObject([
    { address: ADDRESS, reason: expect.stringContaining(REASON) },
  ]);
  const run = await applied(project, { words: ["--force", "backend-agent"] });
  expect(run.outcomes).toMatchObject([{ address: ADDRESS, action: "replace", result: "done" }]);
  const after = liveOf(project, "backend-agent");
  expect(after.dead).toBe(false);
  expect([after.id === id, runs(pid)]).toEqual([false, false]);
  expect([server(project), liveOf(project, "planning-agent")]).toEqual([before, other]);
});

test("with --force a window that a person added stays, with the session", async () => {
  const project = await loudPair();
  const { id } = liveOf(project, "backend-agent");
  const mine = project.tmux(["new-window", "-d", "-P", "-F", "#{pane_pid}", "-t", "=iw-backend-agent:", "sleep 1000"]);
  await attachControl(project);
  const before = server(project);
  project.edit("desired/fleet.yaml", "seq 1 200", "seq 1 201");
  const run = await applied(project, { words: ["--force", "backend-agent"] });
  expect(run).toMatchObject({ converged: true, outcomes: [{ address: ADDRESS, result: "done" }] });
  const rows = project
    .tmux(["list-panes", "-s", "-t", "=iw-backend-agent", "-F", "#{session_id} #{pane_pid}"])
    .split("\n");
  expect(rows).toHaveLength(2);
  expect(rows).toContain(`${id} ${mine}`);
  expect([runs(Number(mine)), server(project)]).toEqual([true, before]);
});

test("one that looks at another agent is in nobody's way", async () => {
  const project = await loudPair();
  await attachControl(project, "=iw-planning-agent");
  const { id } = liveOf(project, "backend-agent");
  await endProcess(project, "backend-agent", "SIGKILL");
  expect((await applied(project)).outcomes).toMatchObject([{ address: ADDRESS, result: "done" }]);
  expect(liveOf(project, "backend-agent")).toMatchObject({ id, dead: false });
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(2);
});
