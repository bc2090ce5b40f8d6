// Processes that outlived a tmux server which is really gone: ended before the next is started, a busy one only with --force.
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { applied, liveOf, planned, runs, sessionsOn, statuses, until } from "../support/tmux-fixture.ts";

const ADDRESS = "session/stubborn/main";
const BUSY = ["sh", "-c", "trap '' HUP; while :; do sleep 5; done"];
const IDLE = ["sh", "-c", "trap '' HUP; exec sleep 100000"];

/** One agent that ignores the hang-up and has outlived its server, which was killed by the kernel. */
async function outlived(command: readonly string[], fleet: readonly string[] = []) {
  const project = openProject({ files: fleetFiles({ agents: [{ name: "stubborn" }], command, fleet }) });
  await applied(project);
  const { pid } = liveOf(project, "stubborn");
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, "SIGKILL");
  });
  await until("it ignores the hang-up", () =>
    /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
  );
  const server = Number(project.tmux(["display-message", "-p", "#{pid}"]));
  process.kill(server, "SIGKILL");
  await until("the server is gone", () => !runs(server));
  expect(runs(pid)).toBe(true);
  return { project, pid };
}

const newPid = (project: Project): number => sessionsOn(project.socket)["iw-stubborn"]?.pid ?? 0;

test("a busy one is not ended by apply, reconcile or start, and nothing is started beside it", async () => {
  const { project, pid } = await outlived(BUSY);
  const { code, plan } = await planned(project);
  expect(code).toBe(2);
  expect(plan.actions).toEqual([]);
  expect(plan.deferred).toMatchObject([
    {
      address: ADDRESS,
      reason: expect.stringContaining(`its process (pid ${pid}) still runs, in no pane; it is busy`),
    },
  ]);
  expect((await statuses(project))["stubborn"]).toMatchObject({
    health: "absent",
    notes: [expect.stringContaining(`pid ${pid}`)],
  });
  for (const [words, code] of [
    [["apply", "-y"], 0],
    [["reconcile"], 0],
    [["start", "stubborn"], 2],
    [["stop", "stubborn"], 2],
  ] as const) {
    const ran = await project.run(words);
    expect(ran.code, words.join(" ") + ran.stdout + ran.stderr).toBe(code);
    expect([runs(pid), newPid(project)]).toEqual([true, 0]);
  }
  const run = await applied(project, { words: ["--force"] });
  expect(run.outcomes).toMatchObject([{ action: "create", address: ADDRESS, result: "done" }]);
  expect([runs(pid), runs(newPid(project))]).toEqual([false, true]);
});

test("an idle one is ended before the next is started", async () => {
  const { project, pid } = await outlived(IDLE);
  const run = await applied(project);
  expect(run).toMatchObject({ converged: true, outcomes: [{ action: "create", corrective: true, result: "done" }] });
  expect([runs(pid), runs(newPid(project))]).toEqual([false, true]);
});

test("stop --force ends it and holds the agent", async () => {
  const { project, pid } = await outlived(BUSY);
  const ran = await project.run(["stop", "stubborn", "--force"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect([runs(pid), newPid(project)]).toEqual([false, 0]);
  expect((await statuses(project))["stubborn"]?.hold).toBeDefined();
});

test("what a closed session left behind in a living server counts the same", async () => {
  const project = openProject({ files: fleetFiles({ agents: [{ name: "stubborn" }], command: BUSY }) });
  await applied(project);
  const { pid } = liveOf(project, "stubborn");
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, "SIGKILL");
  });
  await until("it ignores the hang-up", () =>
    /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
  );
  project.tmux(["new-session", "-d", "-s", "mine", "sleep 1000"]);
  project.tmux(["kill-session", "-t", "=iw-stubborn"]);
  expect((await planned(project)).plan.deferred).toMatchObject([{ address: ADDRESS }]);
  const run = await applied(project, { words: ["--force"] });
  expect(run.converged).toBe(true);
  expect(runs(pid)).toBe(false);
});
