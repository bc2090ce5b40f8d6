// Inputs that look bad and are not, or are only warned of: they do what they say, and nothing else.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { planShape } from "../../support/documents.ts";
import { fleetFiles, registryText } from "../../support/fleets.ts";
import { openProject } from "../../support/project-fixture.ts";
import { until } from "../../support/session-fixture.ts";
import { convergedProject } from "../../support/shared-project.ts";

const REGISTRY = "desired/registry.yaml";
const FLEET = "desired/fleet.yaml";
const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const fleet = convergedProject({ files: fleetFiles() });

const dos = (text: string): string => `\ufeff${text.replaceAll("\n", "\r\n")}`;

test("a spec and templates with a byte order mark and CRLF mean the same; what is rendered has LF (row 17)", async () => {
  const project = fleet();
  for (const path of [REGISTRY, FLEET, "templates/CLAUDE.md", "templates/settings.json"]) {
    project.write(path, dos(project.read(path)));
  }
  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
  project.remove("agents");
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  const rendered = project.read(MEMORY);
  expect(rendered).not.toMatch(/[\r\ufeff]/);
  expect(project.read("agents/backend-agent/.claude/settings.json")).not.toMatch(/[\r\ufeff]/);
});

test("in such a file a mistake has its right line and column (row 17)", async () => {
  const project = fleet();
  project.write(REGISTRY, dos(project.read(REGISTRY).replace("tools: [Read, Task]", "tools: yes")));
  project.write("templates/CLAUDE.md", dos("# x\n\nSee {{ agent.modle }}.\n"));
  const { code, stderr } = await project.run(["plan", "--files-only"]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${REGISTRY}:7:12 error E121 `);
  expect(stderr).toContain("templates/CLAUDE.md:3:8 error E202 ");
});

const WORDS = [
  "a b",
  "$(touch pwned)",
  "`touch pwned`",
  ";",
  "touch pwned;",
  "#(touch pwned)",
  "#{pid}",
  "'",
  "*",
  "~",
];

test("words of a session's command arrive as they are written, and none of them is run (row 33)", async () => {
  const command = ["sh", "-c", 'printf "%s\\n" "$@" > got.tmp; mv got.tmp got; exec sleep 100000', "sh", ...WORDS];
  const project = openProject({ files: fleetFiles({ agents: [{ name: "planning-agent" }], command }) });
  const applied = await project.run(["apply", "-y"]);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const got = project.path("agents/planning-agent/got");
  await until("the command has said what it got", () => existsSync(got));
  expect(readFileSync(got, "utf8").split("\n").slice(0, -1)).toEqual(WORDS);
  expect(existsSync(project.path("agents/planning-agent/pwned")) || existsSync("/pwned")).toBe(false);
  expect((await project.run(["plan", "--detailed-exitcode"])).code).toBe(0);
});

test("deleting agent-1 leaves agent-10 and its session alone (row 24)", async () => {
  const agents = ["agent-1", "agent-10", "agent-100"].map((name) => ({ name }));
  const project = openProject({ files: fleetFiles({ agents, command: ["sleep", "100000"] }) });
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  const panes = (): string[] =>
    project.tmux(["list-panes", "-a", "-F", "#{session_name} #{session_id} #{pane_pid}"]).split("\n").sort();
  const before = panes();
  project.write(REGISTRY, registryText(agents.slice(1)));
  const pruned = await project.run(["apply", "-y", "--prune", "--force", "--allow-delete", "1"]);
  expect(pruned.code, pruned.stdout + pruned.stderr).toBe(0);
  expect(panes()).toEqual(before.filter((line) => !line.startsWith("iw-agent-1 ")));
  expect(project.exists("agents/agent-1/.claude")).toBe(false);
  expect(project.exists("agents/agent-10/.claude/CLAUDE.md")).toBe(true);
});

test("a glob that is prose, and a circle of delegation, are warned of with their places (rows 64, 65)", async () => {
  const project = fleet();
  const agents = [
    { name: "planning-agent", more: ["delegates_to: [backend-agent]", 'cannot_access: ["the test files"]'] },
    { name: "backend-agent", more: ["delegates_to: [planning-agent]"] },
  ];
  project.write(REGISTRY, registryText(agents));
  const { code, stderr, stdout } = await project.run(["plan", "--files-only"]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^desired\/registry\.yaml:9:21 warning W\d{3} .*the test files/m);
  expect(stderr).toMatch(/^desired\/registry\.yaml:\d+:\d+ warning W\d{3} .*(circle|cycle)/m);
  expect(stdout).toMatch(/^Plan: /m);
  const json = await project.run(["plan", "--files-only", "-o", "json"]);
  expect(planShape.parse(json.json()).warnings.map(({ line }) => line)).toContain(9);
});
