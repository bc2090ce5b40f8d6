// The documents for machines: exactly the fields the design names, in every state a plan, a run or a status can show.
import { expect, test } from "vitest";
import { planShape, runShape, statusShape } from "../support/documents.ts";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const THREE = [...PAIR, { name: "seo-agent" }, { name: "qa-agent" }, { name: "old-agent" }];
const fleet = convergedProject({ files: fleetFiles({ agents: THREE }) });

/** Every list of a plan has something in it: an action, something blocked, held, orphaned, unmanaged, warned of. */
async function everything(project: Project): Promise<void> {
  project.edit(SETTINGS, '"opus"', '"sonnet"');
  project.remove(MEMORY);
  project.write("agents/backend-agent/.claude/hooks/auto-deny", "#!/bin/sh\nexit 0\n");
  project.write("agents/lost-and-found/notes.md", "x\n");
  await project.run(["hold", "qa-agent", "--reason", "a demo"]);
  project.write("desired/registry.yaml", registryText(THREE.slice(0, 4)).replaceAll("opus", "haiku"));
}

test("a plan with everything in it has exactly the fields of the design", async () => {
  const project = fleet();
  await everything(project);
  const ran = await project.run(["plan", "--files-only", "-o", "json"]);
  const plan = planShape.parse(ran.json());
  expect(plan).toMatchObject({ kind: "plan", formatVersion: "1.0", fleet: "story-fleet" });
  expect(plan.actions.map(({ address, action, verdict }) => `${action} ${verdict} ${address}`)).toEqual([
    "create vanished config/backend-agent/.claude/CLAUDE.md",
    "update pending config/planning-agent/.claude/settings.json",
    "update pending config/seo-agent/.claude/settings.json",
    "update tampered hook/backend-agent/auto-deny",
  ]);
  expect(plan.blocked.map((one) => one.address)).toEqual(["config/backend-agent/.claude/settings.json#/model"]);
  expect(plan.held.map((one) => one.agent)).toEqual(["qa-agent"]);
  expect(plan.orphans).toHaveLength(4);
  expect(plan.unmanaged).toEqual(["agents/lost-and-found"]);
  expect(plan.summary).toMatchObject({ create: 1, update: 3, delete: 0, blocked: 1, drift: 3, pending: 3 });
});

test("hooks show digests only; text files one change at the empty path and a unified diff; JSON files pointers and a patch", async () => {
  const project = fleet();
  project.write(MEMORY, "# Other words\n");
  project.write("agents/backend-agent/.claude/hooks/auto-deny", "#!/bin/sh\necho a secret\n");
  project.edit(SETTINGS, '"opus"', '"sonnet"');
  const { actions } = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
  const [memory, settings, hook] = actions;
  const digest = expect.stringMatching(/^[0-9a-f]{32}$/);
  expect(memory?.changes).toEqual([{ path: "", before: digest, after: digest }]);
  expect(memory?.patch).toMatch(/^--- [\s\S]*\n\+\+\+ [\s\S]*\n@@ [\s\S]*\n-# Other words\n/);
  expect(settings?.changes).toEqual([{ path: "/model", before: "sonnet", after: "opus" }]);
  expect(settings?.patch).toEqual([
    { op: "test", path: "/model", value: "sonnet" },
    { op: "replace", path: "/model", value: "opus" },
  ]);
  expect(hook?.changes).toEqual([{ path: "", before: digest, after: digest }]);
  expect(JSON.stringify(hook)).not.toContain("a secret");
});

test("what a change costs: files that only a start reads want a restart, live ones a reload; healing costs none", async () => {
  const project = fleet();
  project.write("desired/registry.yaml", registryText(THREE).replaceAll("opus", "haiku"));
  project.write("agents/planning-agent/.claude/CLAUDE.md", "# Other words\n");
  project.edit("agents/seo-agent/.claude/settings.json", '"disableAllHooks": false', '"disableAllHooks": true');
  project.edit("desired/registry.yaml", 'cannot_access: ["frontend/**", "*.test.*"]', 'cannot_access: ["frontend/**"]');
  const { actions } = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
  const impact = Object.fromEntries(actions.map((one) => [one.address, one.impact]));
  expect(impact).toMatchObject({
    "config/planning-agent/.claude/CLAUDE.md": "none",
    "config/qa-agent/.claude/settings.json": "restart-when-idle",
    "config/backend-agent/.claude/settings.local.json": "reload",
  });
  const { stdout } = await project.run(["plan", "--files-only"]);
  expect(stdout).toMatch(/config\/backend-agent\/\.claude\/settings\.local\.json pending: .* \[reload\]$/m);
  expect(stdout).toMatch(/config\/qa-agent\/\.claude\/settings\.json pending: .* \[restart-when-idle\]$/m);
});

test("a run has exactly the fields of the design, with what remains as a plan", async () => {
  const project = fleet();
  await everything(project);
  const ran = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(ran.code).toBe(3);
  const run = runShape.parse(ran.json());
  expect(run.id).toMatch(/^\d{4}-[0-9a-f]{4}$/);
  expect(run.converged).toBe(false);
  expect(
    run.outcomes
      .filter((one) => one.corrective)
      .map((one) => one.address)
      .sort(),
  ).toEqual(["config/backend-agent/.claude/CLAUDE.md", "hook/backend-agent/auto-deny"]);
  expect(run.remaining.actions).toEqual([]);
  expect(run.remaining.blocked).toHaveLength(1);
  const nothing = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(runShape.parse(nothing.json())).toMatchObject({ outcomes: [], converged: false });
});

test("status has one entry per agent with two axes, and exits 0 whatever it tells", async () => {
  const project = fleet();
  await everything(project);
  const ran = await project.run(["status", "--files-only", "-o", "json"]);
  expect(ran.code).toBe(0);
  const status = statusShape.parse(ran.json());
  expect(status.socket).toBe(project.socket);
  expect(status.agents.map(({ agent, sync }) => `${agent} ${sync}`)).toEqual([
    "backend-agent blocked",
    "planning-agent out-of-sync",
    "qa-agent held",
    "seo-agent out-of-sync",
  ]);
  expect(status.agents[0]?.drift).toEqual([
    "config/backend-agent/.claude/CLAUDE.md",
    "config/backend-agent/.claude/settings.json",
    "hook/backend-agent/auto-deny",
  ]);
  const text = await project.run(["status", "--files-only"]);
  expect(text.stdout).toMatch(/^AGENT +SYNC +HEALTH/);
  expect(text.stdout).toContain(project.socket);
});

test("history and show tell of the runs, newest first, corrective and intended apart", async () => {
  const project = fleet();
  project.write(MEMORY, "# Other words\n");
  await project.run(["apply", "-y", "--files-only"]);
  const history = await project.run(["history", "-o", "json"]);
  const { runs } = history.json() as unknown as { runs: { id: string }[] };
  expect(runs).toMatchObject([
    { done: 1, corrective: 1, intended: 0, converged: true },
    { done: 21, corrective: 0, intended: 21, converged: true },
  ]);
  const shown = await project.run(["show", String(runs[0]?.id)]);
  expect(shown.stdout).toContain("done update config/backend-agent/.claude/CLAUDE.md");
  const document = await project.run(["show", "-o", "json", String(runs[0]?.id)]);
  expect(document.json()).toMatchObject({ kind: "run", id: runs[0]?.id });
});

test("a plan does not depend on the order of the registry", async () => {
  const project = openProject({ files: fleetFiles({ agents: THREE }) });
  const one = await project.run(["plan", "--files-only", "-o", "json"]);
  project.write("desired/registry.yaml", registryText([...THREE].reverse()));
  const other = await project.run(["plan", "--files-only", "-o", "json"]);
  expect(planShape.parse(other.json()).actions).toEqual(planShape.parse(one.json()).actions);
});

test("markdown is for a pull request: a table, foldable diffs, no way out of them", async () => {
  const project = fleet();
  project.write(MEMORY, "```\n</details><script>alert(1)</script> @everyone\n");
  const { stdout, code } = await project.run(["plan", "--files-only", "-o", "markdown"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^### Rollcall plan: story-fleet\n/);
  expect(stdout).toContain("| ~ update | `config/backend-agent/.claude/CLAUDE.md` | tampered |");
  expect(stdout).toMatch(/````diff\n[\s\S]*-```\n[\s\S]*\n````\n/);
});
