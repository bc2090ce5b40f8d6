// A person's control-mode client (tmux -C, iTerm2) looks at an agent: a respawn under it can kill the server, so none is made.
import { type ChildProcess, spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { applied, endProcess, liveOf, runs, until } from "../support/tmux-fixture.ts";

const ADDRESS = "session/backend-agent/main";

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

/** The agent's pane, by tmux's id, and the process in it. */
const paneOf = (project: Project): string[] =>
  project.tmux(["list-panes", "-s", "-t", "=iw-backend-agent", "-F", "#{pane_id} #{pane_pid}"]).split("\n");

test("an exited agent is started in another pane of its session, and both server and client live on", async () => {
  const project = await loudPair();
  await attachControl(project);
  const before = server(project);
  await endProcess(project, "backend-agent", "SIGKILL");
  const { id } = liveOf(project, "backend-agent");
  const [dead = ""] = paneOf(project);
  const run = await applied(project, { words: ["backend-agent"] });
  expect(run).toMatchObject({ converged: true, outcomes: [{ address: ADDRESS, action: "replace", result: "done" }] });
  expect(liveOf(project, "backend-agent")).toMatchObject({ id, dead: false });
  const panes = paneOf(project);
  expect(panes).toHaveLength(1);
  expect(panes[0]?.split(" ")[0]).not.toBe(dead.split(" ")[0]);
  expect([server(project), controlClients(project)]).toEqual([before, ["1"]]);
});

test("the same where it has a new spec and --force, ten times over", async () => {
  const project = await loudPair();
  await attachControl(project);
  const before = server(project);
  const { id } = liveOf(project, "backend-agent");
  for (let nth = 1; nth <= 10; nth++) {
    project.edit("desired/fleet.yaml", `seq 1 ${199 + nth}`, `seq 1 ${200 + nth}`);
    const { pid } = liveOf(project, "backend-agent");
    await applied(project, { words: ["--force", "backend-agent"] });
    expect([runs(pid), liveOf(project, "backend-agent").id, server(project)]).toEqual([false, id, before]);
  }
  expect(controlClients(project)).toEqual(["1"]);
});

test("a window that a person added stays", async () => {
  const project = await loudPair();
  const words = ["new-window", "-d", "-P", "-F", "#{pane_id} #{pane_pid}", "-t", "=iw-backend-agent:", "sleep 1000"];
  const mine = project.tmux(words);
  await attachControl(project);
  const before = server(project);
  project.edit("desired/fleet.yaml", "seq 1 200", "seq 1 201");
  const run = await applied(project, { words: ["--force", "backend-agent"] });
  expect(run).toMatchObject({ converged: true, outcomes: [{ address: ADDRESS, result: "done" }] });
  expect(paneOf(project)).toHaveLength(2);
  expect(paneOf(project)).toContain(mine);
  expect([server(project), liveOf(project, "backend-agent").dead]).toEqual([before, false]);
});

test("one that looks at another agent is in nobody's way: the pane is kept", async () => {
  const project = await loudPair();
  await attachControl(project, "=iw-planning-agent");
  const [dead = ""] = paneOf(project);
  await endProcess(project, "backend-agent", "SIGKILL");
  expect((await applied(project, { words: ["backend-agent"] })).outcomes).toMatchObject([
    { address: ADDRESS, result: "done" },
  ]);
  expect(paneOf(project)[0]?.split(" ")[0]).toBe(dead.split(" ")[0]);
});
