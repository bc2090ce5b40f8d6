// What fleet.yaml can ask for: blocks, reports, strictness, retired agents, secrets; each as a person meets it.
import { expect, test } from "vitest";
import { errorShape, planShape, runShape } from "../support/documents.ts";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project, type Ran } from "../support/project-fixture.ts";
import { beforeImages, convergedProject } from "../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const SETTINGS = "agents/backend-agent/.claude/settings.json";
const fleet = convergedProject({ files: fleetFiles() });

const apply = (project: Project, ...more: string[]): Promise<Ran> =>
  project.run(["apply", "-y", "--files-only", ...more]);
const detailed = async (project: Project) => {
  const ran = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  return { code: ran.code, plan: planShape.parse(ran.json()) };
};

const BLOCKS = `files:
  - { template: settings.json, target: .claude/settings.json, merge: keys }
  - { template: CLAUDE.md, target: .claude/CLAUDE.md, merge: block }`;

test("merge: block owns the lines between its marks; a person's lines around them stay, byte for byte", async () => {
  const project = openProject({ files: fleetFiles({ fleet: [BLOCKS] }) });
  expect((await apply(project)).code).toBe(0);
  const ours = project.read(MEMORY);
  expect(ours).toMatch(/^<!-- rollcall:begin -->\n[\s\S]*\n<!-- rollcall:end -->\n$/);
  const mine = `# My notes\r\n\r\n${ours}\nand more, without an end`;
  project.write(MEMORY, mine);
  expect((await detailed(project)).code).toBe(0);
  await expectUntouched(project.path("agents"), () => apply(project));

  project.write(MEMORY, mine.replace("Does the work", "Does no work"));
  const { code, plan } = await detailed(project);
  expect(code).toBe(2);
  expect(plan.actions).toMatchObject([{ verdict: "tampered", reason: expect.stringContaining("block in CLAUDE.md") }]);
  expect((await apply(project)).code).toBe(0);
  expect(project.read(MEMORY)).toBe(mine);

  project.write(MEMORY, mine.replace("<!-- rollcall:end -->\n", ""));
  expect((await apply(project)).code).toBe(0);
  expect(project.read(MEMORY)).toContain("# My notes\r\n");
  expect(project.read(MEMORY)).toContain("and more, without an end");
  expect((await detailed(project)).code).toBe(0);
});

test("an agent taken out of the registry loses its block with --prune, and its person keeps the rest", async () => {
  const project = openProject({ files: fleetFiles({ fleet: [BLOCKS] }) });
  await apply(project);
  project.write(MEMORY, `# My notes\n${project.read(MEMORY)}`);
  project.write("desired/registry.yaml", registryText([{ name: "planning-agent", tools: ["Read"] }]));
  const pruned = await apply(project, "--prune");
  expect(pruned.code, pruned.stdout).toBe(0);
  expect(project.read(MEMORY)).toBe("# My notes\n");
  expect(project.exists(SETTINGS)).toBe(false);
});

test("enforce: report says what differs and changes nothing: deferred, exit 2 for a plan, 0 for an apply", async () => {
  const project = fleet();
  project.write(MEMORY, "# Other words\n");
  project.write("desired/fleet.yaml", `${project.read("desired/fleet.yaml")}policy: { enforce: { config: report } }\n`);
  const { code, plan } = await detailed(project);
  expect(code).toBe(2);
  expect(plan.actions).toEqual([]);
  expect(plan.deferred).toMatchObject([
    { address: "config/backend-agent/.claude/CLAUDE.md", reason: expect.stringContaining("report") },
  ]);
  const applied = await apply(project, "-o", "json");
  expect(applied.code).toBe(0);
  expect(runShape.parse(applied.json()).converged).toBe(false);
  expect(project.read(MEMORY)).toBe("# Other words\n");
});

test("settings that the client would drop are an error before anything is written; warn lets them through", async () => {
  const project = fleet();
  const template = JSON.parse(project.read("templates/settings.json"));
  template.cleanupPeriodDays = "thirty";
  project.write("templates/settings.json", JSON.stringify(template, null, 2));
  const strict = await expectUntouched(project.root, () => project.run(["plan", "--files-only", "-o", "json"]));
  expect(strict.code).toBe(1);
  const line =
    project
      .read("templates/settings.json")
      .split("\n")
      .findIndex((one) => one.includes("cleanup")) + 1;
  expect(errorShape.parse(strict.json()).diagnostics).toMatchObject([
    {
      code: "E650",
      file: "templates/settings.json",
      line,
      col: 24,
      message: expect.stringContaining("/cleanupPeriodDays"),
    },
  ]);
  project.write("desired/fleet.yaml", `${project.read("desired/fleet.yaml")}policy: { client_schema: warn }\n`);
  const lenient = await project.run(["plan", "--files-only"]);
  expect(lenient.code).toBe(0);
  expect(lenient.stderr).toMatch(/W660/);
});

test("a secret in the settings' env is shown as a digest in every form, and is not in the records", async () => {
  const secret = "hunter2-hunter2";
  const project = fleet();
  const template = JSON.parse(project.read("templates/settings.json"));
  project.write("templates/settings.json", JSON.stringify({ ...template, env: { API_TOKEN: secret, PAGER: "less" } }));
  const outputs = [
    await project.run(["plan", "-v", "--files-only"]),
    await project.run(["plan", "--files-only", "-o", "json", "--out", "saved.json"]),
    await project.run(["plan", "--files-only", "-o", "markdown"]),
    await project.run(["verify", "--files-only"]),
    await apply(project, "-v"),
  ];
  expect(outputs[0]?.stdout).toContain("/env/PAGER");
  for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toContain(secret);
  expect(project.read("saved.json")).not.toContain(secret);
  expect(JSON.parse(project.read(SETTINGS)).env).toEqual({ API_TOKEN: secret, PAGER: "less" });
  project.write(SETTINGS, project.read(SETTINGS).replace(secret, `${secret}-changed`));
  const tampered = await project.run(["plan", "-v", "--files-only", "-o", "json"]);
  expect(tampered.stdout).not.toContain(secret);
  expect(project.read("agents/rollcall.lock.json")).not.toContain(secret);
  expect(project.read("state/ledger.json")).not.toContain(secret);
});

test("old folders are archived with an index, kept folders stay, an agent's folder is never moved", async () => {
  const retire = `retire:
  label: v1
  archive: [{ dir: backend, replaced_by: backend-agent }]
  delete: [junk]
  keep: [windows]`;
  const project = openProject({
    files: { ...fleetFiles({ fleet: [retire] }), "docs/how.md": "see agents/backend/run.sh\n" },
  });
  project.write("agents/backend/run.sh", "#!/bin/sh\n", 0o755);
  project.write("agents/junk/x", "junk\n");
  project.write("agents/windows/x", "kept\n");
  project.write("agents/mem0/x", "nobody listed it\n");
  const { code, plan } = await detailed(project);
  expect(code).toBe(2);
  expect(plan.actions.filter((one) => one.kind === "retired").map((one) => `${one.action} ${one.address}`)).toEqual([
    "archive retired/-/backend",
    "delete retired/-/junk",
  ]);
  expect(plan.unmanaged).toEqual(["agents/mem0"]);
  const applied = await apply(project);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  expect(project.read("agents/archive/v1/backend/run.sh")).toBe("#!/bin/sh\n");
  expect(project.read("agents/archive/v1/INDEX.md")).toMatch(/backend[\s\S]*backend-agent/);
  expect(project.exists("agents/backend") || project.exists("agents/junk")).toBe(false);
  expect(project.exists("agents/windows/x") && project.exists("agents/mem0/x")).toBe(true);
  expect(Object.values(beforeImages(project))).toContain("junk\n");
  expect((await detailed(project)).code).toBe(0);

  project.write(
    "desired/fleet.yaml",
    project.read("desired/fleet.yaml").replace("dir: backend,", "dir: planning-agent,"),
  );
  const wrong = await expectUntouched(project.path("agents"), () => apply(project));
  expect([1, 3]).toContain(wrong.code);
  expect(project.exists("agents/planning-agent/.claude/CLAUDE.md")).toBe(true);
});

test("a registry may be a folder of files; one agent in two of them is an error that names both", async () => {
  const files = fleetFiles();
  const { "desired/registry.yaml": _, ...rest } = files;
  const project = openProject({ files: rest });
  project.write("desired/registry/a.yaml", registryText(PAIR.slice(0, 1)));
  project.write("desired/registry/b.yaml", registryText(PAIR.slice(1)));
  expect((await apply(project)).code).toBe(0);
  project.write("desired/registry/c.yaml", registryText(PAIR.slice(1)));
  const ran = await expectUntouched(project.root, () => project.run(["plan"]));
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/desired\/registry\/c\.yaml:2:3[\s\S]*desired\/registry\/b\.yaml:2:3/);
});
