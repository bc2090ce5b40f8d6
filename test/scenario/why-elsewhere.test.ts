// `why` away from the usual: before the first apply, in shared pages, in folders that leave, in the original's layout.
import { symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { ORIGINAL_FILES } from "../support/legacy-project.ts";
import { openProject } from "../support/project-fixture.ts";
import { lineWith, why } from "../support/why-fixture.ts";

const SETTINGS = "agents/planning-agent/.claude/settings.json";

test("before the first apply it is missing, and nothing wrote it", async () => {
  const project = openProject({ files: fleetFiles() });
  expect(await why(project, `${SETTINGS}#/model`)).toMatchObject({
    origin: "rendered",
    run: null,
    parts: [{ verdict: "missing", template: { line: 2 } }],
    notes: [expect.stringContaining("nothing is recorded")],
  });
});

test("in a shared page the lines between the marks are ours, the others a person's", async () => {
  const files = ["files:", "  - { template: CLAUDE.md, target: CLAUDE.md, merge: block }"];
  const project = openProject({ files: fleetFiles({ agents: [...PAIR], fleet: files }) });
  project.write("agents/planning-agent/CLAUDE.md", "# My own words\n\nkeep them\n");
  expect((await project.run(["apply", "-y", "--files-only", "--overwrite"])).code).toBe(0);
  const page = "agents/planning-agent/CLAUDE.md";
  expect(await why(project, `${page}:1`)).toMatchObject({ origin: "foreign", parts: [] });
  const ours = await why(project, `${page}:${lineWith(project, page, "## Tools")}`);
  expect(ours).toMatchObject({ origin: "rendered", parts: [{ verdict: "in-sync" }] });
  expect(ours.declared?.at).toMatchObject({ file: "desired/fleet.yaml", line: 7 });
});

test("folders that leave, have left or stay by rule are named with their rule", async () => {
  const fleet = [
    "retire:",
    "  label: spring",
    "  archive: [{ dir: planning, replaced_by: planning-agent }]",
    "  keep: [windows]",
  ];
  const project = openProject({ files: fleetFiles({ fleet }) });
  for (const folder of ["planning", "windows", "mem0"]) project.write(`agents/${folder}/notes.md`, `${folder}\n`);
  expect(await why(project, "agents/planning/notes.md")).toMatchObject({
    origin: "retired",
    declared: { field: "fleet.retire.archive", at: { file: "desired/fleet.yaml", line: 8 } },
  });
  expect(await why(project, "agents/windows")).toMatchObject({
    origin: "retired",
    notes: [expect.stringContaining("kept")],
  });
  expect(await why(project, "agents/mem0/notes.md")).toMatchObject({ origin: "unmanaged" });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(await why(project, "agents/archive/spring/planning/notes.md")).toMatchObject({ origin: "archived" });
});

test("in the original's layout the old variables lead to the registry as well", async () => {
  const project = openProject({ files: ORIGINAL_FILES });
  await project.run(["apply", "-y", "--files-only", "--overwrite"]);
  const page = "agents/backend-agent/.claude/CLAUDE.md";
  const answer = await why(project, `${page}:${lineWith(project, page, "**model**")}`);
  expect(answer.parts[0]?.template?.file).toBe("scripts/native-orchestrator/templates/CLAUDE.md.template");
  expect(answer.parts[0]?.draws.map((one) => [one.field, one.at?.file])).toEqual([
    ["agent.name", "agents/registry.yaml"],
    ["agent.model", "agents/registry.yaml"],
  ]);
  const key = await why(project, "agents/backend-agent/.claude/settings.json#/projectInfo/description");
  expect(key.parts[0]?.draws).toMatchObject([
    { field: "agent.description", at: { text: expect.stringContaining("server side") } },
  ]);
});

test("a file is found from a folder one reached by a link, and one outside of the project is nobody's", async () => {
  const project = openProject({ files: fleetFiles() });
  symlinkSync(project.root, `${project.home}/fleet`);
  const ran = await project.run([
    "--chdir",
    `${project.home}/fleet/desired`,
    "why",
    "../agents/planning-agent/.claude/CLAUDE.md",
  ]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain("config/planning-agent/.claude/CLAUDE.md missing");
  project.write("../home/letter.txt", "dear diary\n");
  const letter = await why(project, `${project.home}/letter.txt`);
  expect(letter).toMatchObject({ origin: "unmanaged", file: `${project.home}/letter.txt` });
});
