// Starts that did not start: a command that dies within `session.ready.after` is a failed action that shows its last words.
import { expect, test } from "vitest";
import { type AgentEntry, fleetFiles } from "../support/fleets.ts";
import { openCrew } from "../support/legacy-fixture.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { applied, changesOf, liveOf, QUIET, runDocument, sessionsOn, statuses } from "../support/tmux-fixture.ts";

/** Lives long enough to be seen alive, then says something with colours and dies. */
const DYING: readonly string[] = ["sh", "-c", "sleep 0.4; printf 'first\\n\\033[31mno network\\033[0m\\n'; exit 7"];

function fleetThatWaits(agents: readonly AgentEntry[], command: readonly string[]): Project {
  return openProject({ files: fleetFiles({ agents, command, readyAfter: "1s" }) });
}

test("a command that dies within a second is a failed action with its exit code and its last lines", async () => {
  const agents = [{ name: "dying", more: [`session: { command: ${JSON.stringify(DYING)} }`] }, { name: "sound" }];
  const project = fleetThatWaits(agents, QUIET);
  const started = await applied(project, { code: 5 });
  const outcome = started.outcomes.find(({ address }) => address === "session/dying/main");
  expect(outcome).toMatchObject({
    result: "failed",
    error: {
      code: "E707",
      message: "its process exited with code 7 right after the start",
      output: ["first", "no network"],
    },
  });
  expect(started.converged).toBe(false);
  expect(changesOf(started)).toContain("create session/sound/main done");
  const again = await project.run(["apply", "-y"]);
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(/E707 .*exited with code 7[\s\S]*no network/);
  expect(again.stderr).not.toContain("\u001b[31m");
});

test("a command that ends by itself with code 0, or by a signal, has not started either", async () => {
  const ending = (script: string) => [`session: { command: [sh, -c, ${JSON.stringify(script)}] }`];
  const project = fleetThatWaits(
    [
      { name: "finished", more: ending("sleep 0.3; exit 0") },
      { name: "killed", more: ending("sleep 0.3; kill -9 $$") },
    ],
    QUIET,
  );
  const run = await applied(project, { code: 5 });
  expect(
    run.outcomes.filter(({ result }) => result === "failed").map(({ address, error }) => [address, error?.message]),
  ).toEqual([
    ["session/finished/main", "its process exited with code 0 right after the start"],
    ["session/killed/main", "its process was ended by SIGKILL right after the start"],
  ]);
  expect(run.converged).toBe(false);
});

test("a fallback shell that dies counts as a start that failed", async () => {
  const fallback = JSON.stringify(["sh", "-c", "sleep 0.3; exit 4"]);
  const project = fleetThatWaits(
    [{ name: "planner", more: [`session: { command: [no-such-client], fallback: ${fallback} }`] }],
    QUIET,
  );
  const run = await applied(project, { code: 5 });
  const outcome = run.outcomes.find(({ address }) => address === "session/planner/main");
  expect(outcome?.error?.message).toBe("its process exited with code 4 right after the start");
});

test("all sessions of a batch are waited for side by side, and nothing is waited for when nothing starts", async () => {
  const agents = Array.from({ length: 8 }, (_, index) => ({ name: `agent-${index}` }));
  const files = fleetFiles({ agents, command: QUIET, readyAfter: "3s" });
  const project = openProject({ files });
  await applied(project, { words: ["--files-only"] });
  const timed = async (words: readonly string[]) => {
    const begun = performance.now();
    await applied(project, { words });
    return performance.now() - begun;
  };
  const first = await timed([]);
  expect(first).toBeGreaterThan(3_000);
  expect(first).toBeLessThan(9_000);
  expect(await timed([])).toBeLessThan(3_000);
  project.tmux(["kill-session", "-t", "=iw-agent-3"]);
  expect(await timed(["--no-wait"])).toBeLessThan(3_000);
});

test("with --no-wait a start is believed once it is seen", async () => {
  const project = fleetThatWaits([{ name: "dying" }], ["sh", "-c", "sleep 0.8; exit 7"]);
  const run = await applied(project, { words: ["--no-wait"] });
  expect(changesOf(run)).toContain("create session/dying/main done");
});

test("start tells that the agent died, with its last lines, and exits 1", async () => {
  const project = fleetThatWaits([{ name: "dying" }], DYING);
  await applied(project, { words: ["--files-only"] });
  const ran = await project.run(["start", "dying"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(1);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toMatch(/dying .*exited with code 7/);
  expect(ran.stderr).toContain("no network");
  expect(ran.stderr).toContain("rollcall logs dying");
});

test("start on an exited agent starts it, also where restart does not cover its end", async () => {
  const project = openProject({
    files: fleetFiles({ agents: [{ name: "planner" }], command: ["sh", "-c", "read line"] }),
  });
  await applied(project);
  project.tmux(["send-keys", "-t", "=iw-planner:", "Enter"]);
  await expect.poll(() => liveOf(project, "planner").dead, { timeout: 10_000 }).toBe(true);
  expect((await statuses(project))["planner"]).toMatchObject({ sync: "in-sync", health: "exited" });
  const ran = await project.run(["start", "planner"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(liveOf(project, "planner").dead).toBe(false);
});

test("start ends the hold that stop made", async () => {
  const project = openProject({ files: fleetFiles({ agents: [{ name: "planner" }], command: QUIET }) });
  await applied(project);
  expect((await project.run(["stop", "planner"])).code).toBe(0);
  expect((await statuses(project))["planner"]).toMatchObject({ sync: "held" });
  expect((await project.run(["start", "planner"])).code).toBe(0);
  expect((await statuses(project))["planner"]).toMatchObject({ sync: "in-sync", health: "idle" });
});

test("what a session was given as a secret is not repeated in the last lines", async () => {
  const agents = [{ name: "talker", more: ["env: { TALKER_TOKEN: env:TALKER_TOKEN }"] }];
  const project = fleetThatWaits(agents, ["sh", "-c", 'echo "token $TALKER_TOKEN refused"; sleep 0.3; exit 1']);
  const ran = await project.run(["apply", "-y", "-o", "json"], { env: { TALKER_TOKEN: "abc-very-secret" } });
  const run = runDocument(ran, 5);
  const outcome = run.outcomes.find(({ address }) => address === "session/talker/main");
  expect(outcome?.error?.output).toEqual(["token … refused"]);
  expect(ran.stdout).not.toContain("abc-very-secret");
});

test("generate writes the files of an agent that was killed, and counts only what is right now", async () => {
  const { project, agent, done } = openCrew([{ name: "qa-agent" }, { name: "backend-agent" }]);
  await done(["generate", "--all"]);
  await done(["create", "qa-agent"]);
  await done(["kill", "qa-agent"]);
  project.write("agents/qa-agent/.claude/hooks/auto-deny.py", "#!/bin/sh\nexit 0\n");
  expect((await done(["generate", "qa-agent"])).stdout).toContain("Generated: 1\n");
  expect(project.read("agents/qa-agent/.claude/hooks/auto-deny.py")).not.toBe("#!/bin/sh\nexit 0\n");
  expect(sessionsOn(project.socket)).toEqual({});

  expect((await project.run(["hold", "backend-agent", "--reason", "I am looking at it"])).code).toBe(0);
  project.write("agents/backend-agent/.claude/CLAUDE.md", "# mine\n");
  const held = await agent(["generate", "--all"]);
  expect(held.stdout).toContain("Generated: 1\n");
  expect(held.stderr).toContain("backend-agent is on hold (I am looking at it)");
  expect(project.read("agents/backend-agent/.claude/CLAUDE.md")).toBe("# mine\n");
  expect((await agent(["generate", "backend-agent"])).code).toBe(3);
});
