// Commands typed in a folder that belongs to no fleet project: one line that says so, as git does it.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject } from "../support/project-fixture.ts";

const LINE = "no fleet project here or in a parent folder; `rollcall init` makes one, `--chdir DIR` names one\n";

const ROLLCALL = [
  ["plan"],
  ["apply", "-y"],
  ["verify"],
  ["reconcile"],
  ["status"],
  ["list"],
  ["validate"],
  ["start", "planner"],
  ["stop", "planner"],
  ["send", "planner", "hello"],
  ["logs", "planner"],
  ["adopt", "-y"],
  ["hold", "planner"],
  ["release", "planner"],
  ["history"],
  ["show", "0001"],
  ["undo", "0001"],
  ["why", "agents/planner/.claude/CLAUDE.md"],
  ["unlock"],
];

test.each(ROLLCALL)("rollcall %s", async (...args: string[]) => {
  const project = openProject();
  expect(await project.run(args)).toMatchObject({ code: 1, stdout: "", stderr: LINE });
});

test.each([["list"], ["status"], ["create", "planner"], ["generate"], ["kill", "--all"]])(
  "claude-agent %s",
  async (...args: string[]) => {
    const project = openProject();
    expect(await project.run(args, { command: "claude-agent" })).toMatchObject({ code: 1, stdout: "", stderr: LINE });
  },
);

test("as a document: one error without diagnostics", async () => {
  const project = openProject();
  const ran = await project.run(["status", "-o", "json"]);
  expect(ran).toMatchObject({ code: 1, stderr: "" });
  expect(ran.json()).toEqual({
    kind: "error",
    formatVersion: "1.0",
    code: "E027",
    message: LINE.trim(),
    diagnostics: [],
  });
});

test("what needs no project works: init, explain, schema; doctor names the project as what is missing", async () => {
  const project = openProject();
  for (const args of [["explain", "E027"], ["schema"], ["--version"], ["--help"]])
    expect((await project.run(args)).code, args.join(" ")).toBe(0);
  const doctor = await project.run(["doctor"]);
  expect(doctor.stdout).toMatch(/^error +project +no fleet project/m);
  expect(doctor.stdout).not.toMatch(/E10[12]/);
  expect((await project.run(["init"])).code).toBe(0);
  expect((await project.run(["plan", "--files-only"])).code).toBe(0);
});

test("a project that lacks its registry or its templates is one: each is named", async () => {
  const project = openProject({ files: fleetFiles() });
  project.remove("desired/registry.yaml");
  project.remove("templates");
  const { code, stderr } = await project.run(["plan"]);
  expect(code).toBe(1);
  expect(stderr).toContain("registry not found");
  expect(stderr).toContain("template not found");
  // Named by hand, a folder is taken at its word.
  const named = await openProject().run(["plan"], { env: { PROJECT_ROOT: "." } });
  expect(named.stderr).toContain("registry not found");
});
