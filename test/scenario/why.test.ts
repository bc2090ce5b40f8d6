// Where does this line come from? `why` leads from a file, a key or a line to the template and the registry.
import { describe, expect, test } from "vitest";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { expectUntouched, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";
import { lineWith, why } from "../support/why-fixture.ts";

const PAGE = "agents/planning-agent/.claude/CLAUDE.md";
const SETTINGS = "agents/planning-agent/.claude/settings.json";
const CONFIG = "config/planning-agent/.claude/settings.json";

const registryLine = (project: Project, text: string) => lineWith(project, "desired/registry.yaml", text);

const AGENTS = [
  {
    name: "planning-agent",
    tools: ["Read", "Task", "WebFetch"],
    more: [
      "delegates_to: [backend-agent]",
      "responsibilities:",
      '  - "Cut the work into parts"',
      '  - "Keep the plan true"',
      'forbidden: ["Cut corners"]',
    ],
  },
  { name: "backend-agent", more: ['cannot_access: ["frontend/**", "src/frontend/**"]'] },
  { name: "tester", more: ['exclusive_access: ["test/**"]'] },
];

describe("on a converged fleet", () => {
  const fleet = convergedProject({ files: fleetFiles({ agents: AGENTS }) });

  test("a key leads to its template line, the registry line, and the run that wrote it; nothing is written", async () => {
    const project = fleet();
    const answer = await expectUntouched(project.root, () => why(project, `${SETTINGS}#/model`));
    const history = (await project.run(["history", "-o", "json"])).json();
    expect(answer).toMatchObject({
      file: SETTINGS,
      pointer: "/model",
      line: 2,
      col: 12,
      origin: "rendered",
      agent: "planning-agent",
      run: { id: (history["runs"] as { id: string }[])[0]?.id, command: "apply" },
    });
    expect(answer.parts).toEqual([
      {
        address: `${CONFIG}#/model`,
        verdict: "in-sync",
        template: { file: "templates/settings.json", line: 2, col: 12, text: '  "model": "{{ agent.model }}",' },
        draws: [
          {
            field: "agent.model",
            at: {
              file: "desired/registry.yaml",
              line: registryLine(project, "model: opus"),
              col: 5,
              text: "    model: opus",
            },
          },
        ],
      },
    ]);
    expect(answer.declared).toEqual({
      field: "fleet.files[0]",
      at: null,
      note: "default: desired/fleet.yaml does not name it",
    });
  });

  test("the text says the same to a person", async () => {
    const { stdout } = await fleet().run(["why", `${SETTINGS}#/model`]);
    expect(stdout).toContain(`${SETTINGS}:2:12  #/model`);
    expect(stdout).toContain("templates/settings.json:2:12");
    expect(stdout).toContain('2 |   "model": "{{ agent.model }}",');
    expect(stdout).toMatch(/agent\.model → desired\/registry\.yaml:\d+:5/);
    expect(stdout).toMatch(/written by run 0001-[0-9a-f]{4} \(apply\)/);
  });

  test.each([
    ["relative to the root", SETTINGS, undefined],
    ["relative to where one is", ".claude/settings.json", "agents/planning-agent"],
    ["as a plan names it", CONFIG, undefined],
  ])("a file is found %s, and absolute", async (_how, word, cwd) => {
    const project = fleet();
    expect(await why(project, `${word}#/model`, cwd)).toMatchObject({ file: SETTINGS, pointer: "/model" });
    expect(await why(project, `${project.path(SETTINGS)}#/model`, cwd)).toMatchObject({ file: SETTINGS });
  });

  test("a line of a settings file is the key on it", async () => {
    const project = fleet();
    const at = lineWith(project, SETTINGS, "auto-deny");
    const answer = await why(project, `${SETTINGS}:${at}`);
    expect(answer.pointer).toBe("/hooks/PreToolUse/0/hooks/0/command");
    expect(answer.parts).toMatchObject([
      { verdict: "in-sync", draws: [{ field: "fleet.hook.path", at: null, note: expect.stringContaining("default") }] },
    ]);
  });

  test("a page's line leads to the one sentence of the registry it shows", async () => {
    const project = fleet();
    for (const [text, field] of [
      ["Keep the plan true", "agent.responsibilities"],
      ["Cut corners", "agent.forbidden"],
    ] as const) {
      const answer = await why(project, `${PAGE}:${lineWith(project, PAGE, text)}`);
      expect(answer.parts[0]?.template?.text).toMatch(/^- \{\{ (duty|act) \}\}$/);
      expect(answer.parts[0]?.draws).toMatchObject([{ field, at: { line: registryLine(project, text) } }]);
    }
  });

  test("a line that is the template's own words says so, and which value decides it", async () => {
    const project = fleet();
    const heading = await why(project, `${PAGE}:${lineWith(project, PAGE, "## Handing work on")}:3`);
    expect(heading.parts[0]?.template?.line).toBe(lineWith(project, "templates/CLAUDE.md", "## Handing work on"));
    expect(heading.parts[0]?.draws).toEqual([]);
    const tools = await why(project, `${PAGE}:${lineWith(project, PAGE, "You may call")}`);
    expect(tools.parts[0]?.draws).toMatchObject([
      { field: "agent.tools", at: { line: registryLine(project, "tools: [Read, Task, WebFetch]") } },
    ]);
    const empty = await why(project, `${PAGE}:2`);
    expect(empty.parts[0]).toMatchObject({ template: null, draws: [] });
    expect(empty.notes).toContain("an empty line");
  });

  test("a rule that closes a path leads to the glob, of this agent or of the one that owns it", async () => {
    const project = fleet();
    const file = "agents/backend-agent/.claude/settings.local.json";
    const deny = JSON.parse(project.read(file)).permissions.deny as string[];
    const fieldOf = async (end: string) => {
      const index = deny.findIndex((rule) => rule.endsWith(end));
      const answer = await why(project, `${file}#/permissions/deny/${index}`);
      return answer.parts[0]?.draws.filter((one) => one.at !== null);
    };
    const globs = "cannot_access";
    expect(await fieldOf("/src/frontend/**)")).toMatchObject([
      { field: `agent.${globs}`, at: { line: registryLine(project, globs), col: 36 } },
    ]);
    expect(await fieldOf("fleet/frontend/**)")).toMatchObject([
      { field: `agent.${globs}`, at: { line: registryLine(project, globs), col: 21 } },
    ]);
    expect(await fieldOf("/test/**)")).toMatchObject([{ field: "tester.exclusive_access" }]);
  });

  test("the hook leads to what its rules are compiled from", async () => {
    const answer = await why(fleet(), "agents/backend-agent/.claude/hooks/auto-deny");
    expect(answer.parts[0]).toMatchObject({ address: "hook/backend-agent/auto-deny", template: null });
    expect(answer.parts[0]?.draws.map((one) => one.field)).toEqual([
      "agent.tools",
      "agent.delegates_to",
      "agent.cannot_access",
      "tester.exclusive_access",
      "fleet.hook.path",
      "fleet.hook.access",
      "fleet.hook.always_allowed_tools",
    ]);
  });

  test("what the client or a person added is theirs; a whole file of both is mixed", async () => {
    const project = fleet();
    project.edit(SETTINGS, '"model"', '"theme": "dark",\n  "model"');
    expect(await why(project, `${SETTINGS}#/theme`)).toMatchObject({ origin: "foreign", parts: [], line: 2 });
    const ours = await why(project, `${SETTINGS}#/model`);
    expect(ours).toMatchObject({ origin: "rendered", line: 3, parts: [{ verdict: "in-sync" }] });
    project.edit(SETTINGS, '"deny": [', '"deny": [ "WebSearch",');
    const mixed = await why(project, `${SETTINGS}#/permissions`);
    expect(mixed.origin).toBe("mixed");
    expect(mixed.parts.map((one) => one.address)).toEqual([
      `${CONFIG}#/permissions/defaultMode`,
      `${CONFIG}#/permissions/deny/Edit(.claude~1**)`,
    ]);
    const stranger = await why(project, `${SETTINGS}#/permissions/deny/0`);
    expect(stranger.origin).toBe("foreign");
    project.write("agents/planning-agent/notes.md", "remember the milk\n");
    expect(await why(project, "agents/planning-agent/notes.md:1")).toMatchObject({
      origin: "foreign",
      agent: "planning-agent",
      notes: [expect.stringContaining("the client or a person")],
    });
  });

  test("a part's own verdict is told: changed, lost, or waiting for an apply", async () => {
    const project = fleet();
    project.edit(SETTINGS, '"model": "opus"', '"model": "haiku"');
    expect((await why(project, `${SETTINGS}#/model`)).parts).toMatchObject([{ verdict: "tampered" }]);
    expect((await why(project, `${SETTINGS}#/disableAllHooks`)).parts).toMatchObject([{ verdict: "in-sync" }]);
    project.edit(SETTINGS, '"model": "haiku",', "");
    expect((await why(project, `${SETTINGS}#/model`)).parts).toMatchObject([{ verdict: "vanished" }]);
    project.write("desired/registry.yaml", registryText(AGENTS).replace("parts", "slices"));
    const page = await why(project, `${PAGE}:${lineWith(project, PAGE, "Cut the work")}`);
    expect(page.parts).toMatchObject([{ verdict: "pending", template: null }]);
    project.remove(PAGE);
    expect((await why(project, PAGE)).parts).toMatchObject([{ verdict: "vanished" }]);
  });

  test("an orphan is told as one", async () => {
    const project = fleet();
    project.write("desired/registry.yaml", registryText(AGENTS.slice(0, 2)));
    expect(await why(project, "agents/tester/.claude/CLAUDE.md")).toMatchObject({
      origin: "orphan",
      agent: "tester",
      parts: [{ address: "config/tester/.claude/CLAUDE.md", verdict: "orphan", template: null, draws: [] }],
      run: { command: "apply" },
    });
    expect((await project.run(["why", "agents/tester/.claude/CLAUDE.md"])).stdout).toContain("apply --prune");
  });

  test("the run named is the one that wrote this very key", async () => {
    const project = fleet();
    project.write("desired/registry.yaml", registryText(AGENTS).replace("model: opus", "model: haiku"));
    expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
    const first = await why(project, `${SETTINGS}#/disableAllHooks`);
    const second = await why(project, `${SETTINGS}#/model`);
    expect(first.run?.id).toMatch(/^0001-/);
    expect(second.run?.id).toMatch(/^000[2-9]-/);
  });

  test.each([
    ["a folder of an agent", "agents/tester", { origin: "folder", agent: "tester" }],
    ["the registry", "desired/registry.yaml:3", { origin: "spec" }],
    [
      "a template",
      "templates/CLAUDE.md",
      { origin: "spec", notes: [expect.anything(), expect.stringContaining("3 agents")] },
    ],
    ["the lock file", "agents/rollcall.lock.json", { origin: "record" }],
    ["the ledger", "state/ledger.json", { origin: "record" }],
  ])("%s is named for what it is", async (_what, word, expected) => {
    expect(await why(fleet(), word)).toMatchObject(expected);
  });

  test.each([
    ["a mistyped agent", "agents/planing-agent/.claude/CLAUDE.md", `did you mean ${PAGE}?`],
    ["a mistyped file", ".claude/CLAUD.md", "did you mean", "agents/planning-agent"],
    ["a mistyped key", `${SETTINGS}#/modle`, "did you mean /model?"],
    ["a line behind the end", `${PAGE}:9999`, "there is nothing at line 9999"],
    ["line 0", `${PAGE}:0`, "lines count from 1"],
    ["a key of a page", `${PAGE}#/model`, "there is nothing at /model"],
    ["a key of a hook", "agents/planning-agent/.claude/hooks/auto-deny#/x", "has no keys"],
  ])("%s is a usage error that helps", async (_what, word, message, cwd?: string) => {
    const ran = await fleet().run(["why", word], cwd === undefined ? {} : { cwd });
    expect(ran).toMatchObject({ code: 64, stdout: "" });
    expect(ran.stderr).toContain(message);
  });
});
