// This machine's word: socket, prefix, command, PATH, personas; and the layout of the system we replace.
import { describe, expect, test } from "vitest";
import { load, loadSound, openFleet, openProject, PLANNER, registry, told } from "../../support/spec-fixture.ts";

describe("the socket", () => {
  test("the environment beats the configuration, the configuration beats the default", async () => {
    const project = openFleet({ "rollcall.config.yaml": "socket: ours\n" });
    expect((await loadSound(project)).machine.socket).toBe("ours");
    const override = await loadSound(project, { env: { TMUX_SOCKET_OVERRIDE: "theirs" } });
    expect(override.machine.socket).toBe("theirs");
  });

  test("a path is no socket name", async () => {
    const { spec, diagnostics } = await load(openFleet(), { env: { TMUX_SOCKET_OVERRIDE: "/tmp/s" } });
    expect(spec).toBeNull();
    expect(diagnostics.map(({ code }) => code)).toEqual(["E024"]);
  });

  test("two projects of one name have two sockets", async () => {
    const fleet = { "desired/fleet.yaml": "name: twin\n" };
    const one = await loadSound(openFleet(fleet));
    const two = await loadSound(openFleet(fleet));
    expect(one.machine.socket).toMatch(/^rollcall-twin-[0-9a-f]{8}$/);
    expect(two.machine.socket).not.toBe(one.machine.socket);
  });
});

test("the configuration's command, prefix and PATH beat fleet.yaml; an agent's own command stays its own", async () => {
  const spec = await loadSound(
    openFleet({
      "desired/registry.yaml": registry(
        { ...PLANNER, lines: ["session: {command: [tail, -f, log]}"] },
        { name: "coder" },
      ),
      "desired/fleet.yaml": "session: {command: [claude], prefix: iw-}\n",
      "rollcall.config.yaml": "prefix: here-\nsession: {command: [/opt/claude], path: /opt/bin:/bin}\n",
    }),
  );
  expect(spec.machine).toMatchObject({ sessionCommand: ["/opt/claude"], sessionPath: "/opt/bin:/bin" });
  expect(spec.session).toMatchObject({ command: ["/opt/claude"], prefix: "here-" });
  expect(spec.agents.map(({ session }) => session.command)).toEqual([["/opt/claude"], ["tail", "-f", "log"]]);
  expect(spec.agents.every(({ session }) => session.prefix === "here-")).toBe(true);
});

describe("personas below TEF_ROOT", () => {
  const page = { "templates/CLAUDE.md": "see {{ variables.TEF_ROOT }}/docs\n" };

  test("the configuration, then what was recorded, then the environment", async () => {
    const env = { TEF_ROOT: "/from/env" };
    const recorded = { TEF_ROOT: "/recorded" };
    const project = openFleet();
    expect((await loadSound(project, { env })).machine.variables).toEqual({ TEF_ROOT: "/from/env" });
    expect((await loadSound(project, { env, recorded })).machine.variables).toEqual({ TEF_ROOT: "/recorded" });
    project.put({ "rollcall.config.yaml": "variables: {TEF_ROOT: /configured, TEAM: night}\n" });
    const spec = await loadSound(project, { env, recorded });
    expect(spec.machine.variables).toEqual({ TEF_ROOT: "/configured", TEAM: "night" });
  });

  test("without any, the root, with a warning where a template uses it", async () => {
    const silent = openFleet();
    expect((await loadSound(silent)).warnings).toEqual([]);
    const project = openFleet(page);
    const spec = await loadSound(project);
    expect(spec.machine.variables).toEqual({ TEF_ROOT: project.root });
    expect(spec.warnings.map(({ code, file }) => `${file} ${code}`)).toEqual(["templates/CLAUDE.md W154"]);
  });

  test("a page that only names the variable takes nothing from it, so nothing is assumed", async () => {
    const project = openFleet({ "templates/CLAUDE.md": "in the folder that TEF_ROOT names, {{ agent.name }}\n" });
    expect((await loadSound(project)).warnings).toEqual([]);
    project.put({ "templates/CLAUDE.md": "{% if variables.TEF_ROOT %}see it{% endif %}\n" });
    expect((await loadSound(project)).warnings.map(({ code }) => code)).toEqual(["W154"]);
  });

  test("a persona that is not there is told, three at most by name", async () => {
    const agents = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
    const project = openFleet({
      ...page,
      "desired/registry.yaml": registry(...agents),
      "tef/docs/agents/a/a-agent.md": "A\n",
    });
    const spec = await loadSound(project, { env: { TEF_ROOT: project.path("tef") } });
    expect(spec.warnings.map(told)).toEqual([
      "desired/registry.yaml:8:3 W152 b has no persona file docs/agents/b/b-agent.md below TEF_ROOT",
      "desired/registry.yaml:14:3 W152 c has no persona file docs/agents/c/c-agent.md below TEF_ROOT",
      "desired/registry.yaml:20:3 W152 d has no persona file docs/agents/d/d-agent.md below TEF_ROOT; 1 more agent has none either",
    ]);
  });
});

describe("context files", () => {
  const settings = `{
  "contextFiles": [
    "CLAUDE.md",
    "{{ project.root }}/.project-context.md",
    "/{{ agent.name }}/notes.md",
    "{{ variables.TEF_ROOT }}/there.md"
  ]
}
`;

  test("one that is not there is told at its line of the template; what depends on the agent is not", async () => {
    const project = openFleet({ "templates/settings.local.json": settings, "there.md": "here\n" });
    const env = { TEF_ROOT: project.root };
    const codes = async () =>
      (await loadSound(project, { env })).warnings.filter(({ code }) => code === "W157").map(told);
    expect(await codes()).toEqual([
      'templates/settings.local.json:4:5 W157 the context file ".project-context.md" is not there',
    ]);
    project.put({ ".project-context.md": "now it is\n" });
    expect(await codes()).toEqual([]);
  });
});

test("what is odd about the configuration is told with the spec", async () => {
  const spec = await loadSound(openFleet({ "rollcall.config.js": "module.exports = {}" }));
  expect(spec.warnings.map(({ code }) => code)).toEqual(["W020"]);
});

describe("the original's layout", () => {
  const TEMPLATES = "scripts/native-orchestrator/templates";
  const ORIGINAL = {
    "agents/registry.yaml": `# Agent Registry
agents:
  test-writer-agent:
    name: test-writer-agent
    display_name: "Test Writer Agent"
    description: "Writes tests first (phase 3)"
    model: sonnet
    tools:
      - Bash
      - mcp__linear-server
    delegates_to: []
    cannot_access:
      - src/**
    exclusive_access:
      - '*.test.*'
    responsibilities:
      - Write tests (from criteria)
    forbidden:
      - Commit to git (Tracking Agent)
`,
    [`${TEMPLATES}/settings.json.template`]: '{ "projectInfo": { "name": "${AGENT_NAME}" } }\n',
    [`${TEMPLATES}/CLAUDE.md.template`]: "# ${AGENT_NAME}\n",
  };

  test("loads unchanged, without any configuration, under its own names", async () => {
    const project = openProject(ORIGINAL);
    const spec = await loadSound(project);
    expect(spec.files).toEqual([
      { template: "settings.json.template", target: ".claude/settings.json", merge: "keys", mode: "0644" },
      { template: "CLAUDE.md.template", target: ".claude/CLAUDE.md", merge: "whole", mode: "0644" },
    ]);
    expect(spec.machine).toMatchObject({ socket: "iw-orchestrator", layout: "original" });
    expect(spec.hook.path).toBe(".claude/hooks/auto-deny.py");
    expect(spec.policy.clientSchema).toBe("warn");
    expect(spec.session.prefix).toBe("iw-");
    expect(spec.machine.folders).toMatchObject({
      registry: project.path("agents/registry.yaml"),
      templates: project.path(TEMPLATES),
    });
    expect(spec.agents[0]).toMatchObject({
      name: "test-writer-agent",
      model: "sonnet",
      forbidden: ["Commit to git (Tracking Agent)"],
    });
    expect(spec.templates["CLAUDE.md.template"]).toEqual({
      path: `${TEMPLATES}/CLAUDE.md.template`,
      text: "# ${AGENT_NAME}\n",
    });
  });

  test("a template for settings.local.json counts when somebody made one", async () => {
    const spec = await loadSound(openProject({ ...ORIGINAL, [`${TEMPLATES}/settings.local.json.template`]: "{}\n" }));
    expect(spec.files.map(({ target }) => target)).toEqual([
      ".claude/settings.json",
      ".claude/settings.local.json",
      ".claude/CLAUDE.md",
    ]);
  });

  test("can be said by configuration alone", async () => {
    const moved = Object.fromEntries(
      Object.entries(ORIGINAL).map(([name, text]) => [name.replace("scripts/native-orchestrator", "old"), text]),
    );
    const config = "registry: agents/registry.yaml\ntemplates: old/templates\n";
    const spec = await loadSound(openProject({ ...moved, "rollcall.config.yaml": config }));
    expect(spec.machine.layout).toBe("original");
    expect(spec.templates["settings.json.template"]?.path).toBe("old/templates/settings.json.template");
  });

  test("a missing registry and missing templates are named", async () => {
    const { diagnostics } = await load(openProject({ [`${TEMPLATES}/CLAUDE.md.template`]: "x" }));
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "registry not found: agents/registry.yaml",
      `template not found: ${TEMPLATES}/settings.json.template`,
    ]);
  });

  test("gives way to a registry of ours", async () => {
    const native = await loadSound(openFleet(ORIGINAL));
    expect(native.machine.layout).toBe("native");
    expect(native.agents.map(({ name }) => name)).toEqual(["planning-agent"]);
  });
});
