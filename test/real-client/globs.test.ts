// The real client and the permission rules that globs become: without a hook, it denies the paths that are meant and no others.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ignorePatterns } from "../../src/input/template/ignore-patterns.ts";
import { findClient, play } from "../support/client.ts";

/** Glob, paths it closes, paths it does not. Every path is under this glob alone. */
const TABLE: readonly (readonly [glob: string, closed: readonly string[], open: readonly string[]])[] = [
  ["a1/(auth)/**", ["a1/(auth)/x"], ["a1/auth/x"]],
  ["**/(admin)/**", ["q/(admin)/x", "(admin)/x"], ["q/admin/x"]],
  ["report (1).md", ["report (1).md", "q/report (1).md"], ["report 1.md"]],
  ["a2/[slug]/**", ["a2/[slug]/x", "a2/s/x"], ["a2/slug/x"]],
  ["a3/[...all]/**", ["a3/[...all]/x"], ["a3/all/x"]],
  ["a4/[[...all]]/**", ["a4/[[...all]]/x"], ["a4/all/x"]],
  ["a5|b/**", ["a5|b/x"], ["a5/x"]],
  ["a6+b/**", ["a6+b/x"], ["a66b/x"]],
  ["@a7/**", ["@a7/x"], ["a7/x"]],
  ["a8/{-$locale}/**", ["a8/{-$locale}/x"], ["a8/-$locale/x"]],
  ["a9/{(x),y}/**", ["a9/(x)/x", "a9/y/x"], ["a9/x/x"]],
  ["a10/[a-c]x/**", ["a10/bx/x", "a10/[a-c]x/x"], ["a10/dx/x"]],
  ["a11/[!q]z", ["a11/bz", "a11/[!q]z"], ["a11/bbz"]],
  ["a12/*", ["a12/x", "a12/x1/y"], []],
  ["*.a13", ["x.a13", "q/x.a13", "x1.a13/y"], ["x.a133"]],
  ["/a14", ["a14"], ["q/a14"]],
  ["a15//x", ["a15/x"], ["a15/y"]],
  ["a16/../a17/**", ["a17/x"], ["a16/x"]],
  ["\\(a18\\)/**", ["(a18)/x"], ["a18/x"]],
  ["a19/\\*x", ["a19/*x"], ["a19/yx"]],
  ["a20/\\?x", ["a20/?x"], ["a20/xyx"]],
  ["a21/**/z", ["a21/z", "a21/p/q/z"], ["a21/p/y"]],
  ["a22 b/c d", ["a22 b/c d"], ["a22 b/c"]],
  ["../a23/**", ["../a23/x"], ["a23/x"]],
  ["a24/#x", ["a24/#x"], ["a24/x"]],
  ["a25/!x", ["a25/!x"], ["a25/x"]],
  ["a26/é^$/**", ["a26/é^$/x"], ["a26/e/x"]],
  ["a27\\\\b/**", ["a27\\b/x"], ["a27b/x"]],
  ["a28/[c\\]d]y", ["a28/cy", "a28/]y"], ["a28/ccy"]],
];

test("rules of the client close what the globs mean, also below a root with signs of globs in its name", async () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-globs-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, "p [1] (x) {a,b} *!?");
  const folder = join(root, "agents/builder");
  const deny = TABLE.flatMap(([glob]) => ignorePatterns(glob, root) ?? []).map((pattern) => `Edit(${pattern})`);
  mkdirSync(join(folder, ".claude"), { recursive: true });
  writeFileSync(join(folder, ".claude/settings.local.json"), JSON.stringify({ permissions: { deny } }));
  const cases = TABLE.flatMap(([glob, closed, open]) => [
    ...closed.map((path) => ({ glob, path, expected: "denied" })),
    ...open.map((path) => ({ glob, path, expected: "ran" })),
  ]);
  const steps = cases.map(({ path }) => ({
    tool: "Write",
    input: { file_path: join(root, path), content: "x\n" },
    touches: join(root, path),
  }));
  for (const { path } of cases) mkdirSync(dirname(join(root, path)), { recursive: true });
  const options = ["--add-dir", base];
  const { calls } = await play({
    client: findClient(),
    folder,
    home: join(base, "home"),
    trusted: root,
    steps,
    options,
  });
  const seen = cases.map((one, index) => ({ ...one, expected: calls[index]?.verdict, by: calls[index]?.by }));
  expect(seen).toEqual(cases.map((one) => ({ ...one, by: one.expected === "denied" ? "rule" : null })));
});
