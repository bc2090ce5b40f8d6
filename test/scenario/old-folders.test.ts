// Moving out of an agents folder that grew for years: what is listed leaves with an index, and undo brings all of it back.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { planShape, type RunDocument, runShape } from "../support/documents.ts";
import { allOf, KEPT, moveIn, NOBODYS, OLD_STYLE, REGISTERED, TEST_ARTIFACT } from "../support/legacy-folders.ts";
import { openProject, type Project } from "../support/project-fixture.ts";

const LABEL = "agents/archive/v1-legacy-20251120";
/** Folders in which a clean-up and its undo put and take entries. */
const UNTIMED = [".", "./archive"];

/** This repository's own fleet, converged, and then everything that lay in the old system's agents folder. */
async function oldTree(options: { readonly git?: boolean } = {}): Promise<Project> {
  const project = openProject({ ownFleet: true });
  moveIn(project);
  for (const name of [...OLD_STYLE, TEST_ARTIFACT]) execFileSync("mv", [project.path(`agents/${name}`), project.home]);
  const first = await project.run(["apply", "-y", "--files-only"]);
  expect(first.code, first.stdout + first.stderr).toBe(0);
  for (const name of [...OLD_STYLE, TEST_ARTIFACT])
    execFileSync("mv", [`${project.home}/${name}`, project.path("agents")]);
  if (options.git) commit(project);
  return project;
}

function commit(project: Project): void {
  project.write(".gitignore", "state/\n");
  const words = ["-c", "user.name=ada", "-c", "user.email=ada@example.invalid"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...words, "commit", "-q", "-m", "As it was"],
  ]) {
    execFileSync("git", args, { cwd: project.root, env: project.env, stdio: "pipe" });
  }
}

async function apply(project: Project, ...words: string[]): Promise<RunDocument & { readonly code: number | null }> {
  const ran = await project.run(["apply", "-y", "--files-only", "-o", "json", ...words]);
  return { ...runShape.parse(ran.json()), code: ran.code };
}

describe("the old system's agents folder", () => {
  it("is cleaned up in two steps, and two undos bring the tree back to the last bit", async () => {
    const project = await oldTree();
    const before = allOf(project.path("agents"), UNTIMED);

    const text = await project.run(["plan", "--files-only"]);
    expect(text.stdout).toContain("agents/planning is still used: ops/services.yaml:4, scripts/spawn.sh:3");
    expect(text.stdout).toContain("agents/frontend is still used: src/paths.ts:1");
    expect(text.stdout).toContain("agents/backend is still used: ops/services.yaml:2");
    expect(text.stdout).toMatch(/retired\/-\/qa pending: .*still named in docs\/history\.md:1/);

    const careful = await apply(project);
    expect(careful.code).toBe(3);
    expect(careful.remaining.blocked.map(({ address }) => address)).toEqual(
      ["backend", "frontend", "planning"].map((name) => `retired/-/${name}`),
    );
    const forced = await apply(project, "--force");
    expect(forced).toMatchObject({ code: 0, converged: true });
    expect(forced.outcomes.map(({ address, action, result }) => `${action} ${address} ${result}`)).toEqual(
      ["backend", "frontend", "planning"].map((name) => `archive retired/-/${name} done`),
    );
    expect(forced.remaining.unmanaged).toEqual(NOBODYS.map((name) => `agents/${name}`));
    for (const name of [...OLD_STYLE, TEST_ARTIFACT]) expect(project.exists(`agents/${name}`), name).toBe(false);
    for (const name of [...KEPT, ...NOBODYS, ...REGISTERED]) {
      expect(project.read(`agents/${name}/README.md`)).toContain(`How the ${name} agent worked`);
      expect(project.exists(`${LABEL}/${name}`), name).toBe(false);
    }

    for (const { id } of [forced, careful]) {
      const undone = await project.run(["undo", id, "-y"]);
      expect(undone.code, undone.stdout + undone.stderr).toBe(0);
    }
    expect(allOf(project.path("agents"), UNTIMED)).toEqual(before);
    const held = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
    expect(held.actions).toEqual([]);
    expect(held.held.map(({ agent }) => agent)).toEqual(["-"]);
    expect((await project.run(["release", "-"])).code).toBe(0);
    const again = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
    expect(again.summary).toMatchObject({ archive: OLD_STYLE.length - 3, delete: 1, blocked: 3 });
  });

  it("has an index with one entry per folder, whose restore line brings the folder back whole", async () => {
    const project = await oldTree();
    const planning = allOf(project.path("agents/planning"), []);
    expect(await apply(project, "--force")).toMatchObject({ code: 0 });
    const index = project.read(`${LABEL}/INDEX.md`);
    expect([...index.matchAll(/^## (.*)$/gm)].map(([, name]) => name).sort()).toEqual([...OLD_STYLE].sort());
    for (const name of OLD_STYLE) {
      const entry = index.split(/^## /m).find((section) => section.startsWith(`${name}\n`)) ?? "";
      expect(entry).toContain(`- from: agents/${name}\n`);
      expect(entry).toMatch(/^- why: listed under retire\.archive in desired\/fleet\.yaml/m);
      expect(entry).toMatch(/^- replaced by: [a-z-]+(, [a-z-]+)*$/m);
      expect(entry).toMatch(/^- digest: [0-9a-f]{32} \(\d+ files\)$/m);
    }
    expect(index).not.toContain(TEST_ARTIFACT);
    expect(allOf(project.path(`${LABEL}/planning`), [])).toEqual(planning);
    const command = /mv \S+ agents\/planning$/m.exec(index)?.[0] ?? "";
    execFileSync("sh", ["-c", command], { cwd: project.root });
    expect(allOf(project.path("agents/planning"), [])).toEqual(planning);
  });

  it("is marked by a git tag on request, and a checkout of that tag has the committed files", async () => {
    const project = await oldTree({ git: true });
    project.edit("desired/fleet.yaml", "  label: v1-legacy-20251120\n", "  label: v1-legacy-20251120\n  tag: true\n");
    const before = allOf(project.path("agents"), UNTIMED);
    const plan = planShape.parse((await project.run(["plan", "--files-only", "--force", "-o", "json"])).json());
    const planning = plan.actions.find(({ address }) => address === "retired/-/planning");
    expect(planning?.reason).toContain("a git tag will mark the commit before it");
    const run = await apply(project, "--force");
    expect(run.code).toBe(0);
    const git = (...words: string[]): string =>
      execFileSync("git", words, { cwd: project.root, env: project.env, encoding: "utf8" });
    expect(git("tag")).toBe(`rollcall/before-${run.id}\n`);
    expect(git("show", `rollcall/before-${run.id}:agents/planning/prompts/start.txt`)).toBe(
      "You are the planning agent.\r\n",
    );
    expect(git("diff", "--cached", "--name-only")).toBe("");
    expect((await project.run(["undo", run.id, "-y"])).code).toBe(0);
    expect(allOf(project.path("agents"), UNTIMED)).toEqual(before);
  });
});
