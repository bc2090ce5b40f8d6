// Agents that left the registry: listed and left alone, until somebody says --prune, and then within limits.
import { expect, test } from "vitest";
import { planShape, runShape } from "../support/documents.ts";
import { type AgentEntry, fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import { beforeImages } from "../support/shared-project.ts";

const REGISTRY = "desired/registry.yaml";
const FILES = [".claude/CLAUDE.md", ".claude/settings.json", ".claude/settings.local.json"];
const ORPHANS = ["backend-agent"].flatMap((agent) => [
  ...FILES.map((file) => `config/${agent}/${file}`),
  `hook/${agent}/auto-deny`,
]);

/** A converged pair whose backend developer has left the registry. */
async function leftAgent(agents: readonly AgentEntry[] = PAIR): Promise<Project> {
  const project = openProject({ files: fleetFiles({ agents }) });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  project.write(REGISTRY, registryText([{ name: "planning-agent", tools: ["Read", "Task"] }]));
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  return project;
}

async function planned(project: Project, words: readonly string[] = []) {
  const ran = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json", ...words]);
  return { code: ran.code, plan: planShape.parse(ran.json()) };
}

async function applied(project: Project, words: readonly string[] = []) {
  const ran = await project.run(["apply", "-y", "--files-only", "-o", "json", ...words]);
  return { code: ran.code, run: runShape.parse(ran.json()) };
}

test("without --prune an orphan is listed, counts as nothing, and nothing of it is touched", async () => {
  const project = await leftAgent();
  const { code, plan } = await planned(project);
  expect(code).toBe(0);
  expect(plan).toMatchObject({ actions: [], blocked: [], deferred: [], orphans: ORPHANS, unmanaged: [] });
  const again = await expectUntouched(project.root, () => applied(project));
  expect(again).toMatchObject({ code: 0, run: { converged: true, outcomes: [] } });
  expect((await project.run(["verify", "--files-only"])).code).toBe(0);
  expect((await project.run(["plan", "--files-only"])).stdout).toContain("--prune");
});

test("--prune shows the deletions, apply does them, and the folder goes with its last file", async () => {
  const project = await leftAgent();
  const { code, plan } = await expectUntouched(project.root, () => planned(project, ["--prune"]));
  expect(code).toBe(2);
  expect(plan.actions.map(({ action, verdict, address }) => `${action} ${verdict} ${address}`)).toEqual(
    ORPHANS.map((address) => `delete orphan ${address}`),
  );
  const asked = await expectUntouched(project.root, () => project.run(["apply", "--files-only", "--prune"]));
  expect(asked.code).toBe(64);
  const { code: done, run } = await applied(project, ["--prune"]);
  expect(done).toBe(0);
  expect(run.outcomes.every((one) => one.action === "delete" && one.result === "done")).toBe(true);
  // Settings that name a hook are never there without it.
  const order = run.outcomes.map((one) => one.address);
  expect(order.indexOf(`config/backend-agent/${FILES[1]}`)).toBeLessThan(order.indexOf("hook/backend-agent/auto-deny"));
  expect(project.exists("agents/backend-agent")).toBe(false);
  expect(project.exists("agents/planning-agent/.claude/settings.json")).toBe(true);
  expect((await planned(project, ["--prune"])).plan).toMatchObject({ actions: [], orphans: [] });
  expect(project.read("agents/rollcall.lock.json")).not.toContain("backend-agent");
  // Deleted is not lost.
  expect(Object.keys(beforeImages(project))).toContain("agents/backend-agent/.claude/CLAUDE.md");
});

test("undo brings pruned files back", async () => {
  const project = await leftAgent();
  const page = project.read("agents/backend-agent/.claude/CLAUDE.md");
  const { run } = await applied(project, ["--prune"]);
  const undone = await project.run(["undo", run.id, "-y"]);
  expect(undone.code, undone.stderr + undone.stdout).toBe(0);
  expect(project.read("agents/backend-agent/.claude/CLAUDE.md")).toBe(page);
});

test("what the client and people put there survives, in the folder and in the settings", async () => {
  const project = await leftAgent();
  const settings = "agents/backend-agent/.claude/settings.json";
  project.edit(settings, '"model"', '"theme": "dark",\n  "model"');
  project.edit(settings, '"deny": [', '"allow": ["WebSearch"],\n    "deny": [');
  project.write("agents/backend-agent/notes.md", "mine\n");
  project.write("agents/backend-agent/.claude/agents/own.md", "also mine\n");
  const { code } = await applied(project, ["--prune"]);
  expect(code).toBe(0);
  expect(JSON.parse(project.read(settings))).toEqual({ theme: "dark", permissions: { allow: ["WebSearch"] } });
  expect(project.read("agents/backend-agent/notes.md")).toBe("mine\n");
  expect(project.read("agents/backend-agent/.claude/agents/own.md")).toBe("also mine\n");
  expect(project.exists("agents/backend-agent/.claude/CLAUDE.md")).toBe(false);
  expect(project.exists("agents/backend-agent/.claude/hooks")).toBe(false);
  // What is left is nobody's of ours: told of, and not touched again.
  expect((await planned(project, ["--prune"])).plan).toMatchObject({
    actions: [],
    unmanaged: ["agents/backend-agent"],
  });
});

test("what was changed since is blocked, the rest goes; --overwrite takes it as well", async () => {
  const project = await leftAgent();
  const page = "agents/backend-agent/.claude/CLAUDE.md";
  project.write(page, `${project.read(page)}\nA thought worth keeping.\n`);
  const first = await planned(project);
  expect(first.plan.orphans).toEqual(ORPHANS);
  const { code, run } = await applied(project, ["--prune"]);
  expect(code).toBe(3);
  expect(run.remaining.blocked).toMatchObject([
    {
      address: `config/backend-agent/${FILES[0]}`,
      verdict: "tampered-orphan",
      hint: expect.stringContaining("--overwrite"),
    },
  ]);
  expect(project.read(page)).toContain("worth keeping");
  expect(project.exists("agents/backend-agent/.claude/settings.json")).toBe(false);
  expect((await applied(project, ["--prune", "--overwrite"])).code).toBe(0);
  expect(project.exists("agents/backend-agent")).toBe(false);
  expect(beforeImages(project)[page]).toContain("worth keeping");
});

test("protection outlives the entry; it is taken back where it was given", async () => {
  const guarded: AgentEntry[] = [PAIR[0], PAIR[1]].flatMap((one) => one ?? []);
  const backend = { name: "backend-agent", more: ["protect: true"] };
  const project = await leftAgent([...guarded.slice(0, 1), backend]);
  const { code, run } = await applied(project, ["--prune", "--overwrite", "--force", "--allow-delete", "9"]);
  expect(code).toBe(3);
  expect(run.outcomes).toEqual([]);
  expect(run.remaining.blocked.map((one) => one.address)).toEqual(ORPHANS);
  expect(run.remaining.blocked[0]).toMatchObject({
    verdict: "orphan",
    reason: "it is protected",
    hint: expect.stringContaining("protect: false"),
  });
  project.write(
    REGISTRY,
    registryText([{ name: "planning-agent" }, { name: "backend-agent", more: ["protect: false"] }]),
  );
  expect((await applied(project)).code).toBe(0);
  project.write(REGISTRY, registryText([{ name: "planning-agent" }]));
  expect((await applied(project, ["--prune"])).code).toBe(0);
  expect(project.exists("agents/backend-agent")).toBe(false);
});

test("what is gone already is forgotten, which needs no --prune and no budget", async () => {
  const project = await leftAgent();
  project.remove("agents/backend-agent");
  const { plan } = await planned(project);
  expect(plan.orphans).toEqual([]);
  expect(plan.actions.map(({ action, verdict }) => `${action} ${verdict}`)).toEqual(ORPHANS.map(() => "forget gone"));
  const { code, run } = await applied(project);
  expect(code).toBe(0);
  expect(run.outcomes.map((one) => one.action)).toEqual(ORPHANS.map(() => "forget"));
  expect(project.read("agents/rollcall.lock.json")).not.toContain("backend-agent");
});

test("a held agent that left is not pruned", async () => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  expect((await project.run(["hold", "backend-agent", "--reason", "wait for me"])).code).toBe(0);
  project.write(REGISTRY, registryText([{ name: "planning-agent" }]));
  const { run } = await applied(project, ["--prune"]);
  expect(run.outcomes.filter((one) => one.action === "delete")).toEqual([]);
  expect(run.remaining.held).toMatchObject([{ agent: "backend-agent", reason: "wait for me" }]);
  expect(project.exists("agents/backend-agent/.claude/CLAUDE.md")).toBe(true);
});

test("--prune of one agent leaves the orphans of others", async () => {
  const three = [...PAIR, { name: "tester" }];
  const project = openProject({ files: fleetFiles({ agents: three }) });
  await applied(project);
  project.write(REGISTRY, registryText([{ name: "planning-agent" }]));
  const ran = await project.run(["apply", "-y", "--files-only", "--prune", "tester"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(project.exists("agents/tester")).toBe(false);
  expect(project.exists("agents/backend-agent/.claude/CLAUDE.md")).toBe(true);
});

const crew = (count: number): AgentEntry[] =>
  Array.from({ length: count }, (_, index) => ({ name: `agent-${String(index + 1).padStart(2, "0")}` }));

test("a registry that shrinks from 50 agents to 3 deletes nothing until the number is named", async () => {
  const project = openProject({ files: fleetFiles({ agents: crew(50) }) });
  expect((await applied(project)).code).toBe(0);
  project.write(REGISTRY, registryText(crew(3)));
  expect((await applied(project)).code).toBe(0);
  const refused = await applied(project, ["--prune"]);
  expect(refused.code).toBe(3);
  expect(refused.run.outcomes).toEqual([]);
  expect(refused.run.remaining.blocked).toHaveLength(47 * 4);
  const [first] = refused.run.remaining.blocked;
  expect(first?.reason).toBe("deleting 47 agents is over the budget of 12");
  expect(first?.hint).toContain("--allow-delete 47");
  expect(project.exists("agents/agent-50/.claude/CLAUDE.md")).toBe(true);
  expect((await applied(project, ["--prune", "--allow-delete", "46"])).code).toBe(3);
  const done = await applied(project, ["--prune", "--allow-delete", "47"]);
  expect(done.code).toBe(0);
  expect(done.run.outcomes).toHaveLength(47 * 4);
  expect(project.exists("agents/agent-50")).toBe(false);
  expect(project.exists("agents/agent-03/.claude/CLAUDE.md")).toBe(true);
});

test.each([
  ["0", ["policy: { prune_budget: 0 }"], 3, "--allow-delete 1"],
  ["0%", ["policy: { prune_budget: 0% }"], 3, "--allow-delete 1"],
  ["2", ["policy: { prune_budget: 2 }"], 0, ""],
  ["1%, which always lets one go", ["policy: { prune_budget: 1% }"], 0, ""],
])("a budget of %s", async (_budget, fleet, code, hint) => {
  const project = openProject({ files: fleetFiles({ fleet }) });
  await applied(project);
  project.write(REGISTRY, registryText([{ name: "planning-agent" }]));
  const ran = await applied(project, ["--prune"]);
  expect(ran.code).toBe(code);
  expect(ran.run.remaining.blocked[0]?.hint ?? "").toContain(hint);
});

test.each([
  ["empty", ""],
  ["of comments only", "# nobody\n"],
  ["without agents", "agents: {}\n"],
  ["gone", null],
])("a registry that is %s is an error, never the wish to delete all", async (_how, text) => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  if (text === null) project.remove(REGISTRY);
  else project.write(REGISTRY, text);
  for (const command of ["apply", "reconcile"]) {
    const words = [command, ...(command === "apply" ? ["-y"] : []), "--files-only", "--prune", "--allow-delete", "99"];
    const ran = await expectUntouched(project.root, () => project.run(words));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/no agents declared|registry not found/);
  }
});
