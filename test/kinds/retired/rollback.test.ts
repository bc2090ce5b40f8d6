// The rollback point: a git tag on the commit before folders leave, made with real git, the index and work tree untouched.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { snapshot } from "../../support/project-fixture.ts";
import { OLD_PLANNING, Yard } from "../../support/retired-fixture.ts";

const wish = { archive: { planning: "planning-agent" }, tag: true } as const;

function git(yard: Yard, ...words: string[]): string {
  const identity = { GIT_AUTHOR_NAME: "ada", GIT_AUTHOR_EMAIL: "a@b.invalid", GIT_COMMITTER_NAME: "ada" };
  const env = { PATH: process.env["PATH"] ?? "", HOME: yard.root, ...identity, GIT_COMMITTER_EMAIL: "a@b.invalid" };
  return execFileSync("git", words, { cwd: yard.root, env, encoding: "utf8" }).trim();
}

function committed(options: Partial<ConstructorParameters<typeof Yard>[0]> = {}): Yard {
  const yard = new Yard({ files: { ...OLD_PLANNING, "run.ts": "export {};\n" }, ...wish, git: true, ...options });
  git(yard, "commit", "-q", "-m", "Before the clean-up");
  return yard;
}

test("a tag marks the commit, and nothing of git's but the tag has changed", async () => {
  const yard = committed();
  writeFileSync(join(yard.root, "staged.ts"), "export const a = 1;\n");
  git(yard, "add", "staged.ts");
  const index = snapshot(join(yard.root, ".git"))["index"];
  const { plan } = await yard.plan();
  expect(plan.actions[0]?.reason).toBe(
    "retired (2 files), replaced by planning-agent; a git tag will mark the commit before it",
  );
  expect(git(yard, "tag")).toBe("");
  expect(await yard.apply()).toMatchObject({ converged: true });
  expect(git(yard, "tag")).toBe("rollcall/before-run-1");
  expect(git(yard, "rev-parse", "rollcall/before-run-1")).toBe(git(yard, "rev-parse", "HEAD"));
  expect(snapshot(join(yard.root, ".git"))["index"]).toBe(index);
  expect(git(yard, "show", "rollcall/before-run-1:agents/planning/prompts/start.txt")).toBe("plan!");
});

test("the plan says how much of a folder the commit does not hold", async () => {
  const yard = committed();
  yard.write("agents/planning/new.txt", "not committed\n");
  yard.write("agents/planning/README.md", "changed\n");
  yard.write("agents/planning-agent/other.txt", "elsewhere\n");
  const { plan } = await yard.plan();
  expect(plan.actions[0]?.reason).toContain("(it does not hold 2 uncommitted in it)");
});

test("a project that lies below the top of its repository is tagged as well", async () => {
  const yard = new Yard({ files: OLD_PLANNING, ...wish });
  yard.write("agents/planning/new.txt", "not committed\n");
  const above = join(yard.root, "..");
  execFileSync("git", ["init", "-q"], { cwd: above });
  git(yard, "add", "agents/planning/README.md");
  git(yard, "commit", "-q", "-m", "Before");
  expect((await yard.plan()).plan.actions[0]?.reason).toContain("does not hold 2 uncommitted");
  expect(await yard.apply()).toMatchObject({ converged: true });
  expect(git(yard, "tag")).toBe("rollcall/before-run-1");
});

test("people's own settings for tags, and a hook of git that calls us, change nothing", async () => {
  const yard = committed();
  git(yard, "config", "tag.gpgSign", "true");
  git(yard, "config", "user.useConfigOnly", "true");
  expect(await yard.apply()).toMatchObject({ converged: true });
  expect(git(yard, "cat-file", "-t", "rollcall/before-run-1")).toBe("commit");
});

test.each<[string, (yard: Yard) => void, string]>([
  ["no git repository", (yard) => rmSync(join(yard.root, ".git"), { recursive: true }), "in no git repository"],
  ["a repository without a commit", () => {}, "has no commit yet"],
])("%s: it is said before anything moves, and nothing does, not even with --force", async (_what, spoil, words) => {
  const yard = new Yard({ files: OLD_PLANNING, ...wish, git: true });
  spoil(yard);
  const { plan } = await yard.plan();
  expect(plan.actions).toEqual([]);
  expect(plan.blocked).toMatchObject([{ address: "retired/-/planning" }]);
  expect(plan.blocked[0]?.reason).toContain(words);
  expect(plan.blocked[0]?.hint).toContain("take tag out of retire");
  const before = snapshot(yard.root);
  await yard.apply({ force: true, overwrite: true });
  expect(snapshot(yard.root)).toEqual(before);
});

test("git that refuses the tag when it comes to it: nothing is moved or deleted", async () => {
  const yard = committed({ delete: ["trash"], files: { ...OLD_PLANNING, "agents/trash/x": "x\n" } });
  git(yard, "update-ref", "refs/tags/rollcall", "HEAD");
  const run = await yard.apply();
  expect(run.outcomes.map(({ result, error }) => ({ result, code: error?.code }))).toEqual([
    { result: "failed", code: "E332" },
    { result: "failed", code: "E332" },
  ]);
  expect(run.outcomes[0]?.error?.message).toContain("refs/tags/rollcall");
  expect(existsSync(join(yard.root, "agents/planning/README.md"))).toBe(true);
  expect(existsSync(join(yard.root, "agents/trash/x"))).toBe(true);
});

test("without the wish there is no tag", async () => {
  const yard = new Yard({ files: OLD_PLANNING, archive: wish.archive, git: true });
  git(yard, "commit", "-q", "-m", "Before");
  await yard.apply();
  expect(git(yard, "tag")).toBe("");
});
