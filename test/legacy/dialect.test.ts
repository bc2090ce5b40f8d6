// The ${NAME} dialect: templates in the spirit of the system we replace, rendered soundly, each of its old flaws a case.
import { describe, expect, test } from "vitest";
import { renderFleet } from "../../src/input/template/render.ts";
import { agentSpec, buildSpec, file, MACHINE, type SpecParts } from "../support/spec-builders.ts";

/** The flat settings and the page of the old system, in its shapes. */
const SETTINGS = `{
  "hooks": {
    "PreToolUse": [
      { "command": "\${PROJECT_ROOT}/agents/\${AGENT_NAME}/.claude/hooks/auto-deny.py", "description": "Guards \${AGENT_DISPLAY_NAME}" }
    ]
  },
  "contextFiles": ["CLAUDE.md", "\${PROJECT_ROOT}/.project-context.md"],
  "projectInfo": { "name": "\${AGENT_DISPLAY_NAME}", "type": "fleet", "description": "\${AGENT_DESCRIPTION}" }
}
`;

const PAGE = `# \${AGENT_DISPLAY_NAME} (\${AGENT_MODEL})
Persona: \`\${PERSONA_PATH}\`
Tools: \${AGENT_TOOLS_LIST}
Closed:
\${AGENT_CANNOT_ACCESS_LIST}
Own:
\${AGENT_EXCLUSIVE_ACCESS_LIST}
\${AGENT_DELEGATION_RULES}
Duties:
\${AGENT_RESPONSIBILITIES_LIST}
Never:
\${AGENT_FORBIDDEN_LIST}
Built: \${BUILD_TIMESTAMP} in $HOME, not \${} nor {{ agent.name }}
`;

const oldFleet = (parts: SpecParts = {}) =>
  buildSpec({
    agents: [agentSpec({ cannotAccess: ["src/**", "*.sql"], delegatesTo: ["printer", "archivist"] })],
    files: [
      file("settings.json.template", { target: ".claude/settings.json", merge: "keys" }),
      file("CLAUDE.md.template", { target: ".claude/CLAUDE.md" }),
    ],
    templates: { "settings.json.template": SETTINGS, "CLAUDE.md.template": PAGE },
    machine: { ...MACHINE, layout: "original" },
    ...parts,
  });

const rendered = async (parts: SpecParts = {}) => {
  const { fleet, diagnostics } = await renderFleet(oldFleet(parts));
  const [settings, page] = fleet?.agents[0]?.files ?? [];
  return { settings, page, diagnostics };
};

const onePage = (text: string, parts: SpecParts = {}) =>
  renderFleet(
    oldFleet({
      files: [file("page.md.template", { target: "page.md" })],
      templates: { "page.md.template": text },
      ...parts,
    }),
  );

describe("the old system's templates", () => {
  test("render with all their variables, lists with real line breaks", async () => {
    const { page, settings } = await rendered();
    expect(page?.text.replace(/Built: [0-9a-f]{12} /, "Built: DIGEST ")).toBe(`# Editor (opus)
Persona: \`/srv/newsroom/docs/agents/editor/editor-agent.md\`
Tools: Bash, Edit, Read
Closed:
- *.sql
- src/**
Own:
(none)
May delegate to:
- archivist
- printer
Duties:
- Check names and numbers.
Never:
- Inventing quotations.
Built: DIGEST in $HOME, not \${} nor {{ agent.name }}
`);
    expect(settings?.json).toEqual({
      hooks: {
        PreToolUse: [
          { command: "/srv/newsroom/agents/editor/.claude/hooks/auto-deny.py", description: "Guards Editor" },
        ],
      },
      contextFiles: ["CLAUDE.md", "/srv/newsroom/.project-context.md"],
      projectInfo: { name: "Editor", type: "fleet", description: "Reads every article before it is printed." },
    });
  });

  test("an agent that delegates to nobody has a sentence, not an empty place", async () => {
    expect((await rendered({ agents: [agentSpec()] })).page?.text).toContain("\nDelegates to nobody.\n");
  });

  test("personas are looked for where TEF_ROOT says", async () => {
    const machine = { ...MACHINE, variables: { TEF_ROOT: "/srv/personas" } };
    expect((await rendered({ machine })).page?.text).toContain("`/srv/personas/docs/agents/editor/editor-agent.md`");
  });

  test("a quote, a backslash or a line break in a description cannot break the settings", async () => {
    const description = 'He said "print it" \\ twice\n${AGENT_NAME} {{ agent.name }}';
    const { settings } = await rendered({ agents: [agentSpec({ description })] });
    expect(settings?.json).toMatchObject({ projectInfo: { description } });
    expect(JSON.parse(settings?.text ?? "")).toEqual(settings?.json);
  });

  test("the build stamp moves with the agent's values and with nothing else", async () => {
    const stamp = async (parts: SpecParts) =>
      /Built: ([0-9a-f]{12}) /.exec((await rendered(parts)).page?.text ?? "")?.[1];
    const before = await stamp({ agents: [agentSpec()] });
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    expect(await stamp({ agents: [agentSpec()] })).toBe(before);
    const elsewhere = { ...MACHINE, folders: { ...MACHINE.folders, root: "/home/ann/newsroom" } };
    expect(await stamp({ agents: [agentSpec()], machine: elsewhere })).toBe(before);
    expect(await stamp({ agents: [agentSpec(), agentSpec({ name: "printer" })] })).toBe(before);
    expect(await stamp({ agents: [agentSpec({ model: "haiku" })] })).not.toBe(before);
  });

  test("a machine's path in a committed file is a warning at its place; in a local one it is not", async () => {
    const { diagnostics } = await rendered();
    expect(diagnostics.map((one) => `${one.code} ${one.file}:${one.line}:${one.col}`)).toEqual([
      "W202 templates/CLAUDE.md.template:2:11",
      "W202 templates/settings.json.template:4:21",
      "W202 templates/settings.json.template:7:34",
    ]);
    const local = await onePage("${PROJECT_ROOT}", { files: [file("page.md.template", { target: "page.local.md" })] });
    expect(local.diagnostics.filter((one) => one.code === "W202")).toEqual([]);
  });
});

describe("a template of the old system that is wrong", () => {
  test("an unknown variable is an error with its place, never an empty text", async () => {
    const { fleet, diagnostics } = await onePage("a\n  ${AGENT_MODLE} and ${HOME}");
    expect(fleet).toBeNull();
    expect(diagnostics).toMatchObject([
      {
        code: "E215",
        file: "templates/page.md.template",
        line: 2,
        col: 3,
        message: 'unknown variable "${AGENT_MODLE}"',
      },
      { code: "E215", line: 2, col: 22, message: 'unknown variable "${HOME}"' },
    ]);
    expect(diagnostics[0]?.hint).toBe("did you mean AGENT_MODEL?");
  });

  test("a prototype's name is unknown, a name of the configuration is known", async () => {
    expect((await onePage("${constructor}")).diagnostics).toMatchObject([{ code: "E215" }]);
    const machine = { ...MACHINE, variables: { DESK: "night" } };
    const { fleet } = await onePage("${DESK} $DESK", { machine });
    expect(fleet?.agents[0]?.files[0]?.text).toBe("night $DESK");
  });

  test("list contents outside of a string are an error with its place, and the hint shows the way", async () => {
    const { diagnostics } = await renderFleet(
      oldFleet({
        files: [file("s.json.template", { target: "s.json" })],
        templates: { "s.json.template": '{\n  "tools": [${AGENT_TOOLS_LIST}]\n}' },
      }),
    );
    expect(diagnostics).toMatchObject([{ code: "E210", file: "templates/s.json.template", line: 2, col: 13 }]);
    expect(diagnostics[0]?.hint).toBe('a variable stands inside a string here: "${NAME}"');
  });

  test("the model, which nothing shows, is a warning: changing it would change no file", async () => {
    const page = PAGE.replace("${AGENT_MODEL}", "");
    const { diagnostics } = await rendered({
      templates: { "settings.json.template": SETTINGS, "CLAUDE.md.template": page },
    });
    expect(diagnostics.filter((one) => one.code === "W203")).toMatchObject([
      {
        severity: "warning",
        file: "desired/registry.yaml",
        line: 2,
        col: 3,
        message: expect.stringContaining("model is set for 1 agent "),
      },
    ]);
  });
});
