// A run lock that another host left behind: unlock takes it away, and never one whose holder is seen to live.
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { createProcesses } from "../../src/host/process/procfs.ts";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";

interface Left {
  readonly host?: string;
  readonly pid?: number;
  readonly startTick?: string;
  readonly space?: string;
}

/** A fleet with a run lock as somebody else would have left it. */
function lockedFleet(left: Left): Project {
  const project = openProject({ files: fleetFiles() });
  const self = createProcesses();
  const holder = {
    pid: 4_194_301,
    startTick: "1",
    bootId: self.bootId,
    host: hostname(),
    command: "rollcall reconcile",
    since: "2026-01-01T00:00:00.000Z",
    space: self.space,
    ...left,
  };
  project.write("state/lock", `${JSON.stringify(holder)}\n`);
  return project;
}

test.each([
  ["another host", { host: "lighthouse" }],
  ["another pid namespace", { space: "pid:[1]" }],
])("a lock of %s stops every run, until unlock takes it away", async (_where, left) => {
  const project = lockedFleet(left);
  const locked = await project.run(["apply", "-y", "--files-only"]);
  expect(locked.code).toBe(4);
  expect(locked.stderr).toContain("pid 4194301");
  expect(locked.stderr).toContain("rollcall reconcile");
  const unlocked = await project.run(["unlock"]);
  expect(unlocked.code, unlocked.stderr).toBe(0);
  expect(unlocked.stdout).toContain("Took away the lock of pid 4194301");
  expect(project.exists("state/lock")).toBe(false);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
});

test("a live holder is never robbed", async () => {
  const self = createProcesses();
  const project = lockedFleet({ pid: self.pid, startTick: self.startTick });
  const before = project.read("state/lock");
  const refused = await project.run(["unlock", "-y"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain(`pid ${self.pid}`);
  expect(project.read("state/lock")).toBe(before);
});

test("a dead holder's lock goes as well, though no run needs that", async () => {
  const project = lockedFleet({});
  expect((await project.run(["unlock"])).code).toBe(0);
  expect(project.exists("state/lock")).toBe(false);
});

test("without a lock, and with a broken spec, it says that there is nothing to do", async () => {
  const project = openProject({ files: { ...fleetFiles(), "desired/registry.yaml": "agents: [" } });
  const idle = await project.run(["unlock"]);
  expect(idle).toMatchObject({ code: 0, stdout: "No run holds the lock: nothing to do.\n" });
});

test("a lock that nobody of ours wrote is not taken for one", async () => {
  const project = lockedFleet({});
  project.write("state/lock", "keep out\n");
  const refused = await project.run(["unlock", "-y"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("E404");
  expect(project.read("state/lock")).toBe("keep out\n");
});
