// A spec with mistakes in it: every one with its place, all at once, exit 1, and nothing written.
import { expect, test } from "vitest";
import { errorShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const REGISTRY = "desired/registry.yaml";
const FLEET = "desired/fleet.yaml";
const fleet = convergedProject({ files: fleetFiles() });

interface Case {
  readonly what: string;
  readonly spoil: (project: Project) => void;
  /** Every error, as `file:line:col code words`. */
  readonly told: readonly RegExp[];
  readonly hint?: RegExp;
}

/** The line of a registry where the backend agent's own lines begin. */
const BACKEND = 9;

const CASES: readonly Case[] = [
  {
    what: "a missing registry",
    spoil: (project) => project.remove(REGISTRY),
    told: [/^desired\/registry\.yaml:1:1 E101 registry not found/],
    hint: /rollcall init/,
  },
  {
    what: "YAML with an unclosed quote",
    spoil: (project) =>
      project.edit(REGISTRY, "model: opus\n    tools: [Read, Task]", 'model: "opus\n    tools: [Read]'),
    told: [/^desired\/registry\.yaml:6:12 E110 .*closing "quote: opened here/],
  },
  {
    what: "no `agents`",
    spoil: (project) => project.write(REGISTRY, "# nothing yet\nversion: 1\n"),
    told: [/^desired\/registry\.yaml:\d+:\d+ E103 no agents declared/],
    hint: /never read as deleting all/,
  },
  {
    what: "an empty file",
    spoil: (project) => project.write(REGISTRY, ""),
    told: [/^desired\/registry\.yaml:1:1 E103 no agents declared/],
  },
  {
    what: "a wrong type",
    spoil: (project) => project.edit(REGISTRY, "tools: [Read, Task]", "tools: yes"),
    told: [/^desired\/registry\.yaml:7:12 E121 .*tools: expected a list, found the text "yes"/],
    hint: /use a list/,
  },
  {
    what: "an unknown key",
    spoil: (project) => project.edit(REGISTRY, "delegates_to:", "delegate_to:"),
    told: [/^desired\/registry\.yaml:8:5 E120 unknown field "delegate_to"/],
    hint: /did you mean `delegates_to`\?/,
  },
  {
    what: "an unknown delegate",
    spoil: (project) => project.edit(REGISTRY, "[backend-agent]", "[backend-agent, backend-agnet]"),
    told: [/^desired\/registry\.yaml:8:35 E104 delegates_to names an unknown agent "backend-agnet"/],
    hint: /did you mean backend-agent\?/,
  },
  {
    what: "a key that is not the name",
    spoil: (project) => project.edit(REGISTRY, "name: backend-agent\n", "name: backend\n"),
    told: [new RegExp(`^desired/registry\\.yaml:${BACKEND + 1}:11 E130 the name "backend" is not its key`)],
  },
  {
    what: "a name that leads out of the folder",
    spoil: (project) =>
      project.write(
        REGISTRY,
        project.read(REGISTRY).replaceAll("  backend-agent:", "  ../x:").replace("name: backend-agent", "name: ../x"),
      ),
    told: [
      /^desired\/registry\.yaml:8:20 E104 /,
      new RegExp(`^desired/registry\\.yaml:${BACKEND}:3 E126 "\\.\\./x": a name must match`),
      new RegExp(`^desired/registry\\.yaml:${BACKEND + 1}:11 E126 `),
    ],
  },
  {
    what: "a missing template",
    spoil: (project) => project.remove("templates/CLAUDE.md"),
    told: [/^desired\/fleet\.yaml:\d+:\d+ E102 template not found: templates\/CLAUDE\.md/],
  },
  {
    what: "an unknown variable in a template",
    spoil: (project) => project.write("templates/CLAUDE.md", "# {{ agent.display_name }}\n\nSee {{ agent.modle }}.\n"),
    told: [/^templates\/CLAUDE\.md:3:\d+ E202 unknown variable "agent\.modle"/],
    hint: /did you mean .*model/,
  },
  {
    what: "an agent that is null",
    spoil: (project) => project.write(REGISTRY, `${project.read(REGISTRY)}  seo-agent:\n`),
    told: [
      /^desired\/registry\.yaml:16:3 E121 seo-agent: expected a map, found nothing|^desired\/registry\.yaml:\d+:\d+ E121/,
    ],
  },
  {
    what: "a mode that is a number (row 63)",
    spoil: (project) =>
      project.write(FLEET, `${project.read(FLEET)}files: [{ template: CLAUDE.md, target: CLAUDE.md, mode: 0644 }]\n`),
    told: [/^desired\/fleet\.yaml:\d+:\d+ E\d{3} .*mode/],
    hint: /quote|"0644"/,
  },
];

test.each(CASES)("$what: told with its place, exit 1, nothing written", async ({ spoil, told, hint }) => {
  const project = fleet();
  spoil(project);
  const text = await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  expect(text).toMatchObject({ code: 1, stdout: "" });
  expect(text.stderr).not.toMatch(/^\s+at |node:internal|dist\//m);
  const json = await expectUntouched(project.root, () => project.run(["plan", "--files-only", "-o", "json"]));
  expect(json).toMatchObject({ code: 1, stderr: "" });
  const { diagnostics } = errorShape.parse(json.json());
  const errors = diagnostics.filter((one) => one.severity === "error");
  expect(errors.map(({ file, line, col, code, message }) => `${file}:${line}:${col} ${code} ${message}`)).toEqual(
    told.map((pattern) => expect.stringMatching(pattern)),
  );
  for (const one of errors) {
    expect(text.stderr).toContain(`${one.file}:${one.line}:${one.col} error ${one.code} `);
    const explained = `rollcall explain ${one.code}`;
    expect(one.hint ?? explained).toMatch(hint ?? /./);
  }
});

test("mistakes in the registry, in fleet.yaml and in a template are told together", async () => {
  const project = fleet();
  project.edit(REGISTRY, "tools: [Read, Task]", "tools: yes");
  project.edit(REGISTRY, 'cannot_access: ["frontend/**"', 'cannot_acces: ["frontend/**"');
  project.write(FLEET, `${project.read(FLEET)}polcy: { parallelism: 3 }\n`);
  project.write("templates/CLAUDE.md", "# {{ agent.name }}\n{{ agent.modle }}\n");
  project.write("templates/settings.local.json", '{\n  "a": "{% nosuch %}"\n}\n');
  const places = [
    `${FLEET}:6:1 error E120`,
    `${REGISTRY}:7:12 error E121`,
    `${REGISTRY}:15:5 error E120`,
    "templates/CLAUDE.md:2:4 error E202",
    "templates/settings.local.json:2:9 error E204",
  ];
  for (const command of [["plan"], ["apply", "-y"], ["validate"], ["verify"]]) {
    const ran = await expectUntouched(project.root, () => project.run(command));
    expect(ran, command.join(" ")).toMatchObject({ code: 1, stdout: "" });
    for (const place of places) expect(ran.stderr, command.join(" ")).toContain(place);
    expect(ran.stderr).toContain("5 errors in the specification; nothing was written");
  }
  const reconciled = await expectUntouched(project.root, () => project.run(["reconcile"]));
  expect(reconciled).toMatchObject({ code: 1, stdout: "Nothing to heal.\n" });
  for (const place of places) expect(reconciled.stderr).toContain(place);
  const status = await expectUntouched(project.root, () => project.run(["status"]));
  expect(status.code).toBe(0);
  expect(status.stderr).toMatch(/^desired\/fleet\.yaml:6:1 error E120 .* \(and 4 more: rollcall validate\).*\n$/);
});

test("a text error shows the line and a caret under the place", async () => {
  const project = fleet();
  project.edit(REGISTRY, "tools: [Read, Task]", "tools: yes");
  const { stderr } = await project.run(["validate"]);
  expect(stderr.split("\n").slice(1, 3)).toEqual(["  7 |     tools: yes", "    |            ^"]);
});

test("a folder that is no project says how to begin, and stays empty", async () => {
  const project = openProject();
  const ran = await expectUntouched(project.root, () => project.run(["apply", "-y"]));
  expect(ran).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("rollcall init") });
});
