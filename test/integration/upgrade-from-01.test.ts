// A project that 0.1 applied, with its sessions running: this version takes it over without a difference and without a restart.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { digestBytes } from "../../src/delta/digest.ts";
import { ledgerOf01, lockFileOf01, marksOf01, specOf01 } from "../support/made-by-01.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { applied, changesOf, liveOf, planned, sessionsOn, statuses } from "../support/tmux-fixture.ts";

/** Files as rendered, records as 0.1 wrote them, and its sessions under its marks. */
async function projectOf01(): Promise<Project> {
  const project = openProject({ files: specOf01() });
  const { root, socket } = project;
  const written = await project.run(["apply", "-y", "--files-only"]);
  expect(written.code, written.stderr).toBe(0);
  project.remove("state");
  project.write("agents/rollcall.lock.json", lockFileOf01());
  const processes = new Map<string, { pid: number; tick: string }>();
  const fleetId = digestBytes(`rollcall fleet ${root}`);
  for (const [name, mark] of marksOf01(fleetId)) {
    const agent = name.slice("iw-".length);
    const size = ["-x", "220", "-y", "50"];
    project.tmux(["new-session", "-d", "-s", name, ...size, "-c", project.path(`agents/${agent}`), "sleep", "100000"]);
    project.tmux(["set-option", "-p", "-t", `=${name}:`, "remain-on-exit", "on"]);
    project.tmux(["set-option", "-p", "-t", `=${name}:`, "@rollcall_pane", `${fleetId}/${agent}`]);
    project.tmux(["set-option", "-t", `=${name}:`, "@rollcall", mark]);
    const { pid } = liveOf(project, agent);
    processes.set(agent, { pid, tick: readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? "" });
  }
  project.write("state/ledger.json", ledgerOf01({ root, socket, processes }), 0o600);
  return project;
}

test("nothing of it is a difference but the hooks, and no session is restarted", async () => {
  const project = await projectOf01();
  const before = sessionsOn(project.socket);
  const { plan } = await planned(project);
  expect(plan.actions.filter(({ kind }) => kind !== "hook")).toEqual([]);
  expect([plan.deferred, plan.blocked, plan.orphans]).toEqual([[], [], []]);
  expect(plan.held).toMatchObject([{ agent: "writer", reason: "a look" }]);
  expect(await statuses(project)).toMatchObject({
    planner: { notes: expect.arrayContaining(["started before 0.2"]) },
    writer: { sync: "held" },
  });

  await applied(project);
  expect(sessionsOn(project.socket)).toEqual(before);
  expect(project.read("state/ledger.json")).toMatch(/^\{\n {2}"version": 2,/);
  expect(project.read("agents/rollcall.lock.json")).toMatch(/^\{\n {2}"version": 1,/);
  expect((await planned(project)).code).toBe(0);
  const again = project.read("state/ledger.json");
  expect(changesOf(await applied(project))).toEqual([]);
  expect(project.read("state/ledger.json")).toBe(again);

  // A change of the spec is pending for such a session, no drift; it is started anew with a mark of this version.
  project.edit("desired/registry.yaml", "description: Carries out one step", "description: Carries out two steps");
  const changed = await planned(project);
  expect(changed.plan.summary).toMatchObject({ drift: 0, pending: 2 });
  expect(changesOf(await applied(project))).toContain("replace session/builder/main done");
  expect(liveOf(project, "builder").pid).not.toBe(before["iw-builder"]?.pid);
  expect(liveOf(project, "planner").pid).toBe(before["iw-planner"]?.pid);
  expect((await statuses(project))["builder"]?.notes).not.toContain("started before 0.2");
});
