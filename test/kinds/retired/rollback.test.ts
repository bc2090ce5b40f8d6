// The rollback point: a git tag on the commit before folders leave, made with real git, the index and work tree untouched.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { snapshot } from "../../support/project-fixture.ts";
import { OLD_PLANNING, RetiredFixture } from "../../support/retired-fixture.ts";

const wish = { archive: { planning: "planning-agent" }, tag: true } as const;

function git(fixture: RetiredFixture, ...words: string[]): string {
  const identity = { GIT_AUTHOR_NAME: "ada", GIT_AUTHOR_EMAIL: "a@b.invalid", GIT_COMMITTER_NAME: "ada" };
  const env = { PATH: process.env["PATH"] ?? "", HOME: fixture.root, ...identity, GIT_COMMITTER_EMAIL: "a@b.invalid" };
  return execFileSync("git", words, { cwd: fixture.root, env, encoding: "utf8" }).trim();
}

function committed(options: Partial<ConstructorParameters<typeof RetiredFixture>[0]> = {}): RetiredFixture {
  const fixture = new RetiredFixture({
    files: { ...OLD_PLANNING, "run.ts": "export {};\n" },
    ...wish,
    git: true,
    ...options,
  });
  git(fixture, "commit", "-q", "-m", "Before the clean-up");
  return fixture;
}

test("a tag marks the commit, and nothing of git's but the tag has changed", async () => {
  const fixture = committed();
  writeFileSync(join(fixture.root, "staged.ts"), "export const a = 1;\n");
  git(fixture, "add", "staged.ts");
  const index = snapshot(join(fixture.root, ".git"))["index"];
  const { plan } = await fixture.plan();
  expect(plan.actions[0]?.reason).toBe(
    "retired (2 files), replaced by planning-agent; a git tag will mark the commit before it",
  );
  expect(git(fixture, "tag")).toBe("");
  expect(await fixture.apply()).toMatchObject({ converged: true });
  expect(git(fixture, "tag")).toBe("rollcall/before-run-1");
  expect(git(fixture, "rev-parse", "rollcall/before-run-1")).toBe(git(fixture, "rev-parse", "HEAD"));
  expect(snapshot(join(fixture.root, ".git"))["index"]).toBe(index);
  expect(git(fixture, "show", "rollcall/before-run-1:agents/planning/prompts/start.txt")).toBe("plan!");
});

test("the plan says how much of a folder the commit does not hold", async () => {
  const fixture = committed();
  fixture.write("agents/planning/new.txt", "not committed\n");
  fixture.write("agents/planning/README.md", "changed\n");
  fixture.write("agents/planning-agent/other.txt", "elsewhere\n");
  const { plan } = await fixture.plan();
  expect(plan.actions[0]?.reason).toContain("(it does not hold 2 uncommitted in it)");
});

test("a project that lies below the top of its repository is tagged as well", async () => {
  const fixture = new RetiredFixture({ files: OLD_PLANNING, ...wish });
  fixture.write("agents/planning/new.txt", "not committed\n");
  const above = join(fixture.root, "..");
  execFileSync("git", ["init", "-q"], { cwd: above });
  git(fixture, "add", "agents/planning/README.md");
  git(fixture, "commit", "-q", "-m", "Before");
  expect((await fixture.plan()).plan.actions[0]?.reason).toContain("does not hold 2 uncommitted");
  expect(await fixture.apply()).toMatchObject({ converged: true });
  expect(git(fixture, "tag")).toBe("rollcall/before-run-1");
});

test("people's own settings for tags, and a hook of git that calls us, change nothing", async () => {
  const fixture = committed();
  git(fixture, "config", "tag.gpgSign", "true");
  git(fixture, "config", "user.useConfigOnly", "true");
  expect(await fixture.apply()).toMatchObject({ converged: true });
  expect(git(fixture, "cat-file", "-t", "rollcall/before-run-1")).toBe("commit");
});

test.each<[string, (fixture: RetiredFixture) => void, string]>([
  ["no git repository", (fixture) => rmSync(join(fixture.root, ".git"), { recursive: true }), "in no git repository"],
  ["a repository without a commit", () => {}, "has no commit yet"],
])("%s: it is said before anything moves, and nothing does, not even with --force", async (_what, spoil, words) => {
  const fixture = new RetiredFixture({ files: OLD_PLANNING, ...wish, git: true });
  spoil(fixture);
  const { plan } = await fixture.plan();
  expect(plan.actions).toEqual([]);
  expect(plan.blocked).toMatchObject([{ address: "retired/-/planning" }]);
  expect(plan.blocked[0]?.reason).toContain(words);
  expect(plan.blocked[0]?.hint).toContain("take tag out of retire");
  const before = snapshot(fixture.root);
  await fixture.apply({ force: true, overwrite: true });
  expect(snapshot(fixture.root)).toEqual(before);
});

test("git that refuses the tag when it comes to it: nothing is moved or deleted", async () => {
  const fixture = committed({ delete: ["trash"], files: { ...OLD_PLANNING, "agents/trash/x": "x\n" } });
  git(fixture, "update-ref", "refs/tags/rollcall", "HEAD");
  const run = await fixture.apply();
  expect(run.outcomes.map(({ result, error }) => ({ result, code: error?.code }))).toEqual([
    { result: "failed", code: "E332" },
    { result: "failed", code: "E332" },
  ]);
  expect(run.outcomes[0]?.error?.message).toContain("refs/tags/rollcall");
  expect(existsSync(join(fixture.root, "agents/planning/README.md"))).toBe(true);
  expect(existsSync(join(fixture.root, "agents/trash/x"))).toBe(true);
});

test("without the wish there is no tag", async () => {
  const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: wish.archive, git: true });
  git(fixture, "commit", "-q", "-m", "Before");
  await fixture.apply();
  expect(git(fixture, "tag")).toBe("");
});
