// `reconcile` while the spec has errors: what was recorded is healed from the last good spec, and nothing else is done.
import { lstatSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { readLedger, writeLedger } from "../../src/ledger/ledger-file.ts";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project, type Ran } from "../support/project-fixture.ts";

const HOOK = "agents/planner/.claude/hooks/auto-deny";
const SETTINGS = "agents/planner/.claude/settings.json";
const PAGE = "agents/planner/.claude/CLAUDE.md";

interface Story {
  readonly project: Project;
  readonly good: Readonly<Record<string, string>>;
}

/** A fleet whose files were applied, and what they were. */
async function applied(files: Readonly<Record<string, string>> = {}): Promise<Story> {
  const agents = [{ name: "planner", more: ['cannot_access: ["src/**"]'] }, { name: "builder" }];
  const project = openProject({ files: { ...fleetFiles({ agents }), ...files } });
  const ran = await project.run(["apply", "-y", "--files-only"]);
  expect(ran.code, ran.stderr).toBe(0);
  const good = Object.fromEntries([HOOK, SETTINGS, PAGE].map((path) => [path, project.read(path)]));
  return { project, good };
}

function disarm(project: Project): void {
  project.write(HOOK, "#!/bin/sh\nexit 0\n", 0o755);
  project.remove(SETTINGS);
}

const broken = (project: Project): void => project.edit("desired/registry.yaml", "agents:", "agents: [");
const reconcile = (project: Project, words: readonly string[] = []): Promise<Ran> =>
  project.run(["reconcile", ...words]);

test.each([
  ["a broken registry", broken],
  ["a broken fleet.yaml", (project: Project) => project.write("desired/fleet.yaml", "version: [\n")],
  ["a template that is gone", (project: Project) => project.remove("templates/CLAUDE.md")],
  ["a broken configuration", (project: Project) => project.write("rollcall.config.yaml", "root: {}\n")],
])("%s: hooks and files are healed as they were recorded, it says so, and exits 1", async (_what, breaks) => {
  const { project, good } = await applied();
  disarm(project);
  breaks(project);
  const ran = await reconcile(project, ["-o", "json"]);
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stderr).toMatch(/error E\d+/);
  expect(ran.stderr).toContain("W740");
  expect(ran.json()).toMatchObject({
    kind: "run",
    converged: false,
    outcomes: [
      { address: "hook/planner/auto-deny", result: "done", corrective: true },
      { address: "config/planner/.claude/settings.json", result: "done", corrective: true },
    ],
    spec: { diagnostics: expect.arrayContaining([expect.objectContaining({ severity: "error" })]) },
  });
  for (const path of [HOOK, SETTINGS]) expect(project.read(path), path).toBe(good[path]);
  expect(project.tmux.bind(project, ["list-sessions"])).toThrow();
  const again = await expectUntouched(project.root, () => reconcile(project));
  expect(again.code).toBe(1);
  expect(again.stdout).toBe("Nothing to heal.\n");
});

test("what was pending before the spec broke stays pending: only what was recorded is put back", async () => {
  const { project, good } = await applied();
  project.write("templates/CLAUDE.md", "# {{ agent.name }}, second edition\n");
  const ran = await project.run(["apply", "-y", "--files-only", "planner"]);
  expect(ran.code, ran.stderr).toBe(0);
  const second = project.read(PAGE);
  disarm(project);
  broken(project);
  expect((await reconcile(project)).code).toBe(1);
  expect(project.read(HOOK)).toBe(good[HOOK]);
  expect(project.read(PAGE)).toBe(second);
});

test("a person's edit is drift and healed; a held agent, and what nobody recorded, is left alone", async () => {
  const { project, good } = await applied();
  project.write(PAGE, "# mine\n");
  project.write("agents/planner/notes.md", "mine\n");
  expect((await project.run(["hold", "builder"])).code).toBe(0);
  project.write("agents/builder/.claude/CLAUDE.md", "# mine\n");
  broken(project);
  expect((await reconcile(project)).code).toBe(1);
  expect(project.read(PAGE)).toBe(good[PAGE]);
  expect(project.read("agents/planner/notes.md")).toBe("mine\n");
  expect(project.read("agents/builder/.claude/CLAUDE.md")).toBe("# mine\n");
});

const keptFolder = (project: Project): string => {
  const [name = "", ...more] = readdirSync(project.path("state/last-good"));
  expect(more).toEqual([]);
  return `state/last-good/${name}`;
};

test.each<[string, (project: Project) => void, RegExp]>([
  ["is not there", (project) => project.remove("state/last-good"), /is not there/],
  [
    "was edited",
    (project) => project.edit(`${keptFolder(project)}/registry.yaml`, "src/**", "none/**"),
    /changed by something else/,
  ],
  [
    "has another list",
    (project) => project.write(`${keptFolder(project)}/list.json`, "{}\n"),
    /changed by something else/,
  ],
])("nothing is healed from a last good spec that %s", async (_what, spoil, why) => {
  const { project } = await applied();
  disarm(project);
  spoil(project);
  broken(project);
  const ran = await expectUntouched(project.root, () => reconcile(project));
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/W741/);
  expect(ran.stderr).toMatch(why);
  expect(ran.stderr).toContain("nothing was written");
});

test("it is private, holds the spec files as they are, and is only written when it differs", async () => {
  const { project } = await applied({ "rollcall.config.yaml": "variables: { TEF_ROOT: /personas }\n" });
  const folder = keptFolder(project);
  const kept: Readonly<Record<string, string>> = {
    "registry.yaml": "desired/registry.yaml",
    "fleet.yaml": "desired/fleet.yaml",
    "templates/CLAUDE.md": "templates/CLAUDE.md",
    "rollcall.config.yaml": "rollcall.config.yaml",
  };
  for (const [copy, original] of Object.entries(kept))
    expect(project.read(`${folder}/${copy}`), copy).toBe(project.read(original));
  for (const one of readdirSync(project.path("state/last-good"), { recursive: true, withFileTypes: true })) {
    const { mode } = lstatSync(`${one.parentPath}/${one.name}`);
    expect((mode & 0o777).toString(8), one.name).toBe(one.isDirectory() ? "700" : "600");
  }
  const nothing = await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  expect(nothing.code, nothing.stderr).toBe(0);

  project.edit("desired/registry.yaml", "agents:", "# a comment changes nothing but the text\nagents:");
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(keptFolder(project)).not.toBe(folder);
  expect(project.read(`${keptFolder(project)}/registry.yaml`)).toContain("# a comment");
  await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  await expectUntouched(project.root, () => project.run(["reconcile", "--files-only"]));
});

test("another version of Rollcall heals nothing from it", async () => {
  const { project } = await applied();
  const path = project.path("state/ledger.json");
  const { head, lines } = readLedger(path, Buffer.from(project.read("state/ledger.json")), "");
  if (!head.lastGood) return expect.fail("the ledger has no last good spec");
  const older = { ...head, lastGood: { ...head.lastGood, version: "0.1.9" } };
  project.write("state/ledger.json", writeLedger(older, lines));
  disarm(project);
  broken(project);
  const ran = await expectUntouched(project.root, () => reconcile(project));
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/W741 .*Rollcall 0\.1\.9/);
});

test("with a registry folder and partials in templates the whole of it is kept", async () => {
  const { project, good } = await applied();
  const registry = project.read("desired/registry.yaml");
  project.remove("desired/registry.yaml");
  project.write("desired/registry/all.yaml", registry);
  project.write("templates/parts/rules.md", "Rules of {{ agent.name }}\n");
  project.write("templates/CLAUDE.md", "{% render 'parts/rules.md', agent: agent %}\n");
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  const page = project.read(PAGE);
  expect(page).toContain("Rules of planner");
  disarm(project);
  project.remove(PAGE);
  project.write("desired/registry/more.yaml", "agents: {\n");
  project.remove("templates/parts");
  expect((await reconcile(project)).code).toBe(1);
  expect(project.read(HOOK)).toBe(good[HOOK]);
  expect(project.read(PAGE)).toBe(page);
});
