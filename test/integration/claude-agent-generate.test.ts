// `claude-agent` over configurations, in a project of the original's layout: what is generated, what is refused before a
// start, what every mistake is called, and how long it takes.
import { symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { CREW, openCrew } from "../support/legacy-fixture.ts";
import { expectUntouched } from "../support/project-fixture.ts";
import { clientPath, liveOf, sessionsOn } from "../support/tmux-fixture.ts";

const FILES = [".claude/CLAUDE.md", ".claude/hooks/auto-deny.py", ".claude/settings.json"];
const generated = (agents: readonly string[]) =>
  agents.flatMap((agent) => FILES.map((file) => `agents/${agent}/${file}`));

test.each([
  ["one agent", ["qa-agent"], ["qa-agent"]],
  ["the pilot", ["--pilot"], ["planning-agent", "researcher-agent", "backend-agent"]],
  ["all by name", ["--all"], CREW.map(({ name }) => name)],
  ["all by saying nothing", [], CREW.map(({ name }) => name)],
])("generate: %s", async (_what, words, agents) => {
  const { project, done } = openCrew();
  expect((await done(["generate", ...words])).stdout).toContain(`Generated: ${agents.length}\n`);
  const others = CREW.map(({ name }) => name).filter((name) => !agents.includes(name));
  for (const path of generated(agents)) expect(project.exists(path), path).toBe(true);
  for (const other of others) expect(project.exists(`agents/${other}`), other).toBe(false);
  expect(sessionsOn(project.socket)).toEqual({});
});

test("what is generated is valid, says what the registry says, and is the same every time", async () => {
  const { project, done } = openCrew();
  await done(["generate", "--all"]);
  for (const { name, model = "opus", tools = [] } of CREW) {
    const settings = JSON.parse(project.read(`agents/${name}/.claude/settings.json`));
    expect(settings.projectInfo).toMatchObject({ type: "workflow-agent", description: expect.stringContaining(name) });
    const page = project.read(`agents/${name}/.claude/CLAUDE.md`);
    expect(page).toContain(`**Agent**: ${name}, **model**: ${model}`);
    if (tools.length > 0) expect(page).toContain(tools.join(", "));
    expect(page).not.toMatch(/\$\{|\\n|undefined/);
  }
  expect(project.read("agents/planning-agent/.claude/CLAUDE.md")).toMatch(/^- backend-agent\n- qa-agent$/m);
  expect(project.read("agents/backend-agent/.claude/CLAUDE.md")).toMatch(/^- frontend\/\*\*$/m);
  const again = await expectUntouched(project.root, () => done(["generate", "--all"]));
  expect(again.stdout).toContain("Generated: 4\n");
});

test("the generated hook, where the settings name it, bites", async () => {
  const { project, done } = openCrew();
  await done(["generate", "--all"]);
  const probed = await project.run(["verify", "--probe", "--files-only"]);
  expect(probed, probed.stdout + probed.stderr).toMatchObject({ code: 0, stdout: "" });
});

test.each([
  ["a tool added", "    tools: [Bash, Read, Write]", "    tools: [Bash, Read, Write, Grep]"],
  ["a tool removed", "    tools: [Bash, Read, Write]", "    tools: [Bash, Read]"],
])("drift before the start: %s in the registry", async (_what, from, to) => {
  const { project, agent, done } = openCrew();
  await done(["generate", "--all"]);
  project.edit("agents/registry.yaml", from, to);
  const refused = await expectUntouched(project.root, () => agent(["create", "backend-agent"]));
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/drift/i);
  expect(refused.stderr).toContain("claude-agent generate backend-agent");
  expect(refused.stderr).toContain("hook/backend-agent/auto-deny");
  expect(sessionsOn(project.socket)).toEqual({});
  await done(["generate", "backend-agent"]);
  await done(["create", "backend-agent"]);
  expect(liveOf(project, "backend-agent").dead).toBe(false);
});

test("another order of the tools is no drift: the start is not refused", async () => {
  const { project, done } = openCrew();
  await done(["generate", "--all"]);
  project.edit("agents/registry.yaml", "    tools: [Bash, Read, Write]", "    tools: [Write, Read, Bash]");
  const verified = await project.run(["verify", "--files-only"]);
  expect(verified, verified.stdout).toMatchObject({ code: 0, stdout: "" });
  await done(["create", "backend-agent"]);
  expect(liveOf(project, "backend-agent").dead).toBe(false);
});

test.each([
  ["a page edited by hand", "CLAUDE.md", "# mine\n"],
  ["settings that are not JSON any more", "settings.json", '{ "hooks": '],
  ["settings that are empty", "settings.json", ""],
  ["a hook that lets everything pass", "hooks/auto-deny.py", "#!/bin/sh\nexit 0\n"],
])("no start with %s; generate repairs it", async (_what, file, text) => {
  const { project, agent, done } = openCrew([{ name: "qa-agent" }]);
  await done(["generate", "qa-agent"]);
  const path = `agents/qa-agent/.claude/${file}`;
  const sound = project.read(path);
  project.write(path, text);
  const refused = await agent(["create", "qa-agent"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/drift/i);
  expect(refused.stderr).toContain("claude-agent generate qa-agent");
  expect(refused.stderr).toContain("qa-agent/");
  expect(sessionsOn(project.socket)).toEqual({});
  expect((await done(["generate", "qa-agent"])).stdout).toContain("Generated: 1\n");
  expect(project.read(path)).toBe(sound);
});

const broken: readonly [string, string, (text: string) => string | null, readonly string[], RegExp][] = [
  [
    "no registry",
    "agents/registry.yaml",
    () => null,
    ["generate", "--all"],
    /registry not found: agents\/registry\.yaml/,
  ],
  [
    "a registry that is not YAML",
    "agents/registry.yaml",
    (text) => `${text}  - [`,
    ["generate", "--all"],
    /agents\/registry\.yaml:\d+:\d+ error E\d+/,
  ],
  ["a registry without agents", "agents/registry.yaml", () => "version: 1\n", ["generate", "--all"], /agents/],
  [
    "an agent without a required field",
    "agents/registry.yaml",
    (text) => text.replace("    model: haiku\n", ""),
    ["generate", "qa-agent"],
    /registry\.yaml:\d+:\d+ error E\d+ .*model/,
  ],
  [
    "a delegate nobody knows",
    "agents/registry.yaml",
    (text) => text.replace("[backend-agent, qa-agent]", "[backend-agnet]"),
    ["create", "qa-agent"],
    /unknown agent "backend-agnet"[\s\S]*backend-agent/,
  ],
  [
    "no template",
    "scripts/native-orchestrator/templates/settings.json.template",
    () => null,
    ["generate", "--all"],
    /template not found/,
  ],
  [
    "a template that is no JSON",
    "scripts/native-orchestrator/templates/settings.json.template",
    (text) => `${text}}`,
    ["generate", "--all"],
    /settings\.json\.template:\d+:\d+ error/,
  ],
  [
    "an unknown agent",
    "agents/registry.yaml",
    (text) => text,
    ["create", "qa-agnet"],
    /agent "qa-agnet" not found in registry[\s\S]*qa-agent/,
  ],
];

test.each(broken)(
  "%s: a message that leads to the mend, and nothing written",
  async (_what, path, change, words, message) => {
    const { project, agent } = openCrew();
    const text = change(project.read(path));
    if (text === null) project.remove(path);
    else project.write(path, text);
    const ran = await expectUntouched(project.root, () => agent(words));
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
    expect(sessionsOn(project.socket)).toEqual({});
  },
);

test("tmux is not there: said by name, by every verb that needs it; generate does not", async () => {
  const { project, agent, done } = openCrew([{ name: "qa-agent" }]);
  project.write("../home/bin/.keep", "");
  for (const program of ["sh", "node", "cat"]) {
    symlinkSync(program === "node" ? process.execPath : `/bin/${program}`, `${project.home}/bin/${program}`);
  }
  const env = { PATH: `${project.home}/bin` };
  expect((await done(["generate", "--all"], { env })).stdout).toContain("Generated: 1\n");
  for (const words of [["create", "qa-agent"], ["list"], ["status"], ["kill", "qa-agent"], ["kill", "--all"]]) {
    const ran = await agent(words, { env });
    expect(`${ran.stdout}${ran.stderr}`, words.join(" ")).toMatch(/tmux is not installed/);
    if (words[0] !== "status") expect(ran.code, words.join(" ")).not.toBe(0);
  }
});

test("how long it takes, for people to read", async () => {
  const agents = Array.from({ length: 26 }, (_, index) => ({ name: `agent-${index + 1}` }));
  const { project, done } = openCrew(agents);
  const timed = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    const start = performance.now();
    await step();
    console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
  };
  await timed("generate 26 agents", () => done(["generate", "--all"]));
  await timed("generate 26 agents again", () => done(["generate", "--all"]));
  await timed("look for drift of one agent", () =>
    project.run(["verify", "agent-7"], { env: { PATH: clientPath(project) } }),
  );
  await timed("create one session", () => done(["create", "agent-7"]));
  await timed("list", () => done(["list"]));
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-agent-7"]);
});
