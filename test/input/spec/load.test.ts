// A sound spec: what becomes of registry and fleet.yaml, with which defaults.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { defaultSocket } from "../../../src/input/spec/load.ts";
import type { AgentSpec, Spec } from "../../../src/model/fleet.ts";
import {
  CODER,
  load,
  loadSound,
  openFleet,
  openProject,
  PLANNER,
  registry,
  TEMPLATES,
} from "../../support/spec-fixture.ts";

function agent(spec: Spec, name: string): AgentSpec {
  const found = spec.agents.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

describe("defaults", () => {
  test("without fleet.yaml every agent gets what the design says", async () => {
    const project = openFleet();
    const spec = await loadSound(project, { env: { HOME: "/nowhere" } });
    expect(spec.files).toEqual([
      { template: "settings.json", target: ".claude/settings.json", merge: "keys", mode: "0644" },
      { template: "settings.local.json", target: ".claude/settings.local.json", merge: "keys", mode: "0644" },
      { template: "CLAUDE.md", target: ".claude/CLAUDE.md", merge: "whole", mode: "0644" },
    ]);
    expect(spec.hook).toMatchObject({ path: ".claude/hooks/auto-deny", access: "write" });
    expect(spec.hook.alwaysAllowedTools).toEqual(
      expect.arrayContaining(["AskUserQuestion", "ExitPlanMode", "TodoWrite"]),
    );
    for (const risky of ["Bash", "Write", "Edit", "Task", "Agent", "WebFetch"])
      expect(spec.hook.alwaysAllowedTools).not.toContain(risky);
    expect(spec.session).toEqual({
      command: ["claude"],
      fallback: ["bash", "-l"],
      prefix: "iw-",
      start: "always",
      restart: "on-failure",
      onChange: "when-idle",
      env: {},
      size: [220, 50],
      parallel: 4,
      ready: { afterMs: 1_000, timeoutMs: 30_000 },
    });
    expect(spec.policy).toEqual({
      pruneBudget: { percent: 25 },
      parallelism: 8,
      clientSchema: "error",
      widening: "report",
      unattendedWidening: "committed",
      attachedGraceMs: 600_000,
      enforce: { config: "enforce", hook: "enforce", session: "enforce" },
    });
    expect(spec.retire).toEqual({ label: "retired", archive: [], delete: [], keep: [] });
    expect(spec.name).toMatch(/^rollcall-spec-[a-z0-9-]*[a-z0-9]$/);
    expect(spec.machine.socket).toBe(defaultSocket(spec.name, project.root));
    expect(spec.machine.socket).toMatch(/^rollcall-rollcall-spec-[a-z0-9-]+-[0-9a-f]{8}$/);
    expect(spec.warnings).toEqual([]);
  });

  test("an agent has what its entry leaves out", async () => {
    const spec = await loadSound(openFleet());
    expect(agent(spec, "planning-agent")).toEqual({
      name: "planning-agent",
      displayName: "Of The Story",
      description: "does what the story needs",
      model: "opus",
      tools: ["Read", "Write"],
      delegatesTo: [],
      cannotAccess: [],
      exclusiveAccess: [],
      responsibilities: [],
      forbidden: [],
      enabled: true,
      protect: false,
      dir: "planning-agent",
      labels: [],
      env: {},
      session: spec.session,
      deniedGlobs: [],
      place: { file: "desired/registry.yaml", line: 2, col: 3 },
    });
  });
});

describe("what is written becomes the model", () => {
  test("fleet.yaml, every field", async () => {
    const spec = await loadSound(
      openFleet({
        "desired/fleet.yaml": `version: 1
name: night-shift
files:
  - { template: CLAUDE.md, target: ./docs//CLAUDE.md, merge: block, mode: "600" }
hook: { path: .claude/guard, access: all, always_allowed_tools: [TodoWrite] }
session:
  command: [sleep, "1000", "a b", "$(id)", ";"]
  fallback: []
  prefix: ns-
  start: on-demand
  restart: never
  on_change: always
  env: { MODE: night, TOKEN: "env:CI_TOKEN", KEY: "file:/run/key" }
  size: [100, 30]
  parallel: 2
  ready: { after: 500ms, timeout: 2m }
policy: { prune_budget: 3, parallelism: 2, client_schema: "off", widening: heal, unattended_widening: block, attached_grace: 2h, enforce: { session: report } }
retire: { label: old, archive: [{ dir: planning, replaced_by: planning-agent }], delete: [scratch], keep: [windows] }
`,
      }),
    );
    expect(spec.name).toBe("night-shift");
    expect(spec.files).toEqual([{ template: "CLAUDE.md", target: "docs/CLAUDE.md", merge: "block", mode: "0600" }]);
    expect(spec.hook).toEqual({ path: ".claude/guard", access: "all", alwaysAllowedTools: ["TodoWrite"] });
    // Row 33 of the bad inputs: shell characters are arguments like any other.
    expect(spec.session.command).toEqual(["sleep", "1000", "a b", "$(id)", ";"]);
    expect(spec.session).toMatchObject({ fallback: [], prefix: "ns-", start: "on-demand", restart: "never" });
    expect(spec.session).toMatchObject({ onChange: "always", size: [100, 30], parallel: 2 });
    expect(spec.session.ready).toEqual({ afterMs: 500, timeoutMs: 120_000 });
    expect(spec.session.env).toEqual({ MODE: "night", TOKEN: "env:CI_TOKEN", KEY: "file:/run/key" });
    expect(spec.policy).toEqual({
      pruneBudget: { count: 3 },
      parallelism: 2,
      clientSchema: "off",
      widening: "heal",
      unattendedWidening: "block",
      attachedGraceMs: 7_200_000,
      enforce: { config: "enforce", hook: "enforce", session: "report" },
    });
    expect(spec.retire).toEqual({
      label: "old",
      archive: [
        { dir: "planning", replacedBy: "planning-agent", place: { file: "desired/fleet.yaml", line: 18, col: 33 } },
      ],
      delete: ["scratch"],
      keep: ["windows"],
    });
  });

  test("an agent's session is the fleet's with its own on top, and its env on top of that", async () => {
    const lines = [
      "env: {MODE: day}",
      "session: {start: never, env: {TZ: UTC, MODE: night}}",
      "dir: planner",
      "labels: [pilot]",
    ];
    const spec = await loadSound(
      openFleet({
        "desired/registry.yaml": registry({ ...PLANNER, lines }, CODER),
        "desired/fleet.yaml": "session: {env: {LANG: C}, command: [agent]}\n",
      }),
    );
    const planner = agent(spec, "planning-agent");
    expect(planner.session).toEqual({ ...spec.session, start: "never", env: { LANG: "C", TZ: "UTC", MODE: "day" } });
    expect(planner).toMatchObject({ dir: "planner", labels: ["pilot"], env: { MODE: "day" } });
    expect(agent(spec, "backend-agent").session).toEqual(spec.session);
  });

  test("denied are the own globs and what is exclusive to others, with its owner", async () => {
    const tester = {
      name: "test-writer-agent",
      lines: ["exclusive_access: [tests/**, '*.spec.*']", "cannot_access: [src/**]"],
    };
    const coder = { ...CODER, lines: ["cannot_access: [tests/**, frontend/**, frontend/**]"] };
    const spec = await loadSound(openFleet({ "desired/registry.yaml": registry(tester, PLANNER, coder) }));
    expect(agent(spec, "backend-agent").deniedGlobs).toEqual([
      { glob: "*.spec.*", owner: "test-writer-agent" },
      { glob: "frontend/**" },
      { glob: "tests/**", owner: "test-writer-agent" },
    ]);
    expect(agent(spec, "backend-agent").cannotAccess).toEqual(["tests/**", "frontend/**"]);
    expect(agent(spec, "test-writer-agent").deniedGlobs).toEqual([{ glob: "src/**" }]);
    expect(agent(spec, "planning-agent").deniedGlobs.map(({ glob }) => glob)).toEqual(["*.spec.*", "tests/**"]);
  });

  test("a registry folder is one registry, sorted by name whatever the files are called", async () => {
    const project = openProject({
      ...TEMPLATES,
      "desired/registry/2.yaml": registry(CODER),
      "desired/registry/1.yml": registry({ ...PLANNER, lines: ["delegates_to: [backend-agent]"] }),
      "desired/registry/README.md": "not read",
    });
    const loaded = await load(project);
    expect(loaded.spec?.agents.map(({ name, place }) => `${name} ${place.file}:${place.line}`)).toEqual([
      "backend-agent desired/registry/2.yaml:2",
      "planning-agent desired/registry/1.yml:2",
    ]);
    expect(loaded.inputs).toEqual(
      expect.arrayContaining(["desired/registry", "desired/registry/1.yml"].map(project.path)),
    );
  });

  test("templates are read once, with LF, with what they include, and all that was read is an input", async () => {
    const project = openFleet({
      "templates/CLAUDE.md": "\ufeff# {{ agent.name }}\r\n{% render 'rules.md' %}\r\n",
      "templates/rules.md": "be kind\n",
      "templates/unused.md": "nobody asks\n",
    });
    const loaded = await load(project);
    expect(loaded.spec?.templates["CLAUDE.md"]).toEqual({
      path: "templates/CLAUDE.md",
      text: "# {{ agent.name }}\n{% render 'rules.md' %}\n",
    });
    expect(loaded.spec?.templates["rules.md"]?.text).toBe("be kind\n");
    expect(Object.keys(loaded.spec?.templates ?? {}).sort()).toEqual([
      "CLAUDE.md",
      "rules.md",
      "settings.json",
      "settings.local.json",
    ]);
    for (const name of ["desired/registry.yaml", "desired/fleet.yaml", "rollcall.config.yaml", "templates/rules.md"]) {
      expect(loaded.inputs).toContain(project.path(name));
    }
    expect(loaded.inputs).not.toContain(project.path("templates/unused.md"));
  });

  test("a template through a link that stays in the templates folder is read", async () => {
    const project = openFleet();
    rmSync(project.path("templates/CLAUDE.md"));
    mkdirSync(project.path("templates/shared"));
    project.put({ "templates/shared/page.md": "shared\n" });
    symlinkSync("shared/page.md", project.path("templates/CLAUDE.md"));
    expect((await loadSound(project)).templates["CLAUDE.md"]?.text).toBe("shared\n");
  });

  test("row 17: a byte order mark and CRLF change nothing but the bytes", async () => {
    const plain = registry({ ...PLANNER, lines: ["responsibilities:", "  - |", "    plans", "    days"] });
    const windows = `\ufeff${plain.replaceAll("\n", "\r\n")}`;
    const one = await loadSound(openFleet({ "desired/registry.yaml": plain }));
    const two = await loadSound(openFleet({ "desired/registry.yaml": windows }));
    expect(two.agents).toEqual(one.agents);
    expect(agent(two, "planning-agent").responsibilities).toEqual(["plans\ndays\n"]);
    const wrong = await load(openFleet({ "desired/registry.yaml": windows.replace("model:", "modell:") }));
    expect(wrong.diagnostics.map(({ line, col, code }) => `${line}:${col} ${code}`)).toEqual(["2:3 E122", "6:5 E120"]);
  });
});
