// `npm run up` and `npm run down` in a fresh clone, and what a plan says of the clone before.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { endAfterwards, sessionsOn } from "../support/tmux-fixture.ts";
import { cloneInto, repository } from "../support/whole-clone.ts";

function openClone() {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-up-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const socket = basename(base);
  endAfterwards(socket);
  const root = cloneInto(base);
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  mkdirSync(join(base, "home"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: join(base, "home"), TMUX_SOCKET_OVERRIDE: socket };
  return {
    socket,
    run: (...words: string[]) => spawnSync(process.execPath, words, { cwd: root, env, encoding: "utf8", input: "" }),
  };
}

test("up ends with every hook proven, one apply is enough, and nothing warns", () => {
  const clone = openClone();
  expect(clone.run("scripts/build.mjs", "--quiet").status).toBe(0);
  const before = clone.run("dist/rollcall.cjs", "plan", "--portable", "--detailed-exitcode");
  expect(before).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("No differences") });

  const up = clone.run("scripts/up.mjs");
  expect(up.status, up.stderr).toBe(0);
  expect(up.stdout).toMatch(/^26 hooks proven\.$/m);
  expect(`${up.stdout}${up.stderr}`).not.toMatch(/unproven|warning/);
  expect(Object.keys(sessionsOn(clone.socket))).toHaveLength(26);

  const again = clone.run("dist/rollcall.cjs", "--config", "demo/rollcall.config.yaml", "apply");
  expect(again).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/^No differences: .*\n$/) });
  expect(clone.run("scripts/up.mjs", "--down").stdout).toContain("are ended");
});
