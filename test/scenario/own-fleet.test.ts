// The repository's own fleet of 26: written whole by one apply, left alone by the next, in sync in any clone.
import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { planShape, runShape } from "../support/documents.ts";
import { changedPaths, openProject, type Project, snapshot } from "../support/project-fixture.ts";

const FILES = ["CLAUDE.md", "hooks/auto-deny", "settings.json", "settings.local.json"];

/** When each folder last gained or lost an entry: a lock taken and given back shows here. */
function folderTimes(project: Project): Record<string, bigint> {
  const folders = ["", "state", "agents", "desired", "agents/planning-agent/.claude"];
  return Object.fromEntries(
    folders.map((folder) => [folder, lstatSync(project.path(folder), { bigint: true }).mtimeNs]),
  );
}

test("one apply writes 26 times four files, a second one nothing, not even the lock", async () => {
  const project = openProject({ ownFleet: true });
  project.remove("agents");
  const first = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(first.code, first.stderr).toBe(0);
  const run = runShape.parse(first.json());
  expect(run.converged).toBe(true);
  expect(run.outcomes).toHaveLength(105);
  expect(run.outcomes.filter(({ action, result }) => action !== "create" || result !== "done")).toEqual([]);
  expect(first.stderr.match(/^\[ *\d+\/105\] done create /gm)).toHaveLength(105);

  const agents = readdirSync(project.path("agents")).filter(
    (name) => !["rollcall.lock.json", ".rollcall"].includes(name),
  );
  expect(agents).toHaveLength(26);
  for (const agent of agents) {
    const folder = project.path(`agents/${agent}`);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\/.+/.test(name));
    expect(files.sort()).toEqual([...FILES, "hooks"].map((name) => `.claude/${name}`).sort());
    expect(lstatSync(`${folder}/.claude/hooks/auto-deny`).mode & 0o111).toBe(0o111);
  }

  const before = snapshot(project.root);
  const times = folderTimes(project);
  const second = await project.run(["apply", "-y", "--files-only"]);
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining("No differences") });
  expect(changedPaths(before, snapshot(project.root))).toEqual([]);
  expect(folderTimes(project)).toEqual(times);

  const plan = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(plan.code).toBe(0);
  expect(planShape.parse(plan.json())).toMatchObject({ actions: [], blocked: [], deferred: [], orphans: [] });
  expect((await project.run(["verify", "--files-only"])).code).toBe(0);
});

test("a clone of what is committed is in sync under --portable, and names no machine", async () => {
  const project = openProject({ ownFleet: true, git: true });
  execFileSync("git", ["clone", "-q", ".", "../clone"], { cwd: project.root });
  const clone = { cwd: "../clone" };
  const plan = await project.run(["plan", "--portable", "--detailed-exitcode"], clone);
  expect(plan.code, `rollcall apply --portable, then commit agents/. ${plan.stdout.trim().split("\n").at(-1)}`).toBe(0);
  expect(await project.run(["verify", "--portable"], clone)).toMatchObject({ code: 0, stdout: "" });
  expect(project.exists("../clone/state")).toBe(false);

  const committed = execFileSync("git", ["ls-files", "agents"], { cwd: project.root, encoding: "utf8" });
  expect(committed).not.toMatch(/\.local\.|\.rollcall-/);
  expect(committed.trim().split("\n")).toHaveLength(26 * 3 + 1);
  const here = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
  const words = ["/home/", "/root/", "/tmp/", "/Users/", here, project.root].flatMap((word) => ["-e", word]);
  const search = spawnSync("git", ["grep", "-In", "-F", ...words, "--", "agents"], {
    cwd: project.root,
    encoding: "utf8",
  });
  // 1: searched, and nothing found.
  expect(search).toMatchObject({ status: 1, stdout: "" });
});
