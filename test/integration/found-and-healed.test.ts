// What happens to sessions of a harmless command, how it is told, and that one apply heals it and touches nothing else.
import { beforeAll, beforeEach, expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { makeProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  changesOf,
  endProcess,
  liveOf,
  planned,
  runs,
  sessionsOn,
  statuses,
  tmuxOn,
  until,
} from "../support/tmux-fixture.ts";

/** Exits with the number that is typed. */
const OBEDIENT = ["sh", "-c", 'read code; exit "$code"'];
const NAMES = ["cook", "baker", "waiter"] as const;

let project: Project;
beforeAll(() => {
  const made = makeProject({
    files: fleetFiles({ agents: NAMES.map((name) => ({ name })), command: OBEDIENT }),
  });
  project = made.project;
  return made.close;
});
beforeEach(async () => {
  await applied(project);
});

async function typeExit(agent: string, code: number): Promise<void> {
  project.tmux(["send-keys", "-t", `=iw-${agent}:`, String(code), "Enter"]);
  await until(`${agent} has ended`, () => liveOf(project, agent).dead);
}

/** The one difference that the plan tells of, with exit 2. */
async function theDifference(): Promise<{ address: string; action: string; verdict: string; reason: string }> {
  const { code, plan } = await planned(project);
  expect(code).toBe(2);
  expect(plan.actions).toHaveLength(1);
  expect(plan.summary).toMatchObject({ drift: 1, pending: 0 });
  const [action] = plan.actions;
  if (!action) return expect.fail("no action");
  return action;
}

/** One apply: the named agents' sessions are put right, all others are the same process as before. */
async function healed(agents: readonly string[], action: "create" | "replace"): Promise<void> {
  const before = sessionsOn(project.socket);
  const run = await applied(project);
  expect(run.converged).toBe(true);
  expect(changesOf(run)).toEqual(agents.map((agent) => `${action} session/${agent}/main done`).sort());
  expect(run.outcomes.every(({ corrective }) => corrective)).toBe(true);
  const after = sessionsOn(project.socket);
  expect(Object.keys(after).sort()).toEqual(NAMES.map((name) => `iw-${name}`).sort());
  for (const name of NAMES) {
    const now = after[`iw-${name}`];
    if (!agents.includes(name)) expect(now).toEqual(before[`iw-${name}`]);
    expect(now?.dead).toBe(false);
    expect(runs(now?.pid ?? 0)).toBe(true);
  }
  expect((await planned(project)).code).toBe(0);
}

test("a session was killed", async () => {
  project.tmux(["kill-session", "-t", "=iw-cook"]);
  expect(await theDifference()).toMatchObject({
    address: "session/cook/main",
    action: "create",
    verdict: "vanished",
    reason: "it was there and is gone",
  });
  const verified = await project.run(["verify"]);
  expect(verified).toMatchObject({ code: 2, stdout: "session/cook/main vanished: it was there and is gone\n" });
  expect((await statuses(project))["cook"]).toMatchObject({ sync: "out-of-sync", health: "absent", session: null });
  await healed(["cook"], "create");
});

test("a process was killed: the signal is told, the session keeps its id", async () => {
  const { id } = liveOf(project, "cook");
  await endProcess(project, "cook", "SIGKILL");
  expect(await theDifference()).toMatchObject({
    action: "replace",
    verdict: "tampered",
    reason: "its process was ended by SIGKILL",
  });
  const { cook, baker } = await statuses(project);
  expect(cook).toMatchObject({ sync: "out-of-sync", health: "crashed", session: { id, signal: "SIGKILL" } });
  expect(baker).toMatchObject({ sync: "in-sync", health: "idle" });
  const text = (await project.run(["status"])).stdout;
  expect(text).toMatch(/^cook +out-of-sync +crashed +iw-cook/m);
  await healed(["cook"], "replace");
  expect(liveOf(project, "cook").id).toBe(id);
});

test("a process ended by itself with a code that means failure", async () => {
  await typeExit("waiter", 7);
  expect(await theDifference()).toMatchObject({ verdict: "tampered", reason: "its process exited with code 7" });
  expect((await statuses(project))["waiter"]).toMatchObject({ health: "exited", session: { exitCode: 7 } });
  await healed(["waiter"], "replace");
});

test("a process that ended well is left as it is: restart is on-failure", async () => {
  await typeExit("waiter", 0);
  const { code, plan } = await planned(project);
  expect({ code, actions: plan.actions }).toEqual({ code: 0, actions: [] });
  expect((await statuses(project))["waiter"]).toMatchObject({
    sync: "in-sync",
    health: "exited",
    session: { exitCode: 0 },
  });
  expect((await applied(project)).outcomes).toEqual([]);
  expect(liveOf(project, "waiter").dead).toBe(true);
  project.tmux(["kill-session", "-t", "=iw-waiter"]);
  await healed(["waiter"], "create");
});

test("the whole server was killed, by its own command and by the kernel", async () => {
  project.tmux(["kill-server"]);
  await until("the server is gone", () => Object.keys(sessionsOn(project.socket)).length === 0);
  const { code, plan } = await planned(project);
  expect(code).toBe(2);
  expect(plan.actions.map(({ verdict }) => verdict)).toEqual(["vanished", "vanished", "vanished"]);
  await healed(NAMES, "create");
  process.kill(Number(project.tmux(["display-message", "-p", "#{pid}"])), "SIGKILL");
  await until("the server is gone", () => Object.keys(sessionsOn(project.socket)).length === 0);
  await healed(NAMES, "create");
});

test("a server that does not answer: unknown is not dead, and nothing is doubled", async () => {
  const before = sessionsOn(project.socket);
  const server = Number(project.tmux(["display-message", "-p", "#{pid}"]));
  process.kill(server, "SIGSTOP");
  try {
    const run = await applied(project, { code: 5 });
    expect(run).toMatchObject({ converged: false, outcomes: [], remaining: { actions: [] } });
    expect(run.remaining.deferred.map(({ reason }) => reason)).toEqual(
      Array(3).fill(expect.stringMatching(/^unknown: /)),
    );
    const told = run.remaining.warnings.find(({ code }) => code === "W702");
    expect(told?.message).toContain(project.socket);
  } finally {
    process.kill(server, "SIGCONT");
  }
  await until("it answers", () => Object.keys(sessionsOn(project.socket)).length === 3);
  expect((await planned(project)).code).toBe(0);
  expect(sessionsOn(project.socket)).toEqual(before);
});

test("a session was renamed, and a person added a window: the name comes back, the window stays", async () => {
  const { id, pid } = liveOf(project, "baker");
  project.tmux(["new-window", "-d", "-t", "=iw-baker:", "-n", "notes", "sleep 1000"]);
  project.tmux(["rename-session", "-t", "=iw-baker", "lunch"]);
  expect(await theDifference()).toMatchObject({ verdict: "tampered", reason: expect.stringContaining("lunch") });
  await applied(project);
  expect(tmuxOn(project.socket, ["list-windows", "-t", id, "-F", "#{session_name}:#{window_name}"])).toContain(
    "iw-baker:notes",
  );
  expect(runs(pid)).toBe(true);
  project.tmux(["kill-window", "-t", "=iw-baker:notes"]);
});

test("an agent's folder was deleted under its process: one apply brings folder, files and a process in it", async () => {
  const { pid } = liveOf(project, "cook");
  project.remove("agents/cook");
  const { plan } = await planned(project);
  expect(plan.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "vanished config/cook/.claude/CLAUDE.md",
    "vanished config/cook/.claude/settings.json",
    "vanished config/cook/.claude/settings.local.json",
    "vanished hook/cook/auto-deny",
    "tampered session/cook/main",
  ]);
  expect((await applied(project)).converged).toBe(true);
  expect(liveOf(project, "cook").pid).not.toBe(pid);
  expect(runs(pid)).toBe(false);
  expect((await planned(project)).code).toBe(0);
});
