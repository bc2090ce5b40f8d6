// What Rollcall remembers: cut short, edited, newer, held by another run, or from another place.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { errorShape, planShape } from "../support/documents.ts";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { changedPaths, expectUntouched, openProject, type Project, snapshot } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const LEDGER = "state/ledger.json";
const LOCK_FILE = "agents/rollcall.lock.json";
const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const fleet = convergedProject({ files: fleetFiles() });

const DAMAGE: readonly (readonly [what: string, path: string, change: (text: string) => string, told: RegExp])[] = [
  ["the ledger cut short", LEDGER, (text) => text.slice(0, text.length / 2), /E401[\s\S]*ledger\.json/],
  ["the ledger emptied", LEDGER, () => "", /E401[\s\S]*ledger\.json/],
  ["the ledger edited", LEDGER, (text) => text.replace(/"serial": ?\d+/, '"serial": 99'), /E401[\s\S]*ledger\.json/],
  [
    "the ledger of a newer Rollcall",
    LEDGER,
    (text) => text.replace(/"version": ?2/, '"version": 9'),
    /E402[\s\S]*ledger\.json/,
  ],
  ["the lock file cut short", LOCK_FILE, (text) => text.slice(0, text.length / 2), /E401[\s\S]*rollcall\.lock\.json/],
  ["the lock file emptied", LOCK_FILE, () => "", /E401[\s\S]*rollcall\.lock\.json/],
  [
    "the lock file in a merge conflict",
    LOCK_FILE,
    (text) => text.replace("{\n", "{\n<<<<<<< HEAD\n"),
    /E401[\s\S]*rollcall\.lock\.json/,
  ],
  [
    "the lock file of a newer Rollcall",
    LOCK_FILE,
    (text) => text.replace('"version": 1', '"version": 9'),
    /E402[\s\S]*rollcall\.lock\.json/,
  ],
];

test.each(DAMAGE)(
  "%s: exit 1 with the way out, never taken for empty, nothing written (row 44)",
  async (_what, path, change, told) => {
    const project = fleet();
    const before = project.read(path);
    project.write(path, change(before));
    expect(project.read(path)).not.toBe(before);
    for (const args of [
      ["plan", "--files-only"],
      ["apply", "-y", "--files-only"],
      ["verify", "--portable"],
    ]) {
      const ran = await expectUntouched(project.root, () => project.run(args));
      if (args[0] === "verify" && path === LEDGER && ran.code === 0) continue;
      expect(ran, args.join(" ")).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toMatch(told);
      expect(ran.stderr).toMatch(
        path === LEDGER ? /--rebuild-ledger|newer|wrote it/ : /version control|git|wrote it|merge/,
      );
      expect(ran.stderr).not.toMatch(/^\s+at /m);
    }
    const json = await project.run(["plan", "--files-only", "-o", "json"]);
    expect(errorShape.parse(json.json()).code).toMatch(/^E40[12]$/);
  },
);

test("a lock file that a formatter laid out anew is read all the same", async () => {
  const project = fleet();
  project.write(LOCK_FILE, JSON.stringify(JSON.parse(project.read(LOCK_FILE)), null, 4));
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});

test("without the ledger files are known by the lock file, and local ones that are as desired by that", async () => {
  const project = fleet();
  project.remove("state");
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
  project.write(MEMORY, "# Tampered with\n");
  const plan = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
  expect(plan.actions).toMatchObject([{ verdict: "tampered" }]);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
});

test("records hold digests and paths, never contents; state is its owner's alone; the lock file has no clock", async () => {
  const project = fleet();
  const words = "Does the work of the backend-agent";
  expect(project.read(MEMORY)).toContain(words);
  for (const name of readdirSync(project.path("state"), { recursive: true, encoding: "utf8" })) {
    if (name.startsWith("cache") || name.startsWith("before/")) continue;
    const facts = statSync(project.path(`state/${name}`));
    expect(facts.mode & 0o777, name).toBe(facts.isDirectory() ? 0o700 : 0o600);
    // A copy of the spec, kept for the day on which it has errors.
    if (name.startsWith("last-good/")) continue;
    if (facts.isFile()) expect(project.read(`state/${name}`), name).not.toContain(words);
  }
  const lock = project.read(LOCK_FILE);
  expect(lock).not.toContain(words);
  expect(lock).not.toContain(".local.");
  expect(lock).not.toMatch(/20\d\d-\d\d-\d\d/);
  expect(lock).not.toContain(project.root);
});

test("a state folder that came with the clone is made its owner's alone", async () => {
  const project = openProject({ files: { ...fleetFiles(), "state/README.md": "what this is\n" } });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(statSync(project.path("state")).mode & 0o777).toBe(0o700);
});

/** What a run lock of this very process looks like. */
function lockOf(change: Readonly<Record<string, unknown>> = {}): string {
  const stat = readFileSync(`/proc/${process.pid}/stat`, "utf8");
  const startTick = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const holder = { pid: process.pid, startTick, bootId, host: hostname(), command: "rollcall reconcile" };
  return `${JSON.stringify({ ...holder, since: "2025-11-20T08:00:00.000Z", ...change })}\n`;
}

test("locked by a live run: who, pid, since, command; exit 4, nothing written; without work no lock is needed (row 46)", async () => {
  const project = fleet();
  project.write("state/lock", lockOf());
  const idle = await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  expect(idle.code).toBe(0);
  project.write(MEMORY, "# Tampered with\n");
  const ran = await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  expect(ran.code).toBe(4);
  for (const word of [String(process.pid), hostname(), "2025-11-20T08:00:00.000Z", "rollcall reconcile", "E400"]) {
    expect(ran.stderr).toContain(word);
  }
  const json = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(json.code).toBe(4);
  expect(errorShape.parse(json.json())).toMatchObject({ code: "E400" });
  expect((await project.run(["plan", "--files-only"])).code).toBe(0);
});

test("--lock-timeout waits for it (row 46)", async () => {
  const project = fleet();
  project.write(MEMORY, "# Tampered with\n");
  project.write("state/lock", lockOf());
  const { ended } = project.start(["apply", "-y", "--files-only", "--lock-timeout", "20"]);
  setTimeout(() => project.remove("state/lock"), 1500);
  expect(await ended).toMatchObject({ code: 0 });
  expect(project.exists("state/lock")).toBe(false);
});

test.each([
  ["a process that is gone", { pid: 4_194_303, startTick: "1" }],
  ["a process whose number was given to another", { startTick: "1" }],
  ["before the last boot", { bootId: "00000000-0000-0000-0000-000000000000" }],
])("the lock of %s is taken over with a note (row 47)", async (_what, change) => {
  const project = fleet();
  project.write(MEMORY, "# Tampered with\n");
  project.write("state/lock", lockOf(change));
  const ran = await project.run(["apply", "-y", "--files-only"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(/took over the lock of pid \d+.*rollcall reconcile/);
  expect(project.exists("state/lock")).toBe(false);
});

test("two applies at once: both end well or one waits its turn, and the fleet is whole", async () => {
  const project = openProject({ files: fleetFiles() });
  const runs = await Promise.all(
    [1, 2, 3].map(() => project.run(["apply", "-y", "--files-only", "--lock-timeout", "30"])),
  );
  expect(runs.map((one) => one.code)).toEqual([0, 0, 0]);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
  const history = await project.run(["history", "-o", "json"]);
  expect(history.json()).toMatchObject({ runs: [{ done: 9, converged: true }] });
});

test("a project that was moved keeps its file records, with a note", async () => {
  const project = fleet();
  project.write("../moved/here", "");
  const { cpSync } = await import("node:fs");
  cpSync(project.root, project.path("../moved"), { recursive: true });
  const plan = await project.run(["plan", "--portable", "--detailed-exitcode"], { cwd: "../moved" });
  expect(plan.code, plan.stdout).toBe(0);
  expect(plan.stderr).toMatch(/W401/);
  const files = await project.run(["plan", "--files-only", "-o", "json"], { cwd: "../moved" });
  const found = planShape.parse(files.json());
  expect(found.blocked).toEqual([]);
  expect(found.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "pending config/backend-agent/.claude/settings.local.json",
    "pending config/planning-agent/.claude/settings.local.json",
  ]);
});

const MANY = Array.from({ length: 12 }, (_, index) => ({ name: `agent-${index + 1}` }));

function shrinkTo(project: Project, count: number): void {
  project.write("desired/registry.yaml", registryText(MANY.slice(0, count)));
}

test("a registry that shrinks is listed as orphans that do not count, and deleted only with --prune within the budget (row 55)", async () => {
  const project = openProject({ files: fleetFiles({ agents: MANY }) });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  shrinkTo(project, 3);
  const listed = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(listed.code).toBe(0);
  expect(planShape.parse(listed.json()).orphans).toHaveLength(9 * 4);

  const before = snapshot(project.path("agents"));
  const refused = await project.run(["apply", "-y", "--files-only", "--prune"]);
  expect(refused.code).toBe(3);
  expect(refused.stdout + refused.stderr).toMatch(/deleting 9 agents is over the budget of 3/);
  expect(refused.stdout + refused.stderr).toContain("--allow-delete 9");
  expect(changedPaths(before, snapshot(project.path("agents")))).toEqual([]);
  const lower = await project.run(["plan", "--files-only", "--prune", "--allow-delete", "8", "--detailed-exitcode"]);
  expect(lower.code).toBe(3);

  shrinkTo(project, 10);
  project.write("agents/agent-12/notes.md", "a person's\n");
  const pruned = await project.run(["apply", "-y", "--files-only", "--prune"]);
  expect(pruned.code, pruned.stdout).toBe(0);
  expect(project.exists("agents/agent-11")).toBe(false);
  expect(readdirSync(project.path("agents/agent-12"))).toEqual(["notes.md"]);
  expect(project.exists("agents/agent-10/.claude/CLAUDE.md")).toBe(true);
});

test("an orphan that somebody changed is not deleted without --overwrite; a protected agent never", async () => {
  const agents = [
    { name: "planning-agent" },
    { name: "backend-agent" },
    { name: "vault-agent", more: ["protect: true"] },
  ];
  const project = openProject({ files: fleetFiles({ agents }) });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  project.write(MEMORY, "# Mine now\n");
  project.write("desired/registry.yaml", registryText(agents.slice(0, 1)));
  const pruned = await project.run(["apply", "-y", "--files-only", "--prune", "--allow-delete", "2"]);
  expect(pruned.code).toBe(3);
  expect(project.read(MEMORY)).toBe("# Mine now\n");
  expect(project.exists("agents/backend-agent/.claude/hooks/auto-deny")).toBe(false);
  expect(project.exists("agents/vault-agent/.claude/hooks/auto-deny")).toBe(true);
  const forced = await project.run(["apply", "-y", "--files-only", "--prune", "--overwrite", "--allow-delete", "2"]);
  expect(forced.code).toBe(3);
  expect(project.exists("agents/backend-agent")).toBe(false);
  expect(project.exists("agents/vault-agent/.claude/CLAUDE.md")).toBe(true);
});

test("a registry emptied by accident deletes nothing, whatever is allowed", async () => {
  const project = fleet();
  project.write("desired/registry.yaml", "agents: {}\n");
  const ran = await expectUntouched(project.root, () =>
    project.run(["apply", "-y", "--files-only", "--prune", "--overwrite", "--allow-delete", "1000"]),
  );
  expect(ran.code).toBe(1);
});
