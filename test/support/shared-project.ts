// A project that many cases of one story share: applied once, put back to that state before every case.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, expect } from "vitest";
import { makeProject, type Project, type ProjectOptions } from "./project-fixture.ts";

/** A converged project for all tests of the file (or describe block) that calls this; `project()` inside a test. */
export function convergedProject(options: ProjectOptions): () => Project {
  let project: Project | undefined;
  let kept = "";
  beforeAll(async () => {
    const made = makeProject(options);
    project = made.project;
    kept = mkdtempSync(join(tmpdir(), "rollcall-kept-"));
    const applied = await project.run(["apply", "-y", "--files-only"]);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    cpSync(project.root, kept, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return () => {
      made.close();
      rmSync(kept, { recursive: true, force: true });
    };
  });
  beforeEach(() => {
    if (!project) return;
    for (const name of readdirSync(project.root)) project.remove(name);
    cpSync(kept, project.root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  });
  return () => {
    if (!project) throw new Error("convergedProject() is for use inside a test");
    return project;
  };
}

/** The before-images a project keeps: every file below state/before, path relative to its run's folder, with its bytes. */
export function beforeImages(project: Project): Record<string, string> {
  const images: Record<string, string> = {};
  if (!project.exists("state/before")) return images;
  for (const run of readdirSync(project.path("state/before"))) {
    for (const name of readdirSync(project.path(`state/before/${run}`), { recursive: true, encoding: "utf8" })) {
      const path = project.path(`state/before/${run}/${name}`);
      const facts = statSync(path);
      if (!facts.isFile()) continue;
      expect(facts.mode & 0o777, `${path} is for its owner only`).toBe(0o600);
      images[name] = readFileSync(path, "utf8");
    }
  }
  return images;
}
