// The example of docs/adding-a-kind.md, made by `npm run new-kind` in a copy of this repository: it compiles and keeps the laws.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = [
  "src",
  "test/support",
  "scripts",
  "docs",
  "package.json",
  "tsconfig.json",
  "biome.json",
  "vitest.config.ts",
];

function openCopy() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-new-kind-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const path of COPIED) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  execFileSync("git", ["init", "-q"], { cwd: root });
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
    return { status, output: `${stdout}${stderr}` };
  };
  return { root, run };
}

test("npm run new-kind makes the example of the page under another name: it compiles, keeps the laws, and is in the list", () => {
  const { root, run } = openCopy();
  expect(run("scripts/new-kind.mjs", "hand-over")).toMatchObject({ status: 0 });
  expect(readFileSync(join(root, "src/kinds/index.ts"), "utf8")).toContain("retired, handOver]");
  expect(run("node_modules/typescript/bin/tsc", "--noEmit")).toEqual({ status: 0, output: "" });
  const tests = run("node_modules/vitest/vitest.mjs", "run", "--project", "unit", "test/kinds/hand-over");
  expect(tests, tests.output).toMatchObject({ status: 0 });
});

test("a name that is taken or is none is refused, and nothing is written", () => {
  const { root, run } = openCopy();
  const list = readFileSync(join(root, "src/kinds/index.ts"), "utf8");
  expect(run("scripts/new-kind.mjs", "hook")).toEqual({
    status: 1,
    output: "new-kind: there already is a kind hook\n",
  });
  expect(run("scripts/new-kind.mjs", "../x").output).toContain('not "../x"');
  expect(readFileSync(join(root, "src/kinds/index.ts"), "utf8")).toBe(list);
});
