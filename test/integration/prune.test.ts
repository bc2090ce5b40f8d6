// Agents that left the registry while they live: ended only with --prune, only when that costs nobody anything, and
// never stripped of their rules while they run.
import { expect, test } from "vitest";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  changesOf,
  clientPath,
  clientUp,
  installClient,
  liveOf,
  planned,
  runDocument,
  runs,
  sessionsOn,
  setClientState,
  until,
} from "../support/tmux-fixture.ts";

const STAYS = { name: "harbour-pilot" };
const LEAVES = "night-watch";
const SESSION = `session/${LEAVES}/main`;
const FILES = [
  `config/${LEAVES}/.claude/CLAUDE.md`,
  `config/${LEAVES}/.claude/settings.json`,
  `config/${LEAVES}/.claude/settings.local.json`,
  `hook/${LEAVES}/auto-deny`,
];
const ALL = [...FILES, SESSION];

/** Two clients are up, and one of their agents has left the registry. */
async function leftAlive(): Promise<{ project: Project; env: { PATH: string } }> {
  const files = fleetFiles({ agents: [STAYS, { name: LEAVES }], command: ["claude"] });
  const project = openProject({ files });
  installClient(project);
  const env = { PATH: clientPath(project) };
  await applied(project, { env });
  await clientUp(project, LEAVES);
  project.write("desired/registry.yaml", registryText([STAYS]));
  return { project, env };
}

test("it runs on, listed as an orphan, until --prune ends it; then its files and its folder go", async () => {
  const { project, env } = await leftAlive();
  const { pid } = liveOf(project, LEAVES);
  const quiet = await applied(project, { env });
  expect(quiet).toMatchObject({ converged: true, outcomes: [] });
  expect(quiet.remaining.orphans).toEqual(ALL);
  expect(runs(pid)).toBe(true);

  const { plan } = await planned(project, ["--prune"], { env });
  expect(plan.actions.map((one) => one.address)).toEqual(ALL);
  expect(plan.actions.find((one) => one.address === SESSION)).toMatchObject({ impact: "fresh-context" });
  const run = await applied(project, { env, words: ["--prune"] });
  expect(changesOf(run)).toEqual(ALL.map((address) => `delete ${address} done`));
  // The agent first, then the rules it lived under.
  expect(run.outcomes.map((one) => one.address)[0]).toBe(SESSION);
  expect(runs(pid)).toBe(false);
  expect(Object.keys(sessionsOn(project.socket))).toEqual([`iw-${STAYS.name}`]);
  expect(project.exists(`agents/${LEAVES}`)).toBe(false);
  expect(await applied(project, { env, words: ["--prune"] })).toMatchObject({ converged: true, outcomes: [] });
});

test.each([
  ["busy", "it is busy"],
  ["waiting", "waits for an answer"],
] as const)(
  "while it is %s nothing of it goes, its rules least of all; when it is idle all does",
  async (state, reason) => {
    const { project, env } = await leftAlive();
    await setClientState(project, LEAVES, state);
    const { pid } = liveOf(project, LEAVES);
    const run = await applied(project, { env, words: ["--prune"] });
    expect(run).toMatchObject({ converged: false, outcomes: [] });
    expect(run.remaining.deferred.map((one) => one.address)).toEqual(ALL);
    expect(run.remaining.deferred.find((one) => one.address === SESSION)?.reason).toContain(reason);
    expect(run.remaining.deferred.find((one) => one.address === FILES[0])?.reason).toContain(SESSION);
    expect(runs(pid)).toBe(true);
    for (const file of ["settings.json", "hooks/auto-deny"]) {
      expect(project.exists(`agents/${LEAVES}/.claude/${file}`), file).toBe(true);
    }
    await setClientState(project, LEAVES, "idle");
    expect(changesOf(await applied(project, { env, words: ["--prune"] }))).toEqual(
      ALL.map((address) => `delete ${address} done`),
    );
    await until("the process has ended", () => !runs(pid));
  },
);

test("--force ends a busy one, and reconcile --prune waits for it with --max-wait", async () => {
  const { project, env } = await leftAlive();
  await setClientState(project, LEAVES, "busy");
  const { pid } = liveOf(project, LEAVES);
  const reconciled = await project.run(["reconcile", "--prune", "--max-wait", "1", "-o", "json"], { env });
  expect(runDocument(reconciled, 2).remaining.deferred).toHaveLength(ALL.length);
  expect(runs(pid)).toBe(true);
  expect(changesOf(await applied(project, { env, words: ["--prune", "--force"] }))).toHaveLength(ALL.length);
  await until("the process has ended", () => !runs(pid));
});

test("files alone are not pruned under a session that is known to live", async () => {
  const { project, env } = await leftAlive();
  const run = await applied(project, { env, words: ["--prune", "--files-only"], code: 3 });
  expect(run.outcomes).toEqual([]);
  expect(run.remaining.blocked.map((one) => one.address)).toEqual(FILES);
  expect(run.remaining.blocked[0]?.reason).toContain(SESSION);
  expect(project.exists(`agents/${LEAVES}/.claude/hooks/auto-deny`)).toBe(true);
});

test("enabled: false stops the session with --prune when it is idle, and keeps the files in sync", async () => {
  const { project, env } = await leftAlive();
  const { pid } = liveOf(project, LEAVES);
  const resting = { name: LEAVES, model: "haiku", more: ["enabled: false"] };
  project.write("desired/registry.yaml", registryText([STAYS, resting]));
  const first = await applied(project, { env });
  expect(changesOf(first)).toEqual([`update ${FILES[1]} done`]);
  expect(first.remaining.orphans).toEqual([SESSION]);
  expect(runs(pid)).toBe(true);
  expect(project.read(`agents/${LEAVES}/.claude/settings.json`)).toContain('"haiku"');

  await setClientState(project, LEAVES, "busy");
  const busy = await applied(project, { env, words: ["--prune"] });
  expect(busy.remaining.deferred.map((one) => one.address)).toEqual([SESSION]);
  await setClientState(project, LEAVES, "idle");
  expect(changesOf(await applied(project, { env, words: ["--prune"] }))).toEqual([`delete ${SESSION} done`]);
  expect(Object.keys(sessionsOn(project.socket))).toEqual([`iw-${STAYS.name}`]);
  expect(project.exists(`agents/${LEAVES}/.claude/hooks/auto-deny`)).toBe(true);
  expect(await applied(project, { env, words: ["--prune"] })).toMatchObject({ converged: true, outcomes: [] });
  // Enabled again it comes back, in its conversation.
  project.write("desired/registry.yaml", registryText([STAYS, { name: LEAVES, model: "haiku" }]));
  expect(changesOf(await applied(project, { env }))).toEqual([`create ${SESSION} done`]);
});
