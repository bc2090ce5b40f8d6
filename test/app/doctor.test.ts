// Checks of doctor that look at what a test cannot change: the Node that runs it, the platform, versions of programs.
import { expect, test } from "vitest";
import { checkVersion, compareVersions, hooklessWords } from "../../src/app/doctor/client.ts";
import { nodeVersion, platform } from "../../src/app/doctor/machine.ts";
import { overlong, tmuxVersion } from "../../src/app/doctor/sessions.ts";
import { createReader } from "../../src/host/world.ts";

const machine = (node: string, name = "linux") => ({ machine: { node, platform: name, uid: 1000 } });

test.each([
  ["18.20.4", "error"],
  ["20.18.3", "error"],
  ["20.19.0", "ok"],
  ["22.1.0", "ok"],
])("Node %s: %s", (version, state) => {
  expect(nodeVersion(machine(version)).state).toBe(state);
});

test("another platform than Linux is an error that names WSL", () => {
  const reader = createReader({ roots: ["/"], env: {} });
  expect(platform({ ...machine("20.19.0", "darwin"), reader })).toMatchObject({
    state: "error",
    remedy: expect.stringContaining("WSL"),
  });
  expect(platform({ ...machine("20.19.0"), reader }).state).toBe("ok");
});

test.each([
  ["2.1.197", "warning", /not enforced on hook failure/],
  ["2.1.329", "warning", /not enforced on hook failure/],
  ["1.9.999", "warning", /not enforced on hook failure/],
  ["2.1.330", "ok", /2\.1\.330/],
  ["2.1.331", "info", /newer than what was measured/],
  ["2.10.0", "info", /newer than what was measured/],
])("client %s: %s", (version, state, words) => {
  expect(checkVersion(version)).toMatchObject({ state, message: expect.stringMatching(words) });
});

test("versions are numbers, not text", () => {
  expect(compareVersions("2.1.9", "2.1.10")).toBe(-1);
  expect(compareVersions("10.0.0", "9.9.9")).toBe(1);
  expect(compareVersions("2.1.330", "2.1.330")).toBe(0);
});

test("words with which the client runs no hook of the project are found in every form", () => {
  expect(hooklessWords(["claude", "--safe-mode"])).toEqual(["--safe-mode"]);
  expect(hooklessWords(["claude", "--setting-sources", "user,local"])).toEqual(["--setting-sources user,local"]);
  expect(hooklessWords(["claude", "--setting-sources=user"])).toEqual(["--setting-sources user"]);
  expect(hooklessWords(["claude", "--setting-sources", "user,project", "--model", "opus"])).toEqual([]);
});

test("tmux versions with letters and development versions are read", () => {
  expect(tmuxVersion("tmux 3.3a")).toEqual([3, 3]);
  expect(tmuxVersion("tmux next-3.6")).toEqual([3, 6]);
  expect(tmuxVersion("tmux master")).toBeNull();
});

test("a socket path of 107 bytes fits into unix(7)'s address, one of 108 does not", () => {
  expect(overlong(`/tmp/${"s".repeat(102)}`)).toBeNull();
  expect(overlong(`/tmp/${"s".repeat(103)}`)).toMatchObject({
    state: "error",
    remedy: expect.stringContaining("socket"),
  });
});
