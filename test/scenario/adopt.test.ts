// What a person or the client changed, and we want something else as well: blocked until adopted, or overwritten by will.
import { expect, test } from "vitest";
import { errorShape, planShape, runShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, type Project } from "../support/project-fixture.ts";
import { beforeImages, convergedProject } from "../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const SETTINGS = "agents/backend-agent/.claude/settings.json";
const fleet = convergedProject({ files: fleetFiles() });
const RECORDS = { except: ["state", "agents/rollcall.lock.json"] };

/** The model was changed on disk, and another one in the registry; the planner's only in the registry. */
function bothChangeTheModel(project: Project): void {
  project.edit(SETTINGS, '"opus"', '"sonnet"');
  project.write("desired/registry.yaml", project.read("desired/registry.yaml").replaceAll("opus", "haiku"));
}

const model = (project: Project): string => JSON.parse(project.read(SETTINGS)).model;
const plan = async (project: Project, ...more: string[]) =>
  planShape.parse((await project.run(["plan", "--files-only", "-o", "json", ...more])).json());

test("a key changed on both sides is conflicting at its pointer: blocked, shown with both values, exit 3", async () => {
  const project = fleet();
  bothChangeTheModel(project);
  const text = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(text.code).toBe(3);
  expect(text.stdout).toContain("config/backend-agent/.claude/settings.json#/model conflicting:");
  expect(text.stdout).toContain('~ /model: "sonnet" → "haiku"');
  const found = await plan(project);
  expect(found.blocked).toMatchObject([
    { address: "config/backend-agent/.claude/settings.json#/model", verdict: "conflicting" },
  ]);
  expect(found.actions.map(({ address }) => address)).toEqual(["config/planning-agent/.claude/settings.json"]);

  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code).toBe(3);
  expect(model(project)).toBe("sonnet");
  expect(JSON.parse(project.read(SETTINGS.replace("backend", "planning"))).model).toBe("haiku");
});

test("the free keys of a file with a blocked one are done all the same", async () => {
  const project = fleet();
  bothChangeTheModel(project);
  project.edit(SETTINGS, '"disableAllHooks": false', '"disableAllHooks": true');
  const found = await plan(project, "backend-agent");
  expect(found.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "tampered config/backend-agent/.claude/settings.json",
  ]);
  expect(found.actions[0]?.changes.map(({ path }) => path)).toEqual(["/disableAllHooks"]);
  expect(found.blocked.map(({ address }) => address)).toEqual(["config/backend-agent/.claude/settings.json#/model"]);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(3);
  expect(JSON.parse(project.read(SETTINGS))).toMatchObject({ model: "sonnet", disableAllHooks: false });
});

test("adopting the key changes no file; after it the registry's word wins", async () => {
  const project = fleet();
  bothChangeTheModel(project);
  const pointer = "config/backend-agent/.claude/settings.json#/model";
  const adopted = await expectUntouched(project.root, () => project.run(["adopt", "-y", pointer]), RECORDS);
  expect(adopted.code, adopted.stderr).toBe(0);
  expect(adopted.stdout).toContain("no file was changed");
  const found = await plan(project);
  expect(found.blocked).toEqual([]);
  expect(found.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "pending config/backend-agent/.claude/settings.json",
    "pending config/planning-agent/.claude/settings.json",
  ]);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(model(project)).toBe("haiku");
});

test("adopt without an address takes over everything that is blocked, and nothing that merely drifted", async () => {
  const project = fleet();
  bothChangeTheModel(project);
  project.write("agents/planning-agent/.claude/CLAUDE.md", "# Only tampered with\n");
  const adopted = await project.run(["adopt", "-y", "-o", "json"]);
  expect(adopted.code, adopted.stderr).toBe(0);
  expect(runShape.parse(adopted.json()).outcomes.map(({ address }) => address)).toEqual([
    "config/backend-agent/.claude/settings.json",
  ]);
  const found = await plan(project, "planning-agent");
  expect(found.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toContain(
    "tampered config/planning-agent/.claude/CLAUDE.md",
  );
});

test("nothing to adopt: said so, nothing written, exit 0", async () => {
  const project = fleet();
  const adopted = await expectUntouched(project.root, () => project.run(["adopt", "-y"]));
  expect(adopted).toMatchObject({ code: 0 });
  expect(adopted.stdout).toMatch(/Nothing to adopt/);
});

test("without -y and a terminal adopt writes nothing and exits 64, with one document where JSON was asked for", async () => {
  const project = fleet();
  bothChangeTheModel(project);
  const text = await expectUntouched(project.root, () => project.run(["adopt"]));
  expect(text).toMatchObject({ code: 64, stdout: "" });
  expect(text.stderr).toMatch(/E330/);
  const json = await expectUntouched(project.root, () => project.run(["adopt", "-o", "json"]));
  expect(json.code).toBe(64);
  expect(errorShape.parse(json.json())).toMatchObject({ code: "E330" });
});

test("adopting a file that is away is a usage error with the way out", async () => {
  const project = fleet();
  project.remove(MEMORY);
  const adopted = await project.run(["adopt", "-y", "config/backend-agent/.claude/CLAUDE.md"]);
  expect(adopted).toMatchObject({ code: 64, stdout: "" });
  expect(adopted.stderr).toContain("rollcall apply makes it");
});

test("a CLAUDE.md changed on both sides: --overwrite takes the registry's, the other one is kept", async () => {
  const project = fleet();
  project.write(MEMORY, "# My own words\n");
  project.edit("desired/registry.yaml", "Does the work of the backend-agent", "Does other work of the backend-agent");
  const blocked = await plan(project);
  expect(blocked.blocked).toMatchObject([
    { address: "config/backend-agent/.claude/CLAUDE.md", verdict: "conflicting" },
  ]);
  const overwriting = await plan(project, "--overwrite");
  expect(overwriting.blocked).toEqual([]);
  expect(overwriting.actions).toMatchObject([
    { address: "config/backend-agent/.claude/CLAUDE.md", verdict: "conflicting", action: "update" },
  ]);
  const applied = await project.run(["apply", "-y", "--files-only", "--overwrite"]);
  expect(applied.code, applied.stdout).toBe(0);
  expect(project.read(MEMORY)).toContain("Does other work");
  expect(beforeImages(project)[MEMORY]).toBe("# My own words\n");
});

test("enforcement is never conflicting: a hook changed on both sides is healed without a word of allowance", async () => {
  const project = fleet();
  project.write("agents/backend-agent/.claude/hooks/auto-deny", "#!/bin/sh\nexit 0\n");
  project.edit("desired/registry.yaml", "[Read, Write, Edit]", "[Read, Write]");
  project.edit(SETTINGS, '"Edit(.claude/**)"', '"Edit(x)"');
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stdout).toBe(0);
  expect(project.read("agents/backend-agent/.claude/hooks/auto-deny").length).toBeGreaterThan(1000);
  const { deny } = JSON.parse(project.read(SETTINGS)).permissions;
  expect(deny).toContain("Edit(.claude/**)");
});

test("a file somebody put where a new agent's will be is unowned as a whole; its missing hook is created", async () => {
  const project = fleet();
  const registry = project.read("desired/registry.yaml");
  const seo = registry.slice(registry.indexOf("  backend-agent:")).replaceAll("backend", "seo");
  project.write("desired/registry.yaml", registry + seo);
  project.write("agents/seo-agent/.claude/settings.json", '{ "model": "opus", "disableAllHooks": true }\n');
  const found = await plan(project, "seo-agent");
  expect(found.blocked).toMatchObject([{ address: "config/seo-agent/.claude/settings.json", verdict: "unowned" }]);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(3);
  expect(project.read("agents/seo-agent/.claude/settings.json")).toBe('{ "model": "opus", "disableAllHooks": true }\n');
  expect(project.exists("agents/seo-agent/.claude/hooks/auto-deny")).toBe(true);
  expect((await project.run(["adopt", "-y", "config/seo-agent/.claude/settings.json"])).code).toBe(0);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(JSON.parse(project.read("agents/seo-agent/.claude/settings.json"))).toMatchObject({ disableAllHooks: false });
});

test("a file somebody made just as we would is taken for ours at once", async () => {
  const project = fleet();
  project.remove("state");
  project.remove("agents/rollcall.lock.json");
  const lost = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(lost.code, lost.stdout).toBe(0);
  const applied = await expectUntouched(project.path("agents/backend-agent"), () =>
    project.run(["apply", "-y", "--files-only"]),
  );
  expect(applied.code).toBe(0);
  project.write(MEMORY, "# Tampered with\n");
  expect((await plan(project)).actions).toMatchObject([{ verdict: "tampered" }]);
});
