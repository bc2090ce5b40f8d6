// The first minutes of somebody who has no fleet yet: `rollcall init`, and what it must never do.
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { expectUntouched, openProject } from "../support/project-fixture.ts";

test("an empty folder becomes a project that is valid, applies its files at once, and is then in sync", async () => {
  const project = openProject();
  const init = await project.run(["init"]);
  expect(init).toMatchObject({ code: 0, stderr: "" });
  expect(init.stdout).toContain("+ desired/registry.yaml");
  expect(init.stdout).toContain("rollcall apply --files-only");

  const valid = await project.run(["validate"]);
  expect(valid).toMatchObject({ code: 0, stderr: "" });
  expect(valid.stdout).toContain("2 agents");
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stderr + applied.stdout).toBe(0);
  for (const agent of ["planner", "builder"]) {
    expect(readdirSync(project.path(`agents/${agent}/.claude`)).sort()).toEqual([
      "CLAUDE.md",
      "hooks",
      "settings.json",
      "settings.local.json",
    ]);
  }
  expect(await project.run(["verify", "--files-only"])).toMatchObject({ code: 0, stderr: "" });
});

test("the spec files name schemas that are there, and git sees nothing that belongs to this machine", async () => {
  const project = openProject();
  await project.run(["init"]);
  for (const name of ["registry", "fleet"]) {
    expect(project.read(`desired/${name}.yaml`)).toContain(`$schema=../schema/${name}.schema.json`);
    expect(JSON.parse(project.read(`schema/${name}.schema.json`))).toMatchObject({ type: "object" });
  }
  await project.run(["apply", "-y", "--files-only"]);
  const { execFileSync } = await import("node:child_process");
  const git = (...words: string[]): string => execFileSync("git", words, { cwd: project.root, encoding: "utf8" });
  git("init", "-q");
  const tracked = git("ls-files", "--others", "--exclude-standard").split("\n");
  expect(tracked).toContain("agents/rollcall.lock.json");
  expect(tracked.filter((path) => /^state\/|^agents\/.*\.local\./.test(path))).toEqual([]);
});

test("a folder that is named and not there is made, and the next steps lead into it", async () => {
  const project = openProject();
  const init = await project.run(["init", "teams/Night Shift"]);
  expect(init.code, init.stderr).toBe(0);
  expect(init.stdout).toContain("cd 'teams/Night Shift'");
  expect(project.read("teams/Night Shift/desired/fleet.yaml")).toContain('name: "night-shift"');
  expect((await project.run(["validate"], { cwd: "teams/Night Shift" })).code).toBe(0);
  expect(readdirSync(project.root)).toEqual(["teams"]);
});

test("what is there already is left alone, byte for byte, and said; the rest is made", async () => {
  const mine = {
    ".gitignore": "node_modules\nstate/*\n",
    "templates/CLAUDE.md": "# {{ agent.display_name }}, my way\n",
    "README.md": "my project\n",
    "agents/scratch/notes.txt": "mine\n",
  };
  const project = openProject({ files: mine });
  const made = [
    "desired",
    "schema",
    ...["README.md", "settings.json", "settings.local.json"].map((name) => `templates/${name}`),
  ];
  const init = await expectUntouched(project.root, () => project.run(["init"]), { except: made });
  expect(init.code, init.stderr).toBe(0);
  expect(init.stdout).toContain("= templates/CLAUDE.md was there and is left as it is");
  expect(init.stdout).toMatch(/Add to \.gitignore:\n {2}agents\/\*\*\/\*\.local\.\*\n/);
  expect(init.stdout).not.toMatch(/^ {2}state\/\*$/m);
  const plan = await project.run(["plan", "--files-only", "-o", "json"]);
  expect(plan.json()).toMatchObject({ unmanaged: ["agents/scratch"] });
});

test.each(["desired/registry.yaml", "desired/registry/night.yaml", "agents/registry.yaml"])(
  "where %s is, nothing is written",
  async (registry) => {
    const project = openProject({ files: { [registry]: "agents: {}\n" } });
    const init = await expectUntouched(project.root, () => project.run(["init"]));
    expect(init.code).toBe(1);
    expect(init.stderr).toContain("E340");
    expect(init.stderr).toContain("rollcall plan");
  },
);

test("a file, or a link where a folder has to be, is an error that names it and costs nothing", async () => {
  const project = openProject({ files: { "elsewhere/keep": "mine\n", plain: "a file\n" } });
  const { symlinkSync } = await import("node:fs");
  symlinkSync("elsewhere", project.path("desired"));
  const file = await expectUntouched(project.root, () => project.run(["init", "plain"]));
  expect(file).toMatchObject({ code: 1 });
  expect(file.stderr).toContain("E341");
  const link = await project.run(["init"]);
  expect(link.code).toBe(1);
  expect(link.stderr).toContain("desired");
  expect(readdirSync(project.path("elsewhere"))).toEqual(["keep"]);
  project.remove("desired");
  const again = await project.run(["init"]);
  expect(again.code, again.stderr).toBe(0);
  expect((await project.run(["validate"])).code).toBe(0);
});

test("two folders are a usage error", async () => {
  const project = openProject();
  const init = await expectUntouched(project.root, () => project.run(["init", "one", "two"]));
  expect(init.code).toBe(64);
  expect(basename(project.root)).toBe("fleet");
});
