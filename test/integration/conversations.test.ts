// What an agent's session runs: the client with a conversation of its own, its fallback while there is no client, and
// what is said when a client that was there is gone.
import { renameSync } from "node:fs";
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  clientPath,
  clientUp,
  endProcess,
  installClient,
  liveOf,
  planned,
  QUIET,
  runs,
  sessionsOn,
  setClientState,
  statuses,
  until,
  wordsOf,
} from "../support/tmux-fixture.ts";

const AGENTS = [{ name: "planner" }, { name: "writer" }];

function clients(): { readonly project: Project; readonly env: Readonly<Record<string, string>> } {
  const files = fleetFiles({ agents: AGENTS, command: ["claude"], fleet: [`  fallback: ${JSON.stringify(QUIET)}`] });
  const project = openProject({ files });
  return { project, env: { PATH: clientPath(project) } };
}

/** The words behind the interpreter and the client's path. */
const optionsOf = (project: Project, agent: string) => wordsOf(liveOf(project, agent).pid).slice(2);

test("one id per agent: given at the first start, taken up after a kill, kept when nobody ever spoke", async () => {
  const { project, env } = clients();
  installClient(project);
  await applied(project, { env });
  const [flag, planner = ""] = optionsOf(project, "planner");
  const [, writer = ""] = optionsOf(project, "writer");
  expect(flag).toBe("--session-id");
  expect(planner).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(writer).not.toBe(planner);
  for (const agent of ["planner", "writer"]) await clientUp(project, agent);
  await setClientState(project, "planner", "idle");

  for (const agent of ["planner", "writer"]) await endProcess(project, agent, "SIGKILL");
  await applied(project, { env });
  expect(optionsOf(project, "planner")).toEqual(["--resume", planner]);
  // Without a transcript there is nothing to resume: the client would refuse.
  expect(optionsOf(project, "writer")).toEqual(["--session-id", writer]);

  await until("both are up", () => Object.values(sessionsOn(project.socket)).every(({ dead }) => !dead));
  project.tmux(["kill-server"]);
  await until("the server is gone", () => Object.keys(sessionsOn(project.socket)).length === 0);
  await applied(project, { env });
  expect(optionsOf(project, "planner")).toEqual(["--resume", planner]);
  expect(optionsOf(project, "writer")).toEqual(["--session-id", writer]);
});

test("the fallback runs until the client is there, is then replaced while idle, and never comes back", async () => {
  const { project, env } = clients();
  const first = await project.run(["apply", "-y"], { env });
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toContain("claude is not installed");
  expect(wordsOf(liveOf(project, "planner").pid)).toEqual(QUIET);
  expect((await statuses(project, { env }))["planner"]).toMatchObject({ sync: "in-sync", notes: ["fallback"] });
  const fallback = liveOf(project, "planner").pid;

  const client = installClient(project);
  const { plan } = await planned(project, [], { env });
  expect(plan.actions.map(({ address, reason }) => `${address}: ${reason}`)).toEqual(
    ["planner", "writer"].map((one) => `session/${one}/main: it runs the fallback, and its command is there now`),
  );
  expect((await applied(project, { env })).converged).toBe(true);
  expect(runs(fallback)).toBe(false);
  await clientUp(project, "planner");
  const running = liveOf(project, "planner");

  renameSync(client, `${client}.away`);
  expect((await planned(project, [], { env })).code).toBe(0);
  await endProcess(project, "planner", "SIGKILL");
  const blocked = await planned(project, [], { env });
  expect(blocked.code).toBe(3);
  expect(blocked.plan.blocked).toMatchObject([
    { address: "session/planner/main", reason: expect.stringContaining(`PATH searched: ${clientPath(project)}`) },
  ]);
  const run = await applied(project, { env, words: ["--force", "--overwrite"], code: 3 });
  expect(run.outcomes.filter(({ result }) => result === "done")).toEqual([]);
  expect(liveOf(project, "planner")).toEqual({ ...running, dead: true });

  renameSync(`${client}.away`, client);
  await applied(project, { env });
  expect(optionsOf(project, "planner")).toContain("--session-id");
});

test("a busy fallback is not replaced under a person's hands", async () => {
  const { project, env } = clients();
  const busy = ["sh", "-c", "sleep 5000; :"];
  project.edit("desired/fleet.yaml", JSON.stringify(QUIET), JSON.stringify(busy));
  await applied(project, { env });
  const { pid } = liveOf(project, "planner");
  installClient(project);
  const run = await applied(project, { env });
  expect(run).toMatchObject({ converged: false, outcomes: [] });
  expect(run.remaining.deferred.map(({ reason }) => reason)).toEqual(
    Array(2).fill(expect.stringContaining("runs the fallback, and its command is there now; it is busy")),
  );
  expect(runs(pid)).toBe(true);
});

test("a client that ends right after its start is a failure, named with what is missing, and nothing else is stopped", async () => {
  const { project, env } = clients();
  installClient(project);
  project.write("../home/.local/bin/claude", "#!/bin/sh\necho 'cannot start here'; exit 3\n", 0o755);
  const run = await applied(project, { env, code: 5 });
  const failed = run.outcomes.filter(({ result }) => result === "failed");
  expect(failed.map(({ address }) => address)).toEqual(["session/planner/main", "session/writer/main"]);
  for (const { error } of failed) expect(error).toMatchObject({ code: "E707", message: expect.stringContaining("3") });
  expect(run.converged).toBe(false);
});
