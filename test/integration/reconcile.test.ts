// `reconcile`: one unattended pass. It never asks, tells corrective from intended, and its exit code says what is left.
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { COMMANDS, expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  changesOf,
  clientPath,
  clientUp,
  installClient,
  liveOf,
  openTerminal,
  QUIET,
  runDocument,
  sessionsOn,
  setClientState,
} from "../support/tmux-fixture.ts";

/** The stories here are of other things than who may widen what. */
const WIDENING = "policy: { unattended_widening: allow }";

async function quietPair(): Promise<Project> {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET, fleet: [WIDENING] }) });
  await applied(project);
  return project;
}

/** A file healed and a session brought back (corrective), and a changed model (intended). */
function disturb(project: Project): void {
  project.write("agents/planning-agent/.claude/CLAUDE.md", "# mine\n");
  project.tmux(["kill-session", "-t", "=iw-planning-agent"]);
  project.edit("desired/registry.yaml", "    tools: [Read, Write, Edit]", "    tools: [Read, Write]");
}

test("0: what drifted and what the spec changed are done in one pass and counted apart, in every format", async () => {
  const project = await quietPair();
  disturb(project);
  const run = runDocument(await project.run(["reconcile", "-o", "json"]), 0);
  expect(run.converged).toBe(true);
  const words = run.outcomes.map(({ corrective, address }) => `${corrective ? "corrective" : "intended"} ${address}`);
  expect(words.sort()).toEqual([
    "corrective config/planning-agent/.claude/CLAUDE.md",
    "corrective session/planning-agent/main",
    "intended config/backend-agent/.claude/CLAUDE.md",
    "intended hook/backend-agent/auto-deny",
    "intended session/backend-agent/main",
  ]);

  project.edit("desired/registry.yaml", "    tools: [Read, Write]\n", "    tools: [Read, Write, Edit]\n");
  project.remove("agents/planning-agent/.claude/hooks/auto-deny");
  const markdown = await project.run(["reconcile", "-o", "markdown"]);
  expect(markdown.code).toBe(0);
  expect(markdown.stdout).toMatch(/^### Rollcall run \S+: converged$/m);
  expect(markdown.stdout).toContain("4 done: 1 corrective (drift healed), 3 intended (the spec had changed).");
  expect(markdown.stdout).toMatch(/^\| `hook\/planning-agent\/auto-deny` \| create \| done \| corrective \|/m);

  project.write("agents/backend-agent/.claude/CLAUDE.md", "");
  const text = await project.run(["reconcile"]);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/1 done \(1 corrective, 0 intended\)\. Converged\./);

  const quiet = await expectUntouched(project.root, () => project.run(["reconcile", "-q"]));
  expect(quiet).toMatchObject({ code: 0, stderr: "" });
});

test("it never asks, not even a person at a terminal", async () => {
  const project = await quietPair();
  disturb(project);
  const command = [process.execPath, COMMANDS.rollcall, "reconcile"];
  const terminal = openTerminal(command, { env: project.env, cwd: project.root });
  expect(await terminal.ended(), terminal.screen()).toBe(0);
  expect(terminal.screen()).not.toMatch(/\?\s*$/m);
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(2);
  const ran = await project.run(["reconcile", "-y"]);
  expect(ran.code).toBe(64); // there is nothing to say yes to
});

test("2: deferred beyond --max-wait; without it a busy agent is no failure", async () => {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: ["claude"] }) });
  installClient(project);
  const env = { PATH: clientPath(project) };
  await applied(project, { env });
  await clientUp(project, "backend-agent");
  await setClientState(project, "backend-agent", "busy");
  const { pid } = liveOf(project, "backend-agent");
  disturb(project);
  const first = runDocument(await project.run(["reconcile", "-o", "json"], { env }), 0);
  expect(first.converged).toBe(false);
  expect(first.remaining.deferred.map(({ address }) => address)).toEqual(["session/backend-agent/main"]);
  const second = await project.run(["reconcile", "--max-wait", "1", "-o", "json"], { env });
  expect(runDocument(second, 2).remaining.deferred).toHaveLength(1);
  expect(liveOf(project, "backend-agent").pid).toBe(pid);
});

test("3: blocked, and all the rest done", async () => {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET }), git: true });
  project.tmux(["new-session", "-d", "-s", "iw-planning-agent", "sleep 5000"]);
  const run = runDocument(await project.run(["reconcile", "-o", "json"]), 3);
  expect(run.remaining.blocked).toMatchObject([{ address: "session/planning-agent/main", verdict: "unowned" }]);
  expect(changesOf(run)).toHaveLength(10);
  const text = await project.run(["reconcile"]);
  expect(text.code).toBe(3);
  expect(text.stdout).toContain("adopt session/planning-agent/main");
});

test("5 when something failed and something was done, 1 when nothing was", async () => {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: ["sh", "-c", "exit 9"] }), git: true });
  const first = runDocument(await project.run(["reconcile", "-o", "json"]), 5);
  expect(first.outcomes.filter(({ result }) => result === "failed").map(({ error }) => error?.code)).toEqual([
    "E707",
    "E707",
  ]);
  const second = runDocument(await project.run(["apply", "-y", "-o", "json"]), 1);
  expect(second.outcomes.map(({ result }) => result)).toEqual(["failed", "failed"]);
});

test("5 without tmux: the files are done, the sessions unknown", async () => {
  const project = await quietPair();
  disturb(project);
  const env = { PATH: `${project.home}/bin` };
  const run = runDocument(await project.run(["reconcile", "-o", "json"], { env }), 5);
  expect(run.outcomes.some(({ address, result }) => address.startsWith("config/") && result === "done")).toBe(true);
  expect(run.remaining.warnings.map(({ code }) => code)).toContain("W701");
  const again = await project.run(["reconcile"], { env });
  expect(again.code).toBe(5);
  expect((await project.run(["reconcile", "--files-only"], { env })).code).toBe(0);
});

test("1: with a broken spec no session is touched, and what is wrong is in the one document", async () => {
  const project = await quietPair();
  const before = sessionsOn(project.socket);
  project.edit("desired/registry.yaml", "delegates_to: [backend-agent]", "delegates_to: [backend-agnet]");
  project.tmux(["kill-session", "-t", "=iw-planning-agent"]);
  const ran = await expectUntouched(project.root, () => project.run(["reconcile", "-o", "json"]));
  const { spec, ...run } = runDocument(ran, 1);
  expect(run).toMatchObject({ outcomes: [], converged: false });
  expect(spec?.diagnostics.filter(({ severity }) => severity === "error")).toMatchObject([
    { file: "desired/registry.yaml", message: expect.stringContaining("backend-agnet") },
  ]);
  expect(sessionsOn(project.socket)).toEqual({ "iw-backend-agent": before["iw-backend-agent"] });
});
