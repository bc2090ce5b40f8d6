// Whose a session is: ours only by its mark. Names, prefixes, other clones and other programs' sessions on the same
// socket stay what they are, until a person takes one over by its address.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  changesOf,
  liveOf,
  planned,
  QUIET,
  runDocument,
  sessionsOn,
  statuses,
  tmuxOn,
} from "../support/tmux-fixture.ts";

function project(names: readonly string[]): Project {
  return openProject({ files: fleetFiles({ agents: names.map((name) => ({ name })), command: QUIET }) });
}

/** Everything tmux knows about a session that a careless tool could change. */
function portrait(socket: string, name: string): string {
  const target = `=${name}:`;
  const facts = tmuxOn(socket, [
    "display-message",
    "-p",
    "-t",
    target,
    "#{session_id} #{session_name} #{pane_id} #{pane_pid} #{session_windows} #{window_width}x#{window_height}",
  ]);
  return [
    facts,
    ...["-s", "-p", "-w"].map((scope) => {
      const words = scope === "-s" ? ["show-options", "-t", target] : ["show-options", scope, "-t", target];
      return tmuxOn(socket, words);
    }),
  ].join("\n");
}

test("a session of our name without our mark: blocked, exit 3, never touched, until adopt names it", async () => {
  const fleet = project(["planner", "writer"]);
  fleet.tmux(["new-session", "-d", "-s", "iw-planner", "-x", "90", "-y", "30", "sleep 5000"]);
  const before = portrait(fleet.socket, "iw-planner");

  const { code, plan } = await planned(fleet);
  expect(code).toBe(3);
  expect(plan.blocked).toMatchObject([
    {
      address: "session/planner/main",
      verdict: "unowned",
      hint: expect.stringContaining("adopt session/planner/main"),
    },
  ]);
  const first = await applied(fleet, { code: 3 });
  expect(first.converged).toBe(false);
  expect(changesOf(first)).toContain("create session/writer/main done");
  for (const words of [["--force"], ["--force", "--overwrite", "--prune"]]) {
    const run = await applied(fleet, { words, code: 3 });
    expect(run.outcomes.filter(({ result }) => result === "done")).toEqual([]);
  }
  expect((await fleet.run(["reconcile"])).code).toBe(3);
  expect((await statuses(fleet))["planner"]).toMatchObject({ sync: "blocked" });
  expect((await fleet.run(["stop", "planner", "--force"])).code).toBe(3);
  expect((await fleet.run(["kill", "planner"], { command: "claude-agent" })).code).not.toBe(0);
  expect(portrait(fleet.socket, "iw-planner")).toBe(before);

  // A general adopt takes over files, never a session.
  await fleet.run(["adopt", "-y"]);
  expect(portrait(fleet.socket, "iw-planner")).toBe(before);
  expect((await planned(fleet)).code).toBe(3);

  const { pid, id } = liveOf(fleet, "planner");
  await expectUntouched(fleet.path("agents"), async () => {
    const adopted = runDocument(await fleet.run(["adopt", "session/planner/main", "-y", "-o", "json"]), 0);
    expect(changesOf(adopted)).toEqual(["adopt session/planner/main done"]);
  });
  expect(liveOf(fleet, "planner")).toMatchObject({ pid, id });
  expect((await planned(fleet)).plan.blocked).toEqual([]);
  await applied(fleet, { words: ["--force"] });
  expect((await planned(fleet)).code).toBe(0);
  await applied(fleet);
  expect((await statuses(fleet))["planner"]).toMatchObject({ sync: "in-sync", session: { id } });
});

test("prefixes, patterns and strangers on our socket are left alone when ours are killed, healed, pruned, stopped", async () => {
  const fleet = project(["backend", "agent-1", "qa"]);
  const strangers = ["iw-backend-agent", "iw-agent-10", "iw-q", "backend", "iw-qa2", "mine"];
  await applied(fleet);
  for (const name of strangers) fleet.tmux(["new-session", "-d", "-s", name, "sleep 5000"]);
  const portraits = () => strangers.map((name) => portrait(fleet.socket, name));
  const before = portraits();

  for (const name of ["backend", "agent-1", "qa"]) fleet.tmux(["kill-session", "-t", `=iw-${name}`]);
  const { plan } = await planned(fleet);
  expect(plan.actions.map(({ verdict, address }) => `${verdict} ${address}`)).toEqual([
    "vanished session/agent-1/main",
    "vanished session/backend/main",
    "vanished session/qa/main",
  ]);
  expect(plan.unmanaged.filter((name) => strangers.includes(name)).sort()).toEqual([...strangers].sort());
  expect((await applied(fleet)).converged).toBe(true);
  expect(portraits()).toEqual(before);

  // Agents that leave the registry take their own sessions with them and nobody else's.
  fleet.write(
    "desired/registry.yaml",
    fleet.read("desired/registry.yaml").replace(/ {2}agent-1:[\s\S]*?(?= {2}qa:)/, ""),
  );
  const pruned = await applied(fleet, { words: ["--prune", "--force", "--overwrite"] });
  expect(changesOf(pruned)).toContain("delete session/agent-1/main done");
  expect((await fleet.run(["stop", "backend", "--force"])).code).toBe(0);
  expect((await fleet.run(["kill", "--all"], { command: "claude-agent" })).code).toBe(0);
  expect(Object.keys(sessionsOn(fleet.socket)).sort()).toEqual([...strangers].sort());
  expect(portraits()).toEqual(before);
});

test("two clones of one fleet on one socket do not see each other's sessions", async () => {
  const ours = project(["planner", "writer"]);
  const theirs = project(["planner", "writer"]);
  // The same clone twice, and a shared socket besides: the hardest case.
  const env = { TMUX_SOCKET_OVERRIDE: ours.socket };
  await applied(ours);
  const before = sessionsOn(ours.socket);
  const { code, plan } = await planned(theirs, [], { env });
  expect(code).toBe(3);
  expect(plan.blocked.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "unowned session/planner/main",
    "unowned session/writer/main",
  ]);
  await applied(theirs, { env, words: ["--force", "--overwrite", "--prune"], code: 3 });
  expect(sessionsOn(ours.socket)).toEqual(before);
  expect((await theirs.run(["list"], { env })).stdout).toBe("No sessions.\n");
  expect((await planned(ours)).code).toBe(0);
});

test("by themselves two clones have a socket each, named after the fleet and its real root", async () => {
  const clones = [project(["planner"]), project(["planner"])];
  const env = { TMUX_SOCKET_OVERRIDE: undefined };
  const sockets: string[] = [];
  for (const clone of clones) {
    const { socket } = (await clone.run(["status", "-o", "json"], { env })).json() as unknown as { socket: string };
    expect(socket).toMatch(/^rollcall-story-fleet-[0-9a-f]{8}$/);
    sockets.push(socket);
  }
  expect(new Set(sockets).size).toBe(2);
});
