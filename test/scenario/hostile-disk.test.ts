// What may lie where our files belong: links, FIFOs, strangers' files, broken settings. Named, kept, never followed.
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { planShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { changedPaths, expectUntouched, openProject, type Project, snapshot } from "../support/project-fixture.ts";
import { beforeImages, convergedProject } from "../support/shared-project.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const ADDRESS = "config/backend-agent/.claude/settings.json";
const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const HOOK = "agents/backend-agent/.claude/hooks/auto-deny";
const fleet = convergedProject({ files: fleetFiles() });

/** A folder beside the project that nothing may touch, with one file in it. */
function elsewhere(project: Project): string {
  const folder = join(dirname(project.root), "elsewhere");
  execFileSync("rm", ["-rf", folder]);
  mkdirSync(folder);
  execFileSync("sh", ["-c", `echo '{"mine": true}' > '${folder}/file'`]);
  return folder;
}

interface Obstacle {
  readonly what: string;
  readonly lay: (project: Project, outside: string) => void;
  /** The addresses that are blocked, and a word of the reason. */
  readonly blocked: readonly string[];
  readonly reason: RegExp;
}

const ALL = [
  "config/backend-agent/.claude/CLAUDE.md",
  ADDRESS,
  "config/backend-agent/.claude/settings.local.json",
  "hook/backend-agent/auto-deny",
];

const OBSTACLES: readonly Obstacle[] = [
  {
    what: "settings.json is a link",
    lay: (project, outside) => {
      unlinkSync(project.path(SETTINGS));
      symlinkSync(join(outside, "file"), project.path(SETTINGS));
    },
    blocked: [ADDRESS],
    reason: /is a link/,
  },
  {
    what: "settings.json is a link to nowhere",
    lay: (project, outside) => {
      unlinkSync(project.path(SETTINGS));
      symlinkSync(join(outside, "not-yet"), project.path(SETTINGS));
    },
    blocked: [ADDRESS],
    reason: /is a link/,
  },
  {
    what: "the hook is a link",
    lay: (project, outside) => {
      unlinkSync(project.path(HOOK));
      symlinkSync(join(outside, "file"), project.path(HOOK));
    },
    blocked: ["hook/backend-agent/auto-deny"],
    reason: /is a link/,
  },
  {
    what: "settings.json is a FIFO",
    lay: (project) => {
      unlinkSync(project.path(SETTINGS));
      execFileSync("mkfifo", [project.path(SETTINGS)]);
    },
    blocked: [ADDRESS],
    reason: /not a regular file/,
  },
  {
    what: "CLAUDE.md is a folder",
    lay: (project) => {
      unlinkSync(project.path(MEMORY));
      mkdirSync(project.path(MEMORY));
    },
    blocked: ["config/backend-agent/.claude/CLAUDE.md"],
    reason: /not a regular file/,
  },
  {
    what: "CLAUDE.md has a second name",
    lay: (project, outside) => linkSync(project.path(MEMORY), join(outside, "second")),
    blocked: ["config/backend-agent/.claude/CLAUDE.md"],
    reason: /2 names/,
  },
  {
    what: "the agent's folder is a link",
    lay: (project, outside) => {
      renameSync(project.path("agents/backend-agent"), join(outside, "moved"));
      symlinkSync(join(outside, "moved"), project.path("agents/backend-agent"));
    },
    blocked: ALL,
    reason: /link/,
  },
  {
    what: "the agent's folder is a file",
    lay: (project) => {
      project.remove("agents/backend-agent");
      project.write("agents/backend-agent", "a file\n");
    },
    blocked: ALL,
    reason: /not a folder/,
  },
  {
    what: "the .claude folder may be written by everybody",
    lay: (project) => chmodSync(project.path("agents/backend-agent/.claude"), 0o777),
    blocked: ALL,
    reason: /written? by everybody|writable/,
  },
];

test.each(OBSTACLES)("$what: blocked by name, exit 3, nothing followed or overwritten (rows 38, 39)", async (one) => {
  const project = fleet();
  const outside = elsewhere(project);
  one.lay(project, outside);
  // A registry edit gives every file of the agent a reason to be written.
  const registry = project.read("desired/registry.yaml");
  project.write("desired/registry.yaml", registry.replaceAll("opus", "haiku").replaceAll("Does the", "Does all the"));
  const before = snapshot(outside);

  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json", "backend-agent"]);
  expect(planned.code, planned.stdout + planned.stderr).toBe(3);
  const { blocked } = planShape.parse(planned.json());
  expect(blocked.map(({ address }) => address)).toEqual(expect.arrayContaining([...one.blocked]));
  for (const entry of blocked.filter(({ address }) => one.blocked.includes(address))) {
    expect(entry.reason).toMatch(one.reason);
    expect(entry.hint).not.toBe("");
  }
  const applied = await project.run(["apply", "-y", "--files-only", "--overwrite", "backend-agent"]);
  expect(applied.code, applied.stdout + applied.stderr).toBe(3);
  expect(changedPaths(before, snapshot(outside))).toEqual([]);
});

test("the agents folder is a link: refused with its name, nothing behind it touched (row 38)", async () => {
  const project = openProject({ files: fleetFiles() });
  const outside = elsewhere(project);
  symlinkSync(outside, project.path("agents"));
  const applied = await expectUntouched(outside, () => project.run(["apply", "-y", "--files-only"]));
  expect(applied.code, applied.stdout + applied.stderr).toBe(3);
  expect(applied.stdout + applied.stderr).toMatch(/agents is a link/);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(3);
});

test("a folder above that everybody may write is refused with owner and mode (row 38)", async () => {
  const project = openProject({ files: fleetFiles() });
  mkdirSync(project.path("agents"));
  chmodSync(project.path("agents"), 0o777);
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stdout + applied.stderr).toBe(3);
  expect(applied.stdout + applied.stderr).toMatch(/agents .*(0?777|writ)/);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(3);
});

const ROOT = process.getuid?.() === 0;

test.runIf(ROOT)("a file of another user is refused with its owner (row 39)", async () => {
  const project = fleet();
  execFileSync("chown", ["12345", project.path(SETTINGS)]);
  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(planned.code).toBe(3);
  const { blocked } = planShape.parse(planned.json());
  expect(blocked).toMatchObject([{ address: ADDRESS, reason: expect.stringContaining("12345") }]);
});

test("strange bytes in the hook's place are never run: not by plan, apply, verify or the probe (row 41)", async () => {
  const project = fleet();
  const witness = join(dirname(project.root), "it-ran");
  project.write(HOOK, `#!/bin/sh\ntouch '${witness}'\nexit 0\n`, 0o755);
  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(planned.code).toBe(2);
  expect(planned.stdout).toMatch(/hook\/backend-agent\/auto-deny tampered/);
  expect((await project.run(["verify", "--files-only", "--probe"])).code).toBe(2);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(() => lstatSync(witness)).toThrow();
  expect(beforeImages(project)[HOOK]).toContain("it-ran");
  expect((await project.run(["verify", "--files-only", "--probe"])).code).toBe(0);
});

test("without the hook's interpreter nothing is written, and the missing program is named (row 35)", async () => {
  const project = openProject({ files: fleetFiles() });
  project.write("rollcall.config.yaml", "session: { path: /nowhere/bin }\n");
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stdout).toBe(1);
  expect(applied.stderr).toMatch(/E601 .*no node .*\/nowhere\/bin/);
  expect(project.exists("agents")).toBe(false);
});

test("a hook whose interpreter has gone is not in sync, although its bytes are (row 35)", async () => {
  const project = fleet();
  project.write("rollcall.config.yaml", "session: { path: /nowhere/bin }\n");
  const verified = await project.run(["verify", "--files-only"]);
  expect(verified.code).toBe(3);
  expect(verified.stdout).toMatch(/^hook\/backend-agent\/auto-deny blocked, tampered: .*interpreter is missing/m);
  const status = await project.run(["status", "--files-only", "-o", "json"]);
  expect(status.json()).toMatchObject({ agents: [{ sync: "blocked" }, { sync: "blocked" }] });
  project.remove("rollcall.config.yaml");
  expect((await project.run(["verify", "--files-only"])).code).toBe(0);
});
