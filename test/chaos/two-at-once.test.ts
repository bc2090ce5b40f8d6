// Two runs at once: one works, the other says who has the lock or waits; a holder that stands still is not robbed.
import { afterEach, expect, test } from "vitest";
import { runShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project, type Ran, type Running } from "../support/project-fixture.ts";
import { changesOf, QUIET, runs, sessionsOn, until } from "../support/tmux-fixture.ts";

const AGENTS = ["cook", "baker", "waiter"].map((name) => ({ name }));
const CREATIONS = ["baker", "cook", "waiter"].map((name) => `create session/${name}/main done`);

interface Gated {
  readonly project: Project;
  /** The environment in which a run waits at the gate before it starts any session. */
  readonly env: Readonly<Record<string, string>>;
  openGate(): void;
}

/** A project whose runs can be held up just before they start sessions: in the middle of an apply, under the lock. */
function gated(): Gated {
  const project = openProject({ files: fleetFiles({ agents: AGENTS, command: QUIET }) });
  const gate = `${project.home}/gate`;
  project.write("../home/gate", "");
  return {
    project,
    env: { NODE_OPTIONS: `--import ${new URL("../support/write-gate.mjs", import.meta.url)}`, ROLLCALL_GATE: gate },
    openGate: () => project.remove("../home/gate"),
  };
}

const started: Running[] = [];
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
});

/** An apply that has the lock and cannot go on yet. */
async function applyAtTheGate({ project, env }: Gated): Promise<Running> {
  const running = project.start(["apply", "-y", "-o", "json"], { env });
  started.push(running);
  await until(
    "its files are written and it has the lock",
    () => {
      return project.exists("state/lock") && project.exists("agents/waiter/.claude/CLAUDE.md");
    },
    20_000,
  );
  return running;
}

function documentOf(ran: Ran, code: number) {
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return runShape.parse(ran.json());
}

test("the second run ends with 4 and names the first; nothing of its own is written", async () => {
  const gate = gated();
  const { project } = gate;
  const first = await applyAtTheGate(gate);
  const lock = project.read("state/lock");
  for (const words of [["apply", "-y"], ["reconcile"], ["stop", "cook"], ["hold", "cook"], ["start", "cook"]]) {
    const second = await project.run(words);
    expect(second.code, `${words}: ${second.stdout}${second.stderr}`).toBe(4);
    expect(second.stderr).toContain(`pid ${first.child.pid}`);
    expect(second.stderr).toContain("rollcall apply");
  }
  const json = await project.run(["reconcile", "-o", "json"]);
  expect(json.code).toBe(4);
  expect(json.json()).toMatchObject({ kind: "error", code: "E400" });
  expect(project.read("state/lock")).toBe(lock);
  // Looking takes no lock.
  expect((await project.run(["plan"])).code).toBe(0);
  expect((await project.run(["status"])).code).toBe(0);

  gate.openGate();
  const run = documentOf(await first.ended, 0);
  expect(run.converged).toBe(true);
  expect(project.exists("state/lock")).toBe(false);
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(3);
});

test("with --lock-timeout the second waits, and then finds nothing left to do", async () => {
  const gate = gated();
  const { project } = gate;
  const first = await applyAtTheGate(gate);
  const impatient = await project.run(["apply", "-y", "--lock-timeout", "1"]);
  expect(impatient.code).toBe(4);
  const second = project.start(["reconcile", "--lock-timeout", "30", "-o", "json"]);
  started.push(second);
  await new Promise((wake) => setTimeout(wake, 700));
  expect(second.child.exitCode).toBeNull();
  gate.openGate();
  const [one, two] = [documentOf(await first.ended, 0), documentOf(await second.ended, 0)];
  expect(changesOf(one).filter((deed) => deed.includes("session/"))).toEqual(CREATIONS);
  expect(two).toMatchObject({ converged: true, outcomes: [] });
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(3);
});

test("a holder that is stopped by SIGSTOP is not robbed, and goes on where it was", async () => {
  const gate = gated();
  const { project } = gate;
  const first = await applyAtTheGate(gate);
  const lock = project.read("state/lock");
  first.child.kill("SIGSTOP");
  gate.openGate();
  const second = await project.run(["apply", "-y", "--lock-timeout", "2"]);
  expect(second.code).toBe(4);
  expect(second.stderr).toContain(`pid ${first.child.pid}`);
  expect(project.read("state/lock")).toBe(lock);
  first.child.kill("SIGCONT");
  expect(documentOf(await first.ended, 0).converged).toBe(true);
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(3);
  expect(documentOf(await project.run(["apply", "-y", "-o", "json"]), 0).outcomes).toEqual([]);
});

test("a holder that was killed is taken over at once, and said so; its half-done work is gone on with", async () => {
  const gate = gated();
  const { project } = gate;
  const first = await applyAtTheGate(gate);
  first.child.kill("SIGKILL");
  await first.ended;
  gate.openGate();
  expect(project.exists("state/lock")).toBe(true);
  const second = await project.run(["apply", "-y"]);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).toContain(`took over the lock of pid ${first.child.pid}`);
  expect(project.exists("state/lock")).toBe(false);
  expect((await project.run(["plan", "--detailed-exitcode"])).code).toBe(0);
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(3);
});

test("a polite end: the first signal lets what is being done finish, and the next run goes on", async () => {
  const gate = gated();
  const { project } = gate;
  const first = await applyAtTheGate(gate);
  first.child.kill("SIGTERM");
  gate.openGate();
  const ran = await first.ended;
  expect(ran.code).toBe(143);
  expect(project.exists("state/lock")).toBe(false);
  const second = await project.run(["apply", "-y"]);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).not.toContain("took over");
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(3);
});

test("a server without a session, as a rival's is at its beginning and its end, puts nothing off", async () => {
  const project = openProject({ files: fleetFiles({ agents: AGENTS, command: QUIET }) });
  project.tmux(["start-server", ";", "set-option", "-g", "exit-empty", "off"]);
  expect(sessionsOn(project.socket)).toEqual({});
  const plan = await project.run(["plan", "-o", "json"]);
  expect(plan.json()).toMatchObject({ deferred: [], summary: { create: 16 } });
  expect(documentOf(await project.run(["apply", "-y", "-o", "json"]), 0).converged).toBe(true);
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(3);
});

test("four at the same moment: each works or says who does, and every session is there once", async () => {
  const project = openProject({ files: fleetFiles({ agents: AGENTS, command: QUIET }), git: true });
  for (let round = 0; round < 2; round++) {
    const all = [["apply", "-y"], ["reconcile"], ["apply", "-y", "--lock-timeout", "30"], ["reconcile"]];
    const ran = await Promise.all(all.map((words) => project.run(words)));
    const codes = ran.map(({ code }) => code);
    expect(codes, ran.map(({ stderr }) => stderr).join("\n---\n")).toContain(0);
    expect(codes[2]).toBe(0);
    for (const { code, stderr } of ran) {
      expect([0, 4]).toContain(code);
      if (code === 4) expect(stderr).toMatch(/locked by pid \d+ .*: rollcall (apply|reconcile)/);
    }
    const sessions = sessionsOn(project.socket);
    expect(Object.keys(sessions).sort()).toEqual(["iw-baker", "iw-cook", "iw-waiter"]);
    expect(Object.values(sessions).every(({ pid }) => runs(pid))).toBe(true);
    expect((await project.run(["plan", "--detailed-exitcode"])).code).toBe(0);
    project.tmux(["kill-server"]);
  }
});
