// A spec with errors neither blinds nor disarms: the commands that look, stop and hold work from records and marks.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openCrew } from "../support/legacy-fixture.ts";
import { COMMANDS, type Document, openProject, type Project } from "../support/project-fixture.ts";
import { applied, liveOf, openTerminal, QUIET, sessionsOn, until } from "../support/tmux-fixture.ts";

async function running(): Promise<Project> {
  const files = fleetFiles({ agents: [{ name: "planner" }, { name: "builder" }], command: QUIET });
  const project = openProject({ files });
  await applied(project);
  return project;
}

const BREAKS: readonly (readonly [what: string, breaks: (project: Project) => void, error: RegExp])[] = [
  [
    "a registry with a typing error",
    (project) => project.edit("desired/registry.yaml", "agents:", "agents: ["),
    /registry\.yaml:\d+:\d+ error E1/,
  ],
  ["a registry that is gone", (project) => project.remove("desired/registry.yaml"), /registry not found/],
  [
    "a fleet.yaml with a wrong key",
    (project) => project.edit("desired/fleet.yaml", "version: 1", "version: 1\nsesion: {}"),
    /fleet\.yaml:\d+:\d+ error E120/,
  ],
  [
    "a fleet.yaml that is no YAML",
    (project) => project.write("desired/fleet.yaml", "name: [story\n"),
    /fleet\.yaml:\d+:\d+ error E1/,
  ],
  [
    "a template with an unknown variable",
    (project) => project.write("templates/CLAUDE.md", "{{ agent.nmae }}\n"),
    /CLAUDE\.md:1:\d+ error E2/,
  ],
  ["a template that is gone", (project) => project.remove("templates/settings.json"), /template not found/],
  [
    "settings that the client would not take",
    (project) => project.write("templates/settings.json", '{ "permissions": { "allow": "all" } }\n'),
    /error E6/,
  ],
  [
    "a configuration with a wrong key",
    (project) => project.write("rollcall.config.yaml", "sokcet: x\n"),
    /rollcall\.config\.yaml:1:1 error E120/,
  ],
];

test.each(BREAKS)(
  "%s: status, list, logs, history and show tell the error in one line and work",
  async (_what, breaks, error) => {
    const project = await running();
    breaks(project);
    const first = (stderr: string) => stderr.split("\n")[0];
    const status = await project.run(["status", "-o", "json"]);
    expect(status.code, status.stderr).toBe(0);
    expect(first(status.stderr)).toMatch(error);
    expect(status.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(status.json()).toMatchObject({
      agents: [
        { agent: "builder", sync: "unknown", health: "idle", session: { name: "iw-builder" } },
        { agent: "planner", sync: "unknown", health: "idle", session: { name: "iw-planner" } },
      ],
      spec: { diagnostics: expect.arrayContaining([expect.objectContaining({ severity: "error" })]) },
    });
    expect((await project.run(["status"])).stdout).toMatch(
      /2 agents in the records, sync unknown: the spec has errors/,
    );
    const list = await project.run(["list", "-o", "json"]);
    expect(list.json()).toMatchObject({
      sessions: [{ agent: "builder" }, { agent: "planner" }],
      spec: { diagnostics: expect.any(Array) },
    });
    for (const words of [["logs", "planner"], ["list"]]) {
      const ran = await project.run(words);
      expect(ran.code, ran.stderr).toBe(0);
      expect(first(ran.stderr)).toMatch(error);
    }
    const history = (await project.run(["history", "-o", "json"])).json() as Document & { runs: { id: string }[] };
    expect(history.runs).toHaveLength(1);
    const shown = await project.run(["show", history.runs[0]?.id ?? "", "-o", "json"]);
    expect(shown.code, shown.stderr).toBe(0);
    expect(history).toMatchObject({ spec: { diagnostics: expect.any(Array) } });
    expect(shown.json()).toMatchObject({ kind: "run", spec: { diagnostics: expect.any(Array) } });
  },
);

test.each(BREAKS)("%s: hold, release, stop and attach work", async (_what, breaks, error) => {
  const project = await running();
  breaks(project);
  const held = await project.run(["hold", "planner", "--reason", "the registry is broken"]);
  expect(held.code, held.stderr).toBe(0);
  expect(held.stderr).toMatch(error);
  const released = await project.run(["release", "planner"]);
  expect(released.code, released.stderr).toBe(0);
  const attach = [process.execPath, COMMANDS.rollcall, "attach", "planner"];
  const terminal = openTerminal(attach, { env: project.env, cwd: project.root });
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "", 20_000);
  expect((await project.run(["stop", "planner"])).code).toBe(2);
  const stopped = await project.run(["stop", "planner", "--force", "--reason", "runaway"]);
  expect(stopped.code, stopped.stderr).toBe(0);
  await terminal.ended();
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-builder"]);
  const after = (await project.run(["status", "planner", "-o", "json"])).json();
  expect(after).toMatchObject({ agents: [{ sync: "unknown", health: "absent", hold: { reason: "runaway" } }] });
});

test("undo works while the registry is broken, and holds what it touched", async () => {
  const project = await running();
  project.write("templates/CLAUDE.md", "# {{ agent.name }}\n");
  const run = await applied(project, { words: ["--files-only"] });
  project.edit("desired/registry.yaml", "agents:", "agents: [");
  const undone = await project.run(["undo", run.id, "-y", "-o", "json"]);
  expect(undone.code, undone.stderr).toBe(0);
  expect(undone.json()).toMatchObject({ kind: "run", spec: { diagnostics: expect.any(Array) } });
  expect(project.read("agents/planner/.claude/CLAUDE.md")).not.toBe("# planner\n");
  const status = (await project.run(["status", "-o", "json"])).json();
  const hold = { reason: `undo of run ${run.id}` };
  expect(status).toMatchObject({ agents: [{ hold }, { hold }] });
});

test("commands that need the spec still refuse, and write nothing", async () => {
  const project = await running();
  project.edit("desired/registry.yaml", "agents:", "agents: [");
  for (const words of [["plan"], ["apply", "-y"], ["verify"], ["start", "planner"], ["adopt", "-y"]]) {
    const ran = await project.run(words);
    expect(ran.code, words.join(" ")).toBe(1);
    expect(ran.stderr).toContain("nothing was written");
  }
});

test("the socket of the fleet is found without TMUX_SOCKET_OVERRIDE, also when fleet.yaml cannot be read", async () => {
  const files = fleetFiles({ agents: [{ name: "planner" }], command: QUIET });
  const project = openProject({ files });
  const env = { TMUX_SOCKET_OVERRIDE: undefined };
  const socketOf = async () =>
    ((await project.run(["status", "-o", "json"], { env })).json() as Document & { socket: string }).socket;
  const socket = await socketOf();
  expect(socket).toMatch(/^rollcall-story-fleet-/);
  await applied(project, { words: ["--files-only"], env });
  project.write("desired/fleet.yaml", "name: [story\n");
  expect(await socketOf()).toBe(socket);
  project.write("rollcall.config.yaml", "state: [\n");
  expect(await socketOf()).toBe(socket);
});

test("what is wrong with the command line or its environment is refused as ever", async () => {
  const project = await running();
  const path = await project.run(["status"], { env: { TMUX_SOCKET_OVERRIDE: "/tmp/mine" } });
  expect(path.code).toBe(1);
  const config = await project.run(["--config", "nowhere.yaml", "status"]);
  expect(config.code).toBe(1);
});

test("claude-agent list, status, attach and kill work while the registry is broken", async () => {
  const { project, agent, done } = openCrew([{ name: "qa-agent" }, { name: "backend-agent" }]);
  await done(["generate", "--all"]);
  await done(["create", "qa-agent"]);
  project.edit("agents/registry.yaml", "agents:", "agents: [");
  const list = await done(["list"]);
  expect(list.stdout).toBe("iw-qa-agent  Detached\n");
  expect(list.stderr).toMatch(/^agents\/registry\.yaml:\d+:\d+ error E1/);
  expect((await done(["status", "qa-agent"])).stdout).toMatch(/^Status: Running$/m);
  const { pid } = liveOf(project, "qa-agent");
  expect((await done(["kill", "qa-agent"])).stdout).toContain("Killed session iw-qa-agent");
  expect(pid).toBeGreaterThan(0);
  expect(sessionsOn(project.socket)).toEqual({});
  expect((await agent(["create", "qa-agent"])).code).toBe(1);
});

test("without any record the marks tell which sessions are ours; without those the errors are all there is", async () => {
  const project = await running();
  project.edit("desired/registry.yaml", "agents:", "agents: [");
  project.remove("state");
  project.remove("agents/rollcall.lock.json");
  const status = await project.run(["status", "-o", "json"]);
  expect(status.json()).toMatchObject({ agents: [{ agent: "builder" }, { agent: "planner" }] });
  for (const agent of ["builder", "planner"]) {
    const stopped = await project.run(["stop", agent]);
    expect(stopped.code, stopped.stderr).toBe(0);
  }
  expect(sessionsOn(project.socket)).toEqual({});
  project.remove("state");
  const ran = await project.run(["status"]);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("nothing was written");
});
