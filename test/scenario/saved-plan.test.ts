// A plan that is saved, read by somebody, and applied later: as it was read, or not at all.
import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { errorShape, planShape, runShape } from "../support/documents.ts";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project, type Ran } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const FILE = "review.plan.json";
const fleet = convergedProject({ files: fleetFiles() });

/** One file tampered with, and the plan that heals it saved. */
async function savedPlan(project: Project): Promise<Record<string, unknown>> {
  project.write(MEMORY, "# Somebody else\n");
  const planned = await project.run(["plan", "--files-only", "--out", FILE]);
  expect(planned.code, planned.stderr).toBe(0);
  return JSON.parse(project.read(FILE));
}

const apply = (project: Project, ...more: string[]): Promise<Ran> => project.run(["apply", "-y", ...more, FILE]);

test("plan --out writes the file and nothing else; show tells it; apply does just that", async () => {
  const project = fleet();
  project.write(MEMORY, "# Somebody else\n");
  const planned = await expectUntouched(project.root, () => project.run(["plan", "--files-only", "--out", FILE]), {
    except: [FILE],
  });
  expect(planned.stdout).toContain("config/backend-agent/.claude/CLAUDE.md tampered");
  expect(planned.stderr).toContain(`rollcall apply ${FILE}`);

  const shown = await expectUntouched(project.root, () => project.run(["show", FILE]));
  expect(shown).toMatchObject({ code: 0, stdout: planned.stdout });
  const document = planShape.parse((await project.run(["show", "-o", "json", FILE])).json());
  expect(document.actions).toMatchObject([{ address: "config/backend-agent/.claude/CLAUDE.md", action: "update" }]);

  const applied = await apply(project, "-o", "json");
  expect(applied.code, applied.stdout).toBe(0);
  expect(runShape.parse(applied.json())).toMatchObject({
    converged: true,
    outcomes: [{ address: "config/backend-agent/.claude/CLAUDE.md", result: "done", corrective: true }],
  });
  const again = await expectUntouched(project.root, () => apply(project));
  expect(again.code).toBe(3);
  expect(again.stderr).toMatch(/stale/);
});

test("a plan of a project that was never applied can be saved and applied", async () => {
  const project = openProject({ files: fleetFiles() });
  expect((await project.run(["plan", "--files-only", "--out", FILE])).code).toBe(0);
  expect(project.exists("state")).toBe(false);
  const applied = await apply(project);
  expect(applied.code, applied.stderr).toBe(0);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});

test("a plan of some agents does only those", async () => {
  const project = fleet();
  project.write(MEMORY, "# Somebody else\n");
  project.write(MEMORY.replace("backend", "planning"), "# Somebody else\n");
  await project.run(["plan", "--files-only", "--out", FILE, "planning-agent"]);
  const applied = await apply(project);
  expect(applied.code, applied.stderr).toBe(0);
  expect(project.read(MEMORY)).toBe("# Somebody else\n");
});

test("a plan without actions changes nothing, not even the records", async () => {
  const project = fleet();
  await project.run(["plan", "--files-only", "--out", FILE]);
  const applied = await expectUntouched(project.root, () => apply(project));
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining("No differences") });
  const planned = await project.run(["plan", "--files-only", "-o", "json"]);
  project.write("agents/notes.md", "made while nobody looked\n");
  const json = await expectUntouched(project.root, () => apply(project, "-o", "json"));
  expect(json.code, planned.stdout + json.stdout).toBe(0);
  expect(runShape.parse(json.json())).toMatchObject({ id: "", outcomes: [], converged: true });
});

const STALE: readonly (readonly [what: string, move: (project: Project) => unknown, told: RegExp])[] = [
  [
    "the file it heals changed again",
    (project) => project.write(MEMORY, "# A third one\n"),
    /backend-agent\/\.claude\/CLAUDE\.md/,
  ],
  ["another file changed", (project) => project.write(MEMORY.replace("backend", "planning"), "x\n"), /planning-agent/],
  [
    "a file that was in sync is gone",
    (project) => project.remove("agents/planning-agent/.claude/settings.json"),
    /settings\.json/,
  ],
  [
    "the registry changed",
    (project) => project.edit("desired/registry.yaml", "[Read, Task]", "[Read]"),
    /spec has changed/,
  ],
  [
    "an agent was held meanwhile",
    (project) => project.run(["hold", "planning-agent", "--reason", "a demo"]),
    /was made from record \S+:1, the record is now \S+:[2-9]/,
  ],
];

test.each(STALE)("it is stale when %s: exit 3, named, nothing written (row 43)", async (_what, move, told) => {
  const project = fleet();
  await savedPlan(project);
  await move(project);
  const applied = await expectUntouched(project.root, () => apply(project));
  expect(applied).toMatchObject({ code: 3, stdout: "" });
  expect(applied.stderr).toMatch(/E320/);
  expect(applied.stderr).toMatch(told);
  const json = await expectUntouched(project.root, () => apply(project, "-o", "json"));
  expect(json).toMatchObject({ code: 3, stderr: "" });
  expect(errorShape.parse(json.json())).toMatchObject({ code: "E320" });
});

type Plan = Record<string, unknown> & {
  actions: { address: string; changes: { path: string }[]; patch?: unknown }[];
  basis: Record<string, unknown>;
};
const EDITS: readonly (readonly [what: string, edit: (plan: Plan) => unknown, told: RegExp])[] = [
  [
    "an action's target",
    (plan) => ({
      ...plan,
      actions: plan.actions.map((one) => ({ ...one, address: "config/planning-agent/.claude/CLAUDE.md" })),
    }),
    /changed after it was saved/,
  ],
  [
    "a reason",
    (plan) => ({ ...plan, actions: plan.actions.map((one) => ({ ...one, reason: "harmless" })) }),
    /changed after it was saved/,
  ],
  ["an action taken out", (plan) => ({ ...plan, actions: [] }), /changed after it was saved/],
  ["the root", (plan) => ({ ...plan, basis: { ...plan.basis, root: "/" } }), /changed after it was saved/],
  ["another version", (plan) => ({ ...plan, formatVersion: "2.0" }), /version/],
  ["no plan at all", () => ({ kind: "run", formatVersion: "1.0" }), /not a saved plan/],
  ["a field nobody knows", (plan) => ({ ...plan, extra: true }), /not a saved plan|unrecognized/i],
  [
    "a change below __proto__",
    (plan) => ({
      ...plan,
      actions: plan.actions.map((one) => ({
        ...one,
        changes: [{ path: "/a/__proto__/b", before: null, after: true }],
      })),
    }),
    /reserved name/,
  ],
  [
    "a patch of constructor",
    (plan) => ({
      ...plan,
      actions: plan.actions.map((one) => ({
        ...one,
        patch: [{ op: "add", path: "/constructor/prototype/x", value: 1 }],
      })),
    }),
    /reserved name/,
  ],
  [
    "a move from prototype",
    (plan) => ({
      ...plan,
      actions: plan.actions.map((one) => ({ ...one, patch: [{ op: "move", from: "/x/prototype", path: "/y" }] })),
    }),
    /reserved name/,
  ],
];

test.each(EDITS)(
  "a saved plan with %s is refused by name: exit 3, nothing written (rows 68, 69)",
  async (_what, edit, told) => {
    const project = fleet();
    const plan = await savedPlan(project);
    project.write(FILE, JSON.stringify(edit(plan as Plan), null, 2));
    const applied = await expectUntouched(project.root, () => apply(project));
    expect(applied).toMatchObject({ code: 3, stdout: "" });
    expect(applied.stderr).toMatch(/E310/);
    expect(applied.stderr).toMatch(told);
    expect(applied.stderr).not.toMatch(/^\s+at /m);
  },
);

test("a saved plan that is cut short, empty or no JSON is refused", async () => {
  const project = fleet();
  await savedPlan(project);
  for (const text of [project.read(FILE).slice(0, 300), "", "plan!\n", "null", '{"__proto__": {"kind": "plan"}}']) {
    project.write(FILE, text);
    const applied = await expectUntouched(project.root, () => apply(project));
    expect(applied, text.slice(0, 20)).toMatchObject({ code: 3, stdout: "" });
    expect(applied.stderr).toMatch(/E310/);
  }
});

test("the plan of another fleet is refused, and both are named (row 68)", async () => {
  const project = fleet();
  await savedPlan(project);
  const other = openProject({ files: { ...fleetFiles(), [FILE]: project.read(FILE) } });
  const applied = await expectUntouched(other.root, () => apply(other));
  expect(applied).toMatchObject({ code: 3, stdout: "" });
  expect(applied.stderr).toContain(project.root);
});

test("a plan file that is not there is an error that names it", async () => {
  const project = fleet();
  const applied = await expectUntouched(project.root, () => project.run(["apply", "-y", "./nowhere.json"]));
  expect(applied).toMatchObject({ code: 1, stdout: "" });
  expect(applied.stderr).toContain("./nowhere.json");
  mkdirSync(project.path("folder.d"));
  expect((await project.run(["apply", "-y", "folder.d"])).code).toBe(1);
});

test("a plan cannot be saved over the project's own files or through a link's target unseen", async () => {
  const project = fleet();
  const out = await project.run(["plan", "--files-only", "--out", "no/such/folder/x.json"]);
  expect(out.code).toBe(1);
  expect(out.stderr).toContain("no/such/folder");
  expect(project.exists("no")).toBe(false);
});

test("what a saved plan would prune stays within what was reviewed", async () => {
  const project = fleet();
  project.write("desired/registry.yaml", registryText([{ name: "planning-agent", tools: ["Read", "Task"] }]));
  await project.run(["plan", "--files-only", "--prune", "--out", FILE]);
  const applied = await apply(project);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  expect(project.exists("agents/backend-agent")).toBe(false);
});
