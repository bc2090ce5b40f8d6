// An agent that ends again and again: cron's runs leave it alone for longer and longer, a person starts it at once.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  clientPath,
  clientUp,
  installClient,
  liveOf,
  planned,
  runDocument,
  until,
} from "../support/tmux-fixture.ts";

const AGENT = "night-watch";
const ADDRESS = `session/${AGENT}/main`;

function watchFleet(): Project {
  const project = openProject({ files: fleetFiles({ agents: [{ name: AGENT }], command: ["claude"] }) });
  installClient(project);
  return project;
}

/** Lets the agent's client end by itself, soon after its start. */
async function crash(project: Project): Promise<void> {
  await clientUp(project, AGENT);
  project.tmux(["send-keys", "-t", `=iw-${AGENT}:`, "exit 3", "Enter"]);
  await until("the client has ended", () => liveOf(project, AGENT).dead);
}

test("reconcile waits after the second early end, apply starts at once and forgets, start does as well", async () => {
  const project = watchFleet();
  const env = { PATH: clientPath(project) };
  const reconcile = async () => runDocument(await project.run(["reconcile", "-o", "json"], { env }), 0);
  await applied(project, { env });

  await crash(project);
  expect((await reconcile()).outcomes).toMatchObject([{ address: ADDRESS, result: "done", corrective: true }]);
  await crash(project);
  const waiting = await reconcile();
  expect(waiting).toMatchObject({ outcomes: [], converged: false });
  expect(waiting.remaining.deferred).toMatchObject([{ address: ADDRESS }]);
  const { reason = "", since = "" } = waiting.remaining.deferred[0] ?? {};
  expect(reason).toMatch(
    /exited with code 3; it ended 2 times soon after its start; tried again after .*Z, or at once/,
  );
  expect(Date.now() - Date.parse(since)).toBeLessThan(60_000);
  expect((await reconcile()).remaining.deferred[0]?.since).toBe(since);
  expect(liveOf(project, AGENT).dead).toBe(true);

  // A person sees it as something to do, and does it; what was before no longer counts.
  expect((await planned(project, [], { env })).plan.actions).toMatchObject([{ address: ADDRESS }]);
  await applied(project, { env });
  await crash(project);
  expect((await reconcile()).outcomes).toMatchObject([{ address: ADDRESS, result: "done" }]);
  await crash(project);
  expect((await reconcile()).remaining.deferred).toHaveLength(1);
  const started = await project.run(["start", AGENT], { env });
  expect(started.code, started.stderr).toBe(0);
  await crash(project);
  expect((await reconcile()).outcomes).toHaveLength(1);
});
