// `claude-agent` over sessions, in a project of the original's layout: create, list, status, attach, kill, on the socket
// that TMUX_SOCKET_OVERRIDE names.
import { expect, test } from "vitest";
import { openCrew } from "../support/legacy-fixture.ts";
import { COMMANDS, expectUntouched } from "../support/project-fixture.ts";
import {
  clientPath,
  clientUp,
  endAfterwards,
  endProcess,
  folderOf,
  liveOf,
  openTerminal,
  runs,
  sessionsOn,
  setClientState,
  until,
  wordsOf,
} from "../support/tmux-fixture.ts";

test("the whole way of one agent: generated, started, looked at, ended", async () => {
  const { project, done } = openCrew();
  expect((await done(["generate", "backend-agent"])).stdout).toContain("Generated: 1\n");
  expect((await done(["create", "backend-agent"])).stdout).toContain("iw-backend-agent");
  const { pid } = liveOf(project, "backend-agent");
  expect(folderOf(pid)).toBe(project.path("agents/backend-agent"));
  expect(wordsOf(pid)).toContain(`${project.home}/.local/bin/claude`);
  expect((await done(["list"])).stdout).toMatch(/^iw-backend-agent +Detached$/m);
  const status = (await done(["status", "backend-agent"])).stdout;
  expect(status).toMatch(/^Status: Running$/m);
  expect(status).toMatch(/^State: Detached$/m);
  expect((await done(["kill", "backend-agent"])).stdout).toContain("iw-backend-agent");
  expect(runs(pid)).toBe(false);
  expect(sessionsOn(project.socket)).toEqual({});
  expect((await done(["status", "backend-agent"])).stdout).toMatch(/^Status: Not Running$/m);
});

test("the whole way of several: each its session, list filters, kill --all ends them all and nobody else", async () => {
  const { project, done } = openCrew();
  await done(["generate", "--all"]);
  const names = ["planning-agent", "backend-agent", "qa-agent"];
  for (const name of names) await done(["create", name]);
  project.tmux(["new-session", "-d", "-s", "iw-private", "sleep 5000"]);
  const pids = names.map((name) => liveOf(project, name).pid);
  expect(new Set(pids).size).toBe(3);
  const lines = async (words: readonly string[]) =>
    (await done(words)).stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0]);
  expect(await lines(["list"])).toEqual(["iw-backend-agent", "iw-planning-agent", "iw-qa-agent"]);
  expect(await lines(["list", "plan"])).toEqual(["iw-planning-agent"]);
  expect((await done(["list", "nothing-like-it"])).stdout).toBe("No sessions\n");

  expect((await done(["kill", "--all"])).stdout).toContain("Killed: 3\n");
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-private"]);
  await until("their processes are gone", () => !pids.some(runs));
  expect((await done(["list"])).stdout).toBe("No sessions\n");
  expect((await done(["kill", "--all"])).stdout).toContain("Killed: 0\n");
});

test("the life of a session: created once, taken up where it was left, killed only when it is there", async () => {
  const { project, agent, done } = openCrew();
  await done(["generate", "qa-agent"]);
  await done(["create", "qa-agent"]);
  await clientUp(project, "qa-agent");
  await setClientState(project, "qa-agent", "idle");
  const before = liveOf(project, "qa-agent");
  const id = wordsOf(before.pid).at(-1);
  expect((await done(["create", "qa-agent"])).stdout).toContain("already running");
  expect(liveOf(project, "qa-agent")).toEqual(before);

  await endProcess(project, "qa-agent", "SIGKILL");
  expect((await done(["status", "qa-agent"])).stdout).toMatch(/^Status: Not Running$/m);
  await done(["create", "qa-agent"]);
  expect(wordsOf(liveOf(project, "qa-agent").pid).slice(-2)).toEqual(["--resume", id]);

  await done(["kill", "qa-agent"]);
  const twice = await agent(["kill", "qa-agent"]);
  expect(twice.code).not.toBe(0);
  expect(twice.stderr).toContain("not running");
  await done(["create", "qa-agent"]);
  expect(wordsOf(liveOf(project, "qa-agent").pid).slice(-2)).toEqual(["--resume", id]);
});

test("killed by hand stays ended, also through rollcall apply and reconcile, until create", async () => {
  const { project, done } = openCrew([{ name: "qa-agent" }]);
  const env = { PATH: clientPath(project) };
  await done(["generate", "--all"]);
  await done(["create", "qa-agent"]);
  await done(["kill", "qa-agent"]);
  for (const words of [["apply", "-y"], ["reconcile"]]) {
    expect((await project.run(words, { env })).code).toBe(0);
    expect(sessionsOn(project.socket)).toEqual({});
  }
  await done(["create", "qa-agent"]);
  expect(liveOf(project, "qa-agent").dead).toBe(false);
});

test("a busy and an attached session end as well when a person says kill", async () => {
  const { project, done } = openCrew([{ name: "qa-agent" }, { name: "backend-agent" }]);
  await done(["generate", "--all"]);
  for (const name of ["qa-agent", "backend-agent"]) {
    await done(["create", name]);
    await clientUp(project, name);
  }
  await setClientState(project, "backend-agent", "busy");
  const env = { ...project.env, PROJECT_ROOT: project.root, PATH: clientPath(project) };
  const attach = [process.execPath, COMMANDS["claude-agent"], "attach", "qa-agent"];
  const terminal = openTerminal(attach, { env, cwd: project.home });
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "", 20_000);
  expect((await done(["status", "qa-agent"])).stdout).toMatch(/^State: Attached$/m);
  expect((await done(["list", "qa"])).stdout).toMatch(/^iw-qa-agent +Attached$/m);
  terminal.type("idle");
  terminal.press("Enter");
  await until("the typed line arrived", () =>
    project.tmux(["capture-pane", "-p", "-t", "=iw-qa-agent:"]).includes("idle"),
  );

  await done(["kill", "qa-agent"]);
  expect(await terminal.ended()).toBe(0);
  await done(["kill", "backend-agent"]);
  expect(sessionsOn(project.socket)).toEqual({});
});

test("two sockets by TMUX_SOCKET_OVERRIDE: an agent that lives on one is not started a second time on the other", async () => {
  const { project, agent, done } = openCrew([{ name: "qa-agent" }]);
  const other = `${project.socket}-b`;
  endAfterwards(other);
  await done(["generate", "--all"]);
  await done(["create", "qa-agent"]);
  const env = { TMUX_SOCKET_OVERRIDE: other };
  const second = await agent(["create", "qa-agent"], { env });
  expect(second.code).not.toBe(0);
  expect(second.stderr).toContain(project.socket);
  expect(sessionsOn(other)).toEqual({});
  expect((await done(["list"], { env })).stdout).toBe("No sessions\n");
  expect(liveOf(project, "qa-agent").dead).toBe(false);
});

test("a socket that is a path is refused in words, and attach without a terminal as well", async () => {
  const { agent, done, project } = openCrew([{ name: "qa-agent" }]);
  await done(["generate", "--all"]);
  const path = await agent(["list"], { env: { TMUX_SOCKET_OVERRIDE: "/tmp/mine" } });
  expect(path.code).not.toBe(0);
  expect(path.stderr).toContain("TMUX_SOCKET_OVERRIDE");
  const attach = await expectUntouched(project.root, () => agent(["attach", "qa-agent"]));
  expect(attach.code).not.toBe(0);
  expect(attach.stderr).toContain("needs a terminal");
});

test("a session of its name that is somebody else's is neither created over nor killed", async () => {
  const { project, agent, done } = openCrew([{ name: "qa-agent" }]);
  await done(["generate", "--all"]);
  project.tmux(["new-session", "-d", "-s", "iw-qa-agent", "sleep 5000"]);
  const before = liveOf(project, "qa-agent");
  for (const words of [
    ["create", "qa-agent"],
    ["kill", "qa-agent"],
  ]) {
    const ran = await agent(words);
    expect(ran.code, words[0]).not.toBe(0);
    expect(ran.stderr, words[0]).not.toBe("");
  }
  expect((await agent(["list"])).stdout).toBe("No sessions\n");
  expect(liveOf(project, "qa-agent")).toEqual(before);
});
