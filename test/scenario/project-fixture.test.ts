// The stories rest on this: a picture of a folder shows every kind of change, and a project leaves nothing behind.
import { chmodSync, existsSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, expect, test } from "vitest";
import { changedPaths, expectUntouched, openProject, snapshot } from "../support/project-fixture.ts";

const left: string[] = [];

test.each<[string, (path: (name: string) => string) => void, string]>([
  ["a byte", (path) => writeFileSync(path("agents/a/CLAUDE.md"), "Other words\n"), "agents/a/CLAUDE.md"],
  ["a mode", (path) => chmodSync(path("agents/a/CLAUDE.md"), 0o755), "agents/a/CLAUDE.md"],
  ["a folder's mode", (path) => chmodSync(path("agents/a"), 0o700), "agents/a/"],
  [
    "the same bytes written again",
    (path) => writeFileSync(path("agents/a/CLAUDE.md"), "Words\n"),
    "agents/a/CLAUDE.md",
  ],
  ["only the time", (path) => utimesSync(path("agents/a/CLAUDE.md"), 1, 1), "agents/a/CLAUDE.md"],
  ["a new file", (path) => writeFileSync(path("agents/new"), ""), "agents/new"],
  ["a new link", (path) => symlinkSync("a", path("agents/b")), "agents/b"],
  ["a replaced file", (path) => renameSync(path("twin"), path("agents/a/CLAUDE.md")), "agents/a/CLAUDE.md"],
])("a picture shows %s", async (_what, change, where) => {
  const project = openProject({ files: { "agents/a/CLAUDE.md": "Words\n", twin: "Words\n" } });
  left.push(dirname(project.root));
  const before = snapshot(project.root);
  await expectUntouched(project.root, async () => project.read("agents/a/CLAUDE.md"));
  change(project.path);
  expect(changedPaths(before, snapshot(project.root))).toContain(where);
});

test("what a story excepts is left out of the picture, and what lies beside it is not", async () => {
  const project = openProject({ files: { "state/ledger.json": "{}", "desired/fleet.yaml": "version: 1\n" } });
  const before = snapshot(project.root, { except: ["state"] });
  project.write("state/ledger.json", "{ }");
  expect(changedPaths(before, snapshot(project.root, { except: ["state"] }))).toEqual([]);
  project.edit("desired/fleet.yaml", "1", "2");
  expect(changedPaths(before, snapshot(project.root, { except: ["state"] }))).toEqual(["desired/fleet.yaml"]);
});

test("a project has a tmux of its own, and folders without permissions do not stop its removal", () => {
  const project = openProject({ files: { "agents/locked/CLAUDE.md": "Words\n" } });
  left.push(dirname(project.root));
  project.tmux(["new-session", "-d", "-s", "story", "sleep 3600"]);
  expect(project.tmux(["list-sessions", "-F", "#{session_name}"])).toBe("story");
  chmodSync(project.path("agents/locked"), 0o000);
});

afterAll(() => {
  expect(left.length).toBeGreaterThan(0);
  for (const folder of left) expect(existsSync(folder), folder).toBe(false);
});
