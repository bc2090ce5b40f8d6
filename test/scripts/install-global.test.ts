// Where the install line puts the commands, and which node they start with.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { choosePrefix, nodePath, withNode } from "../../scripts/install-global.mjs";

function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-prefix-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("the named prefix, npm's own where it can be written to, else ~/.local", () => {
  const home = folder();
  writeFileSync(join(home, "closed"), "not a folder, so that root cannot write below it either");
  const global = join(home, "npm");
  expect(choosePrefix({ named: "/opt/tools", global, home })).toBe("/opt/tools");
  expect(choosePrefix({ named: undefined, global, home })).toBe(global);
  expect(choosePrefix({ named: undefined, global: join(home, "closed"), home })).toBe(join(home, ".local"));
});

test("node is named as the PATH names it, so that an update which moves the real file changes nothing", () => {
  const bin = folder();
  symlinkSync(process.execPath, join(bin, "node"));
  expect(nodePath(`relative:/nowhere:${bin}:/usr/bin`, process.execPath)).toBe(join(bin, "node"));
  expect(nodePath("/nowhere", process.execPath)).toBe(process.execPath);
});

test("a launcher starts with its own node, whatever the path holds, and with the one on the PATH when that is gone", () => {
  const root = folder();
  const own = join(root, "it's here/node");
  mkdirSync(join(root, "it's here"));
  mkdirSync(join(root, "bin"));
  const stub = (path: string, name: string): void => {
    writeFileSync(path, `#!/bin/sh\necho ${name} "$@"\n`);
    chmodSync(path, 0o755);
  };
  stub(own, "own");
  stub(join(root, "bin/node"), "found");
  const launcher = join(root, "rollcall");
  const program = `#!/usr/bin/env node\n"use strict";console.log(process.argv[2] + (() => this)());\n`;
  writeFileSync(launcher, withNode(program, own), { mode: 0o755 });
  const run = (path: string): string => execFileSync(launcher, ["a b"], { env: { PATH: path }, encoding: "utf8" });
  expect(run("/nowhere")).toBe(`own ${launcher} a b\n`);
  rmSync(own);
  expect(run(join(root, "bin"))).toBe(`found ${launcher} a b\n`);
  rmSync(join(root, "bin/node"));
  symlinkSync(process.execPath, join(root, "bin/node"));
  expect(run(join(root, "bin"))).toMatch(/^a b/);
});
