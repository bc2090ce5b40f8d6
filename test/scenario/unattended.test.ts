// Who gives an agent more rights: a person, or a commit; never a spec that somebody just wrote into the folder.
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project, type Ran } from "../support/project-fixture.ts";

const HOOK = "agents/backend-agent/.claude/hooks/auto-deny";
const NARROW = 'cannot_access: ["frontend/**", "*.test.*"]';
const WIDE = 'cannot_access: ["frontend/**"]';

function git(project: Project, words: readonly string[], cwd = project.root): string {
  const who = {
    GIT_AUTHOR_NAME: "ada",
    GIT_AUTHOR_EMAIL: "a@b",
    GIT_COMMITTER_NAME: "ada",
    GIT_COMMITTER_EMAIL: "a@b",
  };
  return execFileSync("git", words, { cwd, env: { ...project.env, ...who }, encoding: "utf8" });
}
const commit = (project: Project): void => {
  git(project, ["add", "-A"]);
  git(project, ["commit", "-q", "-m", "more"]);
};

const reconcile = (project: Project, ...more: string[]): Promise<Ran> =>
  project.run(["reconcile", "--files-only", ...more]);

/** A fleet that was applied, and committed with what that made. */
async function applied({
  inGit = true,
  fleet = [],
}: {
  inGit?: boolean;
  fleet?: readonly string[];
} = {}): Promise<Project> {
  const files = {
    ...fleetFiles({ fleet: [...fleet] }),
    ".gitignore": "state/\nagents/**/*.local.*\nrollcall.config.yaml\n",
  };
  const project = openProject({ files, git: inGit });
  const ran = await project.run(["apply", "-y", "--files-only"]);
  expect(ran.code, ran.stderr).toBe(0);
  if (inGit) commit(project);
  return project;
}

const widen = (project: Project): void => project.edit("desired/registry.yaml", NARROW, WIDE);
const isWide = (project: Project): boolean => !project.read(HOOK).includes("*.test.*");

async function expectHeldBack(project: Project, why: string): Promise<void> {
  const ran = await reconcile(project);
  expect(ran.code, ran.stdout + ran.stderr).toBe(3);
  expect(ran.stdout).toContain("it gives backend-agent more rights (may write *.test.*)");
  expect(ran.stdout).toContain(why);
  expect(isWide(project)).toBe(false);
}

async function expectPasses(project: Project): Promise<void> {
  const ran = await reconcile(project);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.stdout).toContain("WIDENED: this run permits more than before");
  expect(ran.stdout).toContain("hook/backend-agent/auto-deny: may write *.test.*");
  expect(isWide(project)).toBe(true);
}

describe("reconcile and a registry that gives an agent more rights", () => {
  test("holds it back while the registry is not committed, says why and what to do, and does the rest", async () => {
    const project = await applied();
    widen(project);
    project.edit(
      "desired/registry.yaml",
      'name: planning-agent\n    display_name: "planning agent"',
      'name: planning-agent\n    display_name: "Planner"',
    );
    await expectHeldBack(project, "the spec is not committed: desired/registry.yaml differs from the last commit");
    const plan = await project.run(["plan", "--files-only"]);
    expect(plan.stdout).toContain("WIDENED");
    expect(project.read("agents/planning-agent/.claude/CLAUDE.md")).toContain("Planner");
    const json = (await reconcile(project, "-o", "json")).json() as unknown as {
      remaining: { blocked: { hint: string }[] };
    };
    expect(json.remaining.blocked[0]?.hint).toContain("rollcall apply");
  });

  test("lets it pass once it is committed, whatever else is dirty, and the run says so in every form", async () => {
    const project = await applied();
    widen(project);
    commit(project);
    project.write("src/dirty.ts", "x\n");
    project.write("templates/not-used.md", "x\n");
    const ran = await reconcile(project, "-o", "json");
    expect(ran.code, ran.stdout).toBe(0);
    const run = ran.json() as unknown as { id: string; outcomes: { address: string; widens?: string[] }[] };
    expect(run.outcomes.find((one) => one.address === "hook/backend-agent/auto-deny")?.widens).toEqual([
      "may write *.test.*",
    ]);
    const shown = await project.run(["show", run.id]);
    expect(shown.stdout).toContain("WIDENED");
    expect(shown.stdout).toContain("hook/backend-agent/auto-deny: may write *.test.*");
    expect((await project.run(["show", run.id, "-o", "json"])).stdout).toContain('"may write *.test.*"');
  });

  test("a staged change is not a commit, and a skipped one is seen", async () => {
    const project = await applied();
    widen(project);
    git(project, ["add", "-A"]);
    await expectHeldBack(project, "desired/registry.yaml differs from the last commit");
    git(project, ["reset", "-q"]);
    git(project, ["update-index", "--assume-unchanged", "desired/registry.yaml"]);
    await expectHeldBack(project, "desired/registry.yaml differs from the last commit");
  });

  test("a registry that git does not know is not committed", async () => {
    const project = await applied();
    git(project, ["rm", "-q", "--cached", "desired/registry.yaml"]);
    git(project, ["commit", "-q", "-m", "forget it"]);
    widen(project);
    await expectHeldBack(project, "desired/registry.yaml is not in the last commit");
  });

  test("without git nothing is committed", async () => {
    const project = await applied({ inGit: false });
    widen(project);
    await expectHeldBack(project, "the project lies in no git repository with a commit");
  });

  test("in a linked work tree the commit is that of the work tree", async () => {
    const project = await applied();
    git(project, ["worktree", "add", "-q", "-b", "other", "../linked"]);
    const linked = "../linked";
    const first = await project.run(["apply", "-y", "--files-only"], { cwd: linked });
    expect(first.code, first.stderr).toBe(0);
    project.edit(`${linked}/desired/registry.yaml`, NARROW, WIDE);
    const held = await project.run(["reconcile", "--files-only"], { cwd: linked });
    expect(held.code, held.stdout).toBe(3);
    git(project, ["add", "-A"], project.path(linked));
    git(project, ["commit", "-q", "-m", "more"], project.path(linked));
    const passed = await project.run(["reconcile", "--files-only"], { cwd: linked });
    expect(passed.code, passed.stdout).toBe(0);
  });

  test("line ends that git would convert do not count as committed", async () => {
    const project = await applied();
    widen(project);
    commit(project);
    git(project, ["config", "core.autocrlf", "true"]);
    project.write("desired/registry.yaml", project.read("desired/registry.yaml").replaceAll("\n", "\r\n"));
    await expectHeldBack(project, "desired/registry.yaml has CRLF line ends, which the last commit has not");
  });

  test("replaced objects and filters of the repository change nothing", async () => {
    const project = await applied();
    widen(project);
    const blob = git(project, ["hash-object", "-w", "desired/registry.yaml"]).trim();
    const tree = git(project, ["ls-tree", "HEAD", "desired/"])
      .replace(/\w+(?=\tdesired\/registry.yaml)/, blob)
      .replaceAll("desired/", "");
    const made = execFileSync("git", ["mktree"], {
      cwd: project.root,
      env: { ...project.env },
      input: tree,
      encoding: "utf8",
    }).trim();
    const old = git(project, ["rev-parse", "HEAD:desired"]).trim();
    git(project, ["replace", old, made]);
    project.write(".gitattributes", "* filter=x\n");
    git(project, ["config", "filter.x.clean", "touch ran; cat"]);
    await expectHeldBack(project, "desired/registry.yaml differs from the last commit");
    expect(project.exists("ran")).toBe(false);
  });

  test.each([
    ["block", 3],
    ["allow", 0],
  ])("policy.unattended_widening: %s ends it with %i", async (rule, code) => {
    const project = await applied({ inGit: rule === "block", fleet: ["policy:", `  unattended_widening: ${rule}`] });
    widen(project);
    if (rule === "block") commit(project);
    const ran = await reconcile(project);
    expect(ran.code, ran.stdout).toBe(code);
    expect(isWide(project)).toBe(code === 0);
    expect(ran.stdout).toContain(code === 0 ? "WIDENED" : "policy.unattended_widening is block");
  });

  test("while an agent may edit the spec, a person has to apply it", async () => {
    const project = await applied();
    project.edit("desired/registry.yaml", NARROW, `${WIDE}\n    edits_spec: true`);
    commit(project);
    const ran = await reconcile(project);
    expect(ran.code, ran.stdout).toBe(3);
    expect(ran.stdout).toContain("backend-agent may edit the spec");
    const person = await project.run(["apply", "-y", "--files-only"]);
    expect(person.code, person.stderr).toBe(0);
    expect(person.stdout).toContain("WIDENED");
  });
});

describe("what gives nobody more rights goes through, committed or not", () => {
  test("a hook that was tampered with is healed, although the spec of another agent widens", async () => {
    const project = await applied();
    project.edit("desired/registry.yaml", "tools: [Read, Task]", "tools: [Read, Task, Bash]");
    project.write(HOOK, "#!/bin/sh\nexit 0\n", 0o755);
    const ran = await reconcile(project);
    expect(ran.code, ran.stdout).toBe(3);
    expect(ran.stdout).toContain("it gives planning-agent more rights (may use Bash)");
    expect(ran.stdout).not.toContain("gives backend-agent");
    expect(project.read(HOOK)).toContain("*.test.*");
  });

  test("a change that takes rights away", async () => {
    const project = await applied({ inGit: false });
    project.edit("desired/registry.yaml", NARROW, 'cannot_access: ["frontend/**", "*.test.*", "docs/**"]');
    const ran = await reconcile(project);
    expect(ran.code, ran.stdout).toBe(0);
    expect(ran.stdout).not.toContain("WIDENED");
  });
});

test("a hook that is broken while the registry widens may hide what it permitted: held back as well", async () => {
  const project = await applied({ inGit: false });
  widen(project);
  project.write(HOOK, "#!/bin/sh\nexit 0\n", 0o755);
  const ran = await reconcile(project);
  expect(ran.code, ran.stdout).toBe(3);
  expect(ran.stdout).toContain("what it permitted before cannot be read");
});

test("an agent that no person applied yet waits for one, with all its files", async () => {
  const project = await applied({ inGit: false });
  const entry = project.read("desired/registry.yaml").split("  backend-agent:\n")[1] ?? "";
  project.write(
    "desired/registry.yaml",
    `${project.read("desired/registry.yaml")}  new-agent:\n${entry.replaceAll("backend", "new")}`,
  );
  const ran = await reconcile(project);
  expect(ran.code, ran.stdout).toBe(3);
  expect(ran.stdout).toContain("new-agent is new");
  expect(project.exists("agents/new-agent")).toBe(false);
});

describe("a rollcall.config.yaml that git ignores", () => {
  test("counts as committed while it is what the last apply saw", async () => {
    const project = await applied();
    project.write("rollcall.config.yaml", "prefix: a-\n");
    expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
    widen(project);
    commit(project);
    project.write("rollcall.config.yaml", "prefix: b-\n");
    await expectHeldBack(project, "rollcall.config.yaml changed since the last `rollcall apply`");
    project.write("rollcall.config.yaml", "prefix: a-\n");
    await expectPasses(project);
  });
});

test("an undo that gives rights back says so", async () => {
  const project = await applied();
  project.edit("desired/registry.yaml", NARROW, 'cannot_access: ["frontend/**", "*.test.*", "docs/**"]');
  const ran = (await project.run(["apply", "-y", "--files-only", "-o", "json"])).json() as unknown as { id: string };
  const undone = await project.run(["undo", ran.id, "-y"]);
  expect(undone.code, undone.stderr).toBe(0);
  expect(undone.stdout).toContain("WIDENED: this run permits more than before");
  expect(undone.stdout).toContain("hook/backend-agent/auto-deny: may write docs/**");
});
