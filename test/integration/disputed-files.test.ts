// A person and the registry want something else of one file: the session waits for it, and what was started from the
// wrong bytes is never called in sync.
import { beforeEach, expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { commitAll, openProject, type Project } from "../support/project-fixture.ts";
import { applied, changesOf, liveOf, planned, QUIET, sessionsOn, statuses } from "../support/tmux-fixture.ts";

const FILE = "config/planner/.claude/CLAUDE.md";
const SESSION = "session/planner/main";
const MEMORY = "agents/planner/.claude/CLAUDE.md";
const WAITS = { address: SESSION, reason: `waits for ${FILE}` };

let project: Project;
beforeEach(() => {
  project = openProject({ files: fleetFiles({ agents: [{ name: "planner" }, { name: "builder" }], command: QUIET }) });
});

/** The registry and a person change the first line of the same file. */
function dispute(): void {
  project.edit("desired/registry.yaml", 'display_name: "planner"', 'display_name: "Planner X"');
  project.write(MEMORY, project.read(MEMORY).replace(/^.*/, "# Mine"));
}

test("a conflict defers the session; after adopt and apply the file is updated and the session restarted", async () => {
  await applied(project);
  const before = liveOf(project, "planner");
  dispute();

  const run = await applied(project, { words: ["planner"], code: 3 });
  expect(changesOf(run)).toEqual([]);
  expect(run.remaining.blocked).toMatchObject([{ address: FILE, verdict: "conflicting" }]);
  expect(run.remaining.deferred).toMatchObject([WAITS]);
  expect(liveOf(project, "planner")).toEqual(before);
  expect(await statuses(project)).toMatchObject({
    planner: { sync: "blocked", notes: expect.arrayContaining(["stale: CLAUDE.md"]) },
    builder: { sync: "in-sync" },
  });

  expect((await project.run(["adopt", "-y", FILE])).code).toBe(0);
  const after = await applied(project, { words: ["planner"] });
  expect(changesOf(after)).toEqual([`replace ${SESSION} done`, `update ${FILE} done`]);
  expect(after.converged).toBe(true);
  expect(project.read(MEMORY)).toMatch(/^# Planner X/);
  expect(liveOf(project, "planner").pid).not.toBe(before.pid);
  expect((await statuses(project))["planner"]).toMatchObject({ sync: "in-sync" });
  expect((await project.run(["verify", "planner"])).code).toBe(0);
});

test("a session that is gone is not started from a file in dispute, neither by reconcile nor by start", async () => {
  await applied(project);
  dispute();
  commitAll(project);
  project.tmux(["kill-session", "-t", "=iw-planner"]);
  const run = await project.run(["reconcile", "-o", "json"]);
  expect(run.code, run.stderr).toBe(3);
  expect(run.json()).toMatchObject({ remaining: { deferred: [WAITS] } });
  const started = await project.run(["start", "planner"]);
  expect(started.code).toBe(3);
  expect(started.stderr).toContain(FILE);
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-builder"]);
  const overwritten = await applied(project, { words: ["--overwrite"] });
  expect(changesOf(overwritten)).toEqual([`create ${SESSION} done`, `update ${FILE} done`]);
});

test("what was started from tampered bytes is stale until it is started again, also once the file is right", async () => {
  // Differences of files are only reported for a while: the session is started from what lies there.
  await applied(project);
  const right = project.read(MEMORY);
  const spec = project.read("desired/fleet.yaml");
  project.write("desired/fleet.yaml", `${spec}policy: { enforce: { config: report } }\n`);
  project.write(MEMORY, "# Mine\n");
  project.tmux(["kill-session", "-t", "=iw-planner"]);
  const run = await applied(project);
  expect(changesOf(run)).toEqual([`create ${SESSION} done`]);
  expect(run.converged).toBe(false);
  const { pid } = liveOf(project, "planner");
  // It is not ended again and again to be started from the same file.
  expect(changesOf(await applied(project))).toEqual([]);
  expect((await planned(project)).plan.deferred).toMatchObject([{ address: FILE }, WAITS]);

  project.write("desired/fleet.yaml", spec);
  project.write(MEMORY, right);
  expect((await statuses(project))["planner"]).toMatchObject({
    sync: "out-of-sync",
    notes: expect.arrayContaining(["stale: CLAUDE.md"]),
  });
  const text = await project.run(["status"]);
  expect(text.stdout).toMatch(/^planner +out-of-sync .*stale: CLAUDE\.md/m);
  const { code, plan } = await planned(project);
  expect(code).toBe(2);
  expect(plan.actions).toMatchObject([{ address: SESSION, action: "replace", verdict: "pending" }]);
  expect((await applied(project)).converged).toBe(true);
  expect(liveOf(project, "planner").pid).not.toBe(pid);
  expect((await planned(project)).code).toBe(0);
});

test("a tampered file that is healed restarts nothing", async () => {
  await applied(project);
  const { pid } = liveOf(project, "planner");
  project.write(MEMORY, "# Mine\n");
  const run = await applied(project);
  expect(changesOf(run)).toEqual([`update ${FILE} done`]);
  expect(run.converged).toBe(true);
  expect(liveOf(project, "planner").pid).toBe(pid);
});
