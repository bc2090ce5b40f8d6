// One agent by hand: start, stop, hold, release, attach, and what a run that comes afterwards makes of it.
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { COMMANDS, openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  changesOf,
  clientPath,
  clientUp,
  installClient,
  liveOf,
  openTerminal,
  planned,
  QUIET,
  runs,
  sessionsOn,
  setClientState,
  statuses,
  until,
} from "../support/tmux-fixture.ts";

const ADDRESS = "session/backend-agent/main";

async function quietPair(fleet: readonly string[] = []): Promise<Project> {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET, fleet }) });
  await applied(project);
  return project;
}

test("what a person stopped stays stopped, through apply and reconcile, until start", async () => {
  const project = await quietPair();
  const { pid } = liveOf(project, "backend-agent");
  const other = liveOf(project, "planning-agent");
  const stopped = await project.run(["stop", "backend-agent", "--reason", "it eats my memory"]);
  expect(stopped.code, stopped.stderr).toBe(0);
  expect(stopped.stdout).toContain("rollcall start backend-agent");
  expect(runs(pid)).toBe(false);

  for (const words of [["apply", "-y"], ["apply", "-y", "--force", "backend-agent"], ["reconcile"]]) {
    const ran = await project.run(words);
    expect(ran.code, ran.stderr).toBe(0);
    expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-planning-agent"]);
  }
  const { code, plan } = await planned(project);
  expect({ code, actions: plan.actions }).toEqual({ code: 0, actions: [] });
  expect(plan.held).toMatchObject([{ agent: "backend-agent", reason: "it eats my memory" }]);
  expect((await statuses(project))["backend-agent"]).toMatchObject({
    sync: "held",
    health: "absent",
    hold: { reason: "it eats my memory" },
  });

  const started = await project.run(["start", "backend-agent"]);
  expect(started.code, started.stderr).toBe(0);
  expect(liveOf(project, "backend-agent").dead).toBe(false);
  expect(liveOf(project, "planning-agent")).toEqual(other);
  expect((await statuses(project))["backend-agent"]).toMatchObject({ sync: "in-sync", health: "idle" });
  const again = liveOf(project, "backend-agent");
  expect((await project.run(["start", "backend-agent"])).code).toBe(0);
  expect(liveOf(project, "backend-agent")).toEqual(again);
});

test("stop ends the whole tree below a session, also what ignores the hang-up", async () => {
  const script =
    "trap '' HUP TERM; setsid sh -c 'echo $$ > child; trap \"\" HUP TERM; while :; do sleep 1; done' & while :; do sleep 1; done";
  const files = fleetFiles({ agents: [{ name: "stubborn" }], command: ["sh", "-c", script] });
  const project = openProject({ files });
  await applied(project);
  const { pid } = liveOf(project, "stubborn");
  await until("its child is on its own", () => project.exists("agents/stubborn/child"));
  const child = Number(project.read("agents/stubborn/child"));
  const refused = await project.run(["stop", "stubborn"]);
  expect(refused.code).toBe(2); // it has children: it is at work
  expect(runs(pid)).toBe(true);
  const stopped = await project.run(["stop", "stubborn", "--force"]);
  expect(stopped.code, stopped.stderr).toBe(0);
  expect([pid, child].map(runs)).toEqual([false, false]);
  expect(sessionsOn(project.socket)).toEqual({});
});

test("a busy, a waiting and an attached agent are not stopped without --force, and not held either", async () => {
  const agents = ["busy-agent", "waiting-agent", "attached-agent"];
  const project = openProject({ files: fleetFiles({ agents: agents.map((name) => ({ name })), command: ["claude"] }) });
  installClient(project);
  const env = { PATH: clientPath(project) };
  await applied(project, { env });
  for (const agent of agents) await clientUp(project, agent);
  await setClientState(project, "busy-agent", "busy");
  await setClientState(project, "waiting-agent", "waiting");
  const attach = [process.execPath, COMMANDS.rollcall, "attach", "attached-agent"];
  const terminal = openTerminal(attach, { env: { ...project.env, ...env }, cwd: project.root });
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "", 20_000);
  terminal.type("idle"); // it is a key of a person, a moment ago
  for (const [agent, why] of [
    ["busy-agent", /busy/],
    ["waiting-agent", /waits for an answer/],
    ["attached-agent", /attached/],
  ] as const) {
    const refused = await project.run(["stop", agent], { env });
    expect(refused.code, agent).toBe(2);
    expect(refused.stderr).toMatch(why);
    expect(refused.stderr).toContain("--force");
    expect(liveOf(project, agent).dead).toBe(false);
  }
  expect((await planned(project, [], { env })).plan.held).toEqual([]);
  for (const agent of agents) expect((await project.run(["stop", agent, "--force"], { env })).code).toBe(0);
  expect(sessionsOn(project.socket)).toEqual({});
  expect(await terminal.ended()).toBe(0);
});

test("attach gets a person in, and out again with the session as it was", async () => {
  const project = await quietPair();
  const attach = [process.execPath, COMMANDS.rollcall, "attach", "planning-agent"];
  // From inside another tmux: openTerminal is one.
  const terminal = openTerminal(attach, { env: project.env, cwd: project.root });
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "", 20_000);
  expect(project.tmux(["list-clients", "-F", "#{session_name}"])).toBe("iw-planning-agent");
  expect((await statuses(project))["planning-agent"]).toMatchObject({ session: { attached: true } });
  const before = sessionsOn(project.socket);
  terminal.press("C-b");
  terminal.press("d");
  expect(await terminal.ended()).toBe(0);
  expect(sessionsOn(project.socket)).toEqual(before);

  project.tmux(["kill-session", "-t", "=iw-planning-agent"]);
  const nobody = openTerminal(attach, { env: project.env, cwd: project.root });
  expect(await nobody.ended()).toBe(1);
  expect(nobody.screen()).toContain("rollcall start planning-agent");
});

test("on demand: absent and present are both in sync; start and attach bring it", async () => {
  const project = await quietPair();
  project.edit("desired/fleet.yaml", "session:\n", "session:\n  start: on-demand\n");
  for (const agent of ["backend-agent", "planning-agent"]) project.tmux(["kill-session", "-t", `=iw-${agent}`]);
  await applied(project);
  expect(sessionsOn(project.socket)).toEqual({});
  expect((await planned(project)).code).toBe(0);

  expect((await project.run(["start", "backend-agent"])).code).toBe(0);
  const first = liveOf(project, "backend-agent");
  expect((await planned(project)).code).toBe(0);
  const attach = [process.execPath, COMMANDS.rollcall, "attach", "planning-agent"];
  const terminal = openTerminal(attach, { env: project.env, cwd: project.root });
  await until("somebody is attached", () => Object.keys(sessionsOn(project.socket)).length === 2, 20_000);
  await until("somebody is attached", () => project.tmux(["list-clients"]) !== "", 20_000);
  terminal.press("C-b");
  terminal.press("d");
  expect(await terminal.ended()).toBe(0);
  expect(liveOf(project, "backend-agent")).toEqual(first);

  // Held, it stays as it is, whoever comes.
  expect((await project.run(["stop", "planning-agent"])).code).toBe(0);
  const refused = openTerminal(attach, { env: project.env, cwd: project.root });
  expect(await refused.ended()).toBe(1);
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-backend-agent"]);
});

test("start refuses while there is drift, and names the repair", async () => {
  const project = await quietPair();
  expect((await project.run(["stop", "backend-agent"])).code).toBe(0);
  project.write("agents/backend-agent/.claude/CLAUDE.md", "# mine\n");
  const refused = await project.run(["start", "backend-agent"]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("drift");
  expect(refused.stderr).toContain("config/backend-agent/.claude/CLAUDE.md");
  expect(refused.stderr).toContain("rollcall apply backend-agent");
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-planning-agent"]);
  expect((await project.run(["start", "backned-agent"])).stderr).toContain("backend-agent");
});

test("a hold leaves everything of an agent alone, and a release lets the next run put it right", async () => {
  const project = await quietPair();
  const held = await project.run(["hold", "backend-agent", "--reason", "I am looking at it"]);
  expect(held.code, held.stderr).toBe(0);
  project.tmux(["kill-session", "-t", "=iw-backend-agent"]);
  project.write("agents/backend-agent/.claude/CLAUDE.md", "# mine\n");
  for (const words of [["--force", "--overwrite"], ["backend-agent"]]) {
    const run = await applied(project, { words });
    expect(run).toMatchObject({ converged: true, outcomes: [], remaining: { held: [{ agent: "backend-agent" }] } });
  }
  expect(project.read("agents/backend-agent/.claude/CLAUDE.md")).toBe("# mine\n");

  expect((await project.run(["release", "backend-agent"])).code).toBe(0);
  const run = await applied(project);
  expect(changesOf(run)).toEqual([`create ${ADDRESS} done`, "update config/backend-agent/.claude/CLAUDE.md done"]);
  expect(run.converged).toBe(true);
});

test("an agent that left the registry keeps its session until somebody prunes, and a protected one even then", async () => {
  const project = await quietPair();
  const { pid } = liveOf(project, "backend-agent");
  const whole = project.read("desired/registry.yaml");
  const without = whole
    .slice(0, whole.indexOf("  backend-agent:"))
    .replace("delegates_to: [backend-agent]", "delegates_to: []");
  project.write("desired/registry.yaml", without);
  const run = await applied(project);
  expect(run.remaining.orphans).toContain(ADDRESS);
  expect(runs(pid)).toBe(true);

  project.write("desired/registry.yaml", whole.replace("  backend-agent:\n", "  backend-agent:\n    protect: true\n"));
  await applied(project);
  project.write("desired/registry.yaml", without);
  const refused = await applied(project, { words: ["--prune"], code: 3 });
  expect(refused.remaining.blocked.map(({ address }) => address)).toContain(ADDRESS);
  expect(runs(pid)).toBe(true);

  project.write("desired/registry.yaml", whole);
  await applied(project);
  project.write("desired/registry.yaml", without);
  const pruned = await applied(project, { words: ["--prune"] });
  expect(changesOf(pruned)).toContain(`delete ${ADDRESS} done`);
  expect(runs(pid)).toBe(false);
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-planning-agent"]);
});
