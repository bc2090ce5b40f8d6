// A registry edit on a branch, looked at in a clone: exactly that edit's changes, pending, and nothing of a stranger's.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { planShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";

const IGNORE = "state/\nagents/**/*.local.*\n";

/** A converged project, committed, and a clone of it beside it. */
async function withClone(options: Parameters<typeof openProject>[0]): Promise<Project> {
  const project = openProject(options);
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stderr).toBe(0);
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: project.root, encoding: "utf8" });
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=ada", "-c", "user.email=ada@example.invalid", "commit", "-q", "-m", "The fleet");
  git("clone", "-q", ".", "../clone");
  return project;
}

const IN_CLONE = { cwd: "../clone" };

test("the clone is in sync; an edit of one agent shows as that agent's pending changes", async () => {
  const project = await withClone({ files: { ...fleetFiles(), ".gitignore": IGNORE } });
  expect(project.exists("../clone/state")).toBe(false);
  expect((await project.run(["plan", "--portable", "--detailed-exitcode"], IN_CLONE)).code).toBe(0);

  project.edit("../clone/desired/registry.yaml", "[Read, Write, Edit]", "[Read, Write]");
  const edited = await expectUntouched(project.path("../clone"), () =>
    project.run(["plan", "--portable", "--detailed-exitcode", "-o", "json"], IN_CLONE),
  );
  expect(edited.code).toBe(2);
  const plan = planShape.parse(edited.json());
  expect(plan.actions.map(({ address, verdict, action }) => `${action} ${verdict} ${address}`)).toEqual([
    "update pending config/backend-agent/.claude/CLAUDE.md",
    "update pending hook/backend-agent/auto-deny",
  ]);
  expect(plan).toMatchObject({ blocked: [], deferred: [], orphans: [], summary: { drift: 0, pending: 2, widened: 0 } });
});

test("an agent that is added is missing, one that is taken out is an orphan that does not count", async () => {
  const project = await withClone({ files: { ...fleetFiles(), ".gitignore": IGNORE } });
  const registry = project.read("../clone/desired/registry.yaml");
  project.write("../clone/desired/registry.yaml", registry.replaceAll("backend-agent", "seo-agent"));
  const plan = planShape.parse((await project.run(["plan", "--portable", "-o", "json"], IN_CLONE)).json());
  expect(plan.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "pending config/planning-agent/.claude/CLAUDE.md",
    "missing config/seo-agent/.claude/CLAUDE.md",
    "missing config/seo-agent/.claude/settings.json",
    "pending hook/planning-agent/auto-deny",
    "missing hook/seo-agent/auto-deny",
  ]);
  expect(plan.orphans).toEqual([
    "config/backend-agent/.claude/CLAUDE.md",
    "config/backend-agent/.claude/settings.json",
    "hook/backend-agent/auto-deny",
  ]);
  expect(plan.blocked).toEqual([]);
});

test("what a permission-widening edit permits stands first in the plan for the reviewer", async () => {
  const project = await withClone({ files: { ...fleetFiles(), ".gitignore": IGNORE } });
  project.edit("../clone/desired/registry.yaml", "[Read, Write, Edit]", "[Read, Write, Edit, Bash]");
  const text = await project.run(["plan", "--portable"], IN_CLONE);
  expect(text.stdout).toMatch(/^WIDENED: these changes permit more than before\n {2}hook\/backend-agent\/auto-deny/);
  const markdown = await project.run(["plan", "--portable", "-o", "markdown"], IN_CLONE);
  expect(markdown.stdout).toMatch(/\[!WARNING\][\s\S]*WIDENED[\s\S]*hook\/backend-agent\/auto-deny/);
  const plan = planShape.parse((await project.run(["plan", "--portable", "-o", "json"], IN_CLONE)).json());
  expect(plan.summary.widened).toBe(1);
  expect(plan.actions.filter((action) => action.widens).map((action) => action.address)).toEqual([
    "hook/backend-agent/auto-deny",
  ]);
});

test("a file edited by hand and committed is drift in the clone, not pending", async () => {
  const project = await withClone({ files: { ...fleetFiles(), ".gitignore": IGNORE } });
  project.write("../clone/agents/backend-agent/.claude/CLAUDE.md", "# By hand\n");
  const verified = await project.run(["verify", "--portable"], IN_CLONE);
  expect(verified.code).toBe(2);
  expect(verified.stdout).toMatch(/^config\/backend-agent\/\.claude\/CLAUDE\.md tampered: .*\n$/);
});

test("the edit of one model of 26 touches one agent's settings only", async () => {
  const project = openProject({ ownFleet: true, git: true });
  execFileSync("git", ["clone", "-q", ".", "../clone"], { cwd: project.root });
  const before = await project.run(["plan", "--portable", "-o", "json"], IN_CLONE);
  project.edit("../clone/desired/registry.yaml", "model: haiku", "model: sonnet");
  const after = await project.run(["plan", "--portable", "-o", "json"], IN_CLONE);
  const addresses = (ran: typeof after): string[] =>
    planShape.parse(ran.json()).actions.map(({ address, verdict }) => `${verdict} ${address}`);
  const known = new Set(addresses(before));
  expect(addresses(after).filter((one) => !known.has(one))).toEqual([
    "pending config/tracking-agent/.claude/settings.json",
  ]);
  expect(planShape.parse(after.json()).blocked).toEqual([]);
});
