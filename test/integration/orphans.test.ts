// Agents that left the registry while their sessions run on: seen by every command that looks, and stopped by name.
import { expect, test } from "vitest";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { openCrew } from "../support/legacy-fixture.ts";
import { COMMANDS, openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  liveOf,
  openTerminal,
  planned,
  QUIET,
  runs,
  sessionsOn,
  statuses,
  until,
} from "../support/tmux-fixture.ts";

const PAIR = [{ name: "planner" }, { name: "builder" }];

/** A fleet of two that runs, and builder then taken out of the registry. */
async function builderLeft(command: readonly string[] = QUIET): Promise<Project> {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command }) });
  await applied(project);
  project.write("desired/registry.yaml", registryText([{ name: "planner" }]));
  return project;
}

test("a session whose agent is gone is in list and status, and counts in the summary", async () => {
  const project = await builderLeft();
  expect((await statuses(project))["builder"]).toMatchObject({
    sync: "orphan",
    health: "idle",
    session: { name: "iw-builder", pid: liveOf(project, "builder").pid },
  });
  const status = await project.run(["status"]);
  expect(status.stdout).toMatch(/^builder +orphan +idle +iw-builder/m);
  expect(status.stdout).toMatch(/^1 of 1 agents in sync, 1 orphan /m);
  const named = await project.run(["status", "builder", "-o", "json"]);
  expect(named.json()).toMatchObject({ agents: [{ agent: "builder", sync: "orphan" }] });
  expect((await project.run(["list"])).stdout).toMatch(/^iw-builder +builder {2}idle {2}orphan$/m);
  const list = await project.run(["list", "build", "-o", "json"]);
  expect(list.json()).toMatchObject({ sessions: [{ agent: "builder", sync: "orphan" }] });
});

test("logs, attach and stop accept an orphan; stopped, it is forgotten and nobody starts it again", async () => {
  const project = await builderLeft(["sh", "-c", "echo hello from $PWD; exec sleep 100000"]);
  expect((await project.run(["logs", "builder"])).stdout).toContain("hello from ");
  const attach = [process.execPath, COMMANDS.rollcall, "attach", "builder"];
  const terminal = openTerminal(attach, { env: project.env, cwd: project.root });
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "", 20_000);
  const refused = await project.run(["stop", "builder"]);
  expect(refused.code, refused.stderr).toBe(2);
  const { pid } = liveOf(project, "builder");
  const stopped = await project.run(["stop", "builder", "--force"]);
  expect(stopped.code, stopped.stderr).toBe(0);
  expect(await terminal.ended()).toBe(0);
  expect(runs(pid)).toBe(false);
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-planner"]);
  expect(project.read("state/ledger.json")).not.toContain("session/builder");
  const { plan } = await planned(project);
  expect(plan).toMatchObject({ held: [], actions: [] });
  expect(Object.keys(await statuses(project))).toEqual(["planner"]);
});

test("an orphan that nothing is recorded of is found by its mark alone", async () => {
  const project = await builderLeft();
  project.remove("state");
  project.remove("agents/rollcall.lock.json");
  expect((await statuses(project))["builder"]).toMatchObject({ sync: "orphan" });
  expect((await project.run(["status", "builder", "-o", "json"])).json()).toMatchObject({
    agents: [{ agent: "builder", sync: "orphan" }],
  });
  expect((await project.run(["logs", "builder"])).code).toBe(0);
  expect((await project.run(["stop", "builder"])).code).toBe(0);
  expect(sessionsOn(project.socket)["iw-builder"]).toBeUndefined();
});

test("a name that neither the registry nor a session has is a usage error, and an orphan's is suggested", async () => {
  const project = await builderLeft();
  for (const words of [
    ["stop", "bilder"],
    ["logs", "bilder"],
    ["status", "bilder"],
  ]) {
    const ran = await project.run(words);
    expect(ran.code, words.join(" ")).toBe(64);
    expect(ran.stderr).toContain("builder");
  }
});

test("claude-agent lists, shows and kills what has left the registry", async () => {
  const { project, done } = openCrew([{ name: "qa-agent" }, { name: "backend-agent" }]);
  await done(["generate", "--all"]);
  await done(["create", "qa-agent"]);
  await done(["create", "backend-agent"]);
  project.write("agents/registry.yaml", registryText([{ name: "qa-agent" }]));
  expect((await done(["list"])).stdout).toMatch(/^iw-backend-agent {2}Detached {2}\(not in the registry\)$/m);
  const status = (await done(["status", "backend-agent"])).stdout;
  expect(status).toMatch(/^Session: iw-backend-agent\nStatus: Running$/m);
  expect(status).toMatch(/^Note: not in the registry/m);
  expect((await done(["kill", "backend-agent"])).stdout).toContain("Killed session iw-backend-agent");
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-qa-agent"]);
  await done(["create", "qa-agent"]);
  expect((await done(["kill", "--all"])).stdout).toContain("Killed: 1\n");
});
