// The registry changes while agents work: files are written at once, a client is replaced only when that costs nobody
// anything, and its conversation goes on.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  changesOf,
  clientOf,
  clientPath,
  clientUp,
  installClient,
  liveOf,
  openTerminal,
  planned,
  runs,
  setClientState,
  statuses,
  type Terminal,
  until,
  wordsOf,
} from "../support/tmux-fixture.ts";

/** A project with one client for each of these, named after the state it is brought into. */
async function clientsIn(states: readonly ("idle" | "busy" | "waiting" | "attached")[]): Promise<{
  readonly project: Project;
  readonly env: Readonly<Record<string, string>>;
  readonly terminal?: Terminal;
}> {
  const agents = states.map((name) => ({ name: `${name}-agent` }));
  const project = openProject({ files: fleetFiles({ agents, command: ["claude"] }) });
  installClient(project);
  const env = { PATH: clientPath(project) };
  await applied(project, { env });
  for (const state of states) {
    await clientUp(project, `${state}-agent`);
    await setClientState(project, `${state}-agent`, state === "attached" ? "idle" : state);
  }
  if (!states.includes("attached")) return { project, env };
  const terminal = openTerminal(["tmux", "-L", project.socket, "attach", "-t", "=iw-attached-agent"], {
    env: { PATH: clientPath(project) },
    cwd: project.root,
  });
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "");
  return { project, env, terminal };
}

function describeAnew(project: Project): void {
  const registry = project.read("desired/registry.yaml");
  project.write("desired/registry.yaml", registry.replaceAll("in a story", "in another chapter"));
}

const pidsOf = (project: Project, agents: readonly string[]) => agents.map((agent) => liveOf(project, agent).pid);
const OTHERS = ["attached-agent", "busy-agent", "waiting-agent"] as const;

test("deferred while busy, waiting or attached, replaced when idle; afterwards the rest", async () => {
  const { project, env, terminal } = await clientsIn(["idle", "busy", "waiting", "attached"]);
  const before = pidsOf(project, OTHERS);
  const idle = liveOf(project, "idle-agent");
  const conversation = clientOf(project, "idle-agent")?.sessionId;
  describeAnew(project);

  const { code, plan } = await planned(project, [], { env });
  expect(code).toBe(2);
  expect(plan.actions.filter(({ kind }) => kind === "session")).toMatchObject([
    {
      address: "session/idle-agent/main",
      action: "replace",
      verdict: "pending",
      reason: "started before these changed: CLAUDE.md",
      impact: "restart-when-idle",
    },
  ]);
  expect(plan.actions.filter(({ kind }) => kind === "config")).toHaveLength(4);
  expect(plan.deferred.map(({ address, reason }) => [address, reason.split("; ")[1]])).toEqual([
    ["session/attached-agent/main", "somebody is attached to it"],
    ["session/busy-agent/main", "it is busy"],
    ["session/waiting-agent/main", "it waits for an answer in a dialog"],
  ]);

  const run = await applied(project, { env });
  expect(run.converged).toBe(false);
  expect(run.remaining.actions).toEqual([]);
  expect(changesOf(run)).toEqual(
    [
      ...[...OTHERS.slice(0, 2), "idle-agent", "waiting-agent"].map(
        (one) => `update config/${one}/.claude/CLAUDE.md done`,
      ),
      "replace session/idle-agent/main done",
    ].sort(),
  );
  expect(run.outcomes.some(({ corrective }) => corrective)).toBe(false);
  expect(project.read("agents/busy-agent/.claude/CLAUDE.md")).toContain("in another chapter");
  const now = liveOf(project, "idle-agent");
  expect(now).toMatchObject({ id: idle.id, dead: false });
  expect(runs(idle.pid)).toBe(false);
  expect(wordsOf(now.pid)).toEqual(expect.arrayContaining(["--resume", conversation]));
  expect(pidsOf(project, OTHERS)).toEqual(before);

  // Only deferred is left: that is no failure, whether a person or cron asks again.
  const again = await applied(project, { env });
  expect(again).toMatchObject({ converged: false, outcomes: [] });
  const text = await project.run(["reconcile"], { env });
  expect(text.code, text.stderr).toBe(0);
  expect((await statuses(project, { env }))["busy-agent"]).toMatchObject({
    health: "busy",
    notes: ["stale: CLAUDE.md"],
  });
  expect((await planned(project, [], { env })).code).toBe(2);
  await applied(project, { env, words: ["--max-wait", "1"], code: 2 });
  expect(pidsOf(project, OTHERS)).toEqual(before);

  await setClientState(project, "busy-agent", "idle");
  await setClientState(project, "waiting-agent", "idle");
  terminal?.press("C-b");
  terminal?.press("d");
  await terminal?.ended();
  const rest = await applied(project, { env });
  expect(rest.converged).toBe(true);
  expect(changesOf(rest)).toEqual(OTHERS.map((agent) => `replace session/${agent}/main done`));
  expect(before.some(runs)).toBe(false);
  for (const agent of OTHERS) expect(wordsOf(liveOf(project, agent).pid)).toContain("--resume");
});

test("--max-wait waits for the busy one, and gives the lock back meanwhile", async () => {
  const { project, env } = await clientsIn(["busy"]);
  const { pid } = liveOf(project, "busy-agent");
  describeAnew(project);
  const waiting = project.start(["apply", "-y", "--max-wait", "40", "-o", "json"], { env });
  await until(
    "its file is written",
    () => project.read("agents/busy-agent/.claude/CLAUDE.md").includes("chapter"),
    20_000,
  );
  const hold = await project.run(["list"], { env });
  expect(hold.code).toBe(0);
  expect(liveOf(project, "busy-agent").pid).toBe(pid);
  await setClientState(project, "busy-agent", "idle");
  const ran = await waiting.ended;
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.json()).toMatchObject({ converged: true });
  expect(runs(pid)).toBe(false);
});

test("--force ends the busy, the waiting and the attached one, and says what is lost", async () => {
  const { project, env } = await clientsIn(["busy", "waiting", "attached"]);
  const before = pidsOf(project, OTHERS);
  describeAnew(project);
  const { plan } = await planned(project, ["--force"], { env });
  const sessions = plan.actions.filter(({ kind }) => kind === "session");
  expect(sessions.map(({ address, loses }) => [address, loses])).toEqual([
    ["session/attached-agent/main", ["attached"]],
    ["session/busy-agent/main", ["turn"]],
    ["session/waiting-agent/main", ["dialog"]],
  ]);
  expect(plan.deferred).toEqual([]);
  const text = await project.run(["plan", "--force"], { env });
  expect(text.stdout).toMatch(/± session\/busy-agent\/main pending: .* \[[a-z-]+; loses turn\]$/m);
  expect(text.stdout).toMatch(/± session\/waiting-agent\/main pending: .* \[[a-z-]+; loses dialog\]$/m);
  const markdown = await project.run(["plan", "--force", "-o", "markdown"], { env });
  expect(markdown.stdout).toMatch(/`session\/attached-agent\/main` .*; loses attached \|$/m);
  const careful = await project.run(["plan"], { env });
  expect(careful.stdout).toMatch(/session\/busy-agent\/main: .*it is busy; .* \[restart-when-idle\]$/m);
  const run = await applied(project, { env, words: ["--force"] });
  expect(run.converged).toBe(true);
  expect(before.some(runs)).toBe(false);
  expect(pidsOf(project, OTHERS).every(runs)).toBe(true);
});

test("healing a tampered file, a hook or a live-read key restarts nobody", async () => {
  const { project, env } = await clientsIn(["idle"]);
  const { pid } = liveOf(project, "idle-agent");
  project.write("agents/idle-agent/.claude/CLAUDE.md", "# Mine now\n");
  project.remove("agents/idle-agent/.claude/hooks/auto-deny");
  project.edit("desired/registry.yaml", "    tools: [Read, Write, Edit]", "    tools: [Edit, Read, Write]");
  const run = await applied(project, { env });
  expect(run.converged).toBe(true);
  expect(run.outcomes.map(({ address }) => address.split("/")[0])).not.toContain("session");
  expect(liveOf(project, "idle-agent").pid).toBe(pid);
});
