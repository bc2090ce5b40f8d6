// The Node that hooks run under: named by its absolute path in a file of this machine, written, watched and healed by apply.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { atTerminal, binWith, canPlay, NODE, NODE_OF_ITS_OWN } from "../support/other-node.ts";
import { changedPaths, openProject, type Project, type Ran, snapshot } from "../support/project-fixture.ts";

const NAMED = "agents/.rollcall/node.local.path";
const GUARD = "hook/-/guard";
const HOOK = "agents/backend-agent/.claude/hooks/auto-deny";

const planShape = z.object({
  actions: z.array(z.object({ address: z.string(), action: z.string(), verdict: z.string(), reason: z.string() })),
  blocked: z.array(z.object({ address: z.string() })),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
const runShape = z.object({ id: z.string(), outcomes: z.array(z.object({ address: z.string(), result: z.string() })) });

const actionsOf = (ran: Ran) => planShape.parse(ran.json()).actions;

async function applied(project: Project): Promise<z.infer<typeof runShape>> {
  const ran = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return runShape.parse(ran.json());
}

/** Asks the hook of the backend agent for a Write; its exit code and its reason. */
function askHook(project: Project, file: string, env: Readonly<Record<string, string>> = {}) {
  const input = JSON.stringify({ tool_name: "Write", tool_input: { file_path: project.path(file), content: "" } });
  const asked = spawnSync(project.path(HOOK), { input, encoding: "utf8", env: { ...project.env, ...env } });
  return { code: asked.status, stderr: asked.stderr };
}

function expectEnforced(project: Project, env: Readonly<Record<string, string>> = {}): void {
  expect(askHook(project, "frontend/app.ts", env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("may not"),
  });
  expect(askHook(project, "src/app.ts", env)).toEqual({ code: 0, stderr: "" });
}

test("apply names the real Node in one line, before any hook, and only this machine remembers it", async () => {
  const project = openProject({ files: { ...fleetFiles(), ".gitignore": "agents/**/*.local.*\n" }, git: true });
  const { outcomes } = await applied(project);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
  expect(statSync(project.path(NAMED)).mode & 0o777).toBe(0o644);
  expect(outcomes[0]).toEqual(expect.objectContaining({ address: GUARD, result: "done" }));
  expect(project.read("agents/rollcall.lock.json")).not.toContain(GUARD);
  expect(project.read("agents/rollcall.lock.json")).not.toContain(NODE);
  expect(project.read("state/ledger.json")).toContain(`"${GUARD}"`);
  expect(
    execFileSync("git", ["status", "--porcelain", "agents/.rollcall"], { cwd: project.root, encoding: "utf8" }),
  ).toBe("");
  expect((await project.run(["verify", "--files-only"])).code).toBe(0);
  expect((await project.run(["why", NAMED, "-o", "json"])).code).toBe(0);
  expectEnforced(project);
});

test.each([42, 0])("a program called node that ends with %i, earlier on PATH, changes nothing", async (end) => {
  const project = openProject({ files: fleetFiles() });
  const fake = binWith(project, "fake", `exit ${end}`);
  const PATH = `${fake}:${project.env["PATH"]}`;
  const first = await project.run(["apply", "-y", "--files-only"], { env: { PATH } });
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
  expectEnforced(project, { PATH });
  const again = await project.run(["reconcile", "--files-only"], { env: { PATH } });
  expect(again.code, again.stderr).toBe(0);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
});

test("a PATH whose only node does not work as one is refused by name, and no hook is written", async () => {
  const project = openProject({ files: fleetFiles() });
  const PATH = binWith(project, "fake", "exit 42");
  const ran = await project.run(["apply", "-y", "--files-only"], { env: { PATH } });
  expect(ran.code).toBe(1);
  expect(ran.stdout + ran.stderr).toMatch(
    /E608 .*fake\/node is the node on the sessions' PATH, but it does not work as Node/,
  );
  expect(project.exists(NAMED)).toBe(false);
  expect(project.exists(HOOK)).toBe(false);
});

test.each<[string, (project: Project) => void, RegExp]>([
  ["gone", (project) => project.remove(NAMED), /it was there and is gone/],
  ["emptied", (project) => project.write(NAMED, ""), /does not hold one absolute path/],
  [
    "led elsewhere",
    (project) => project.write(NAMED, "/bin/true\n"),
    /the file names \/bin\/true, the hooks' Node is \//,
  ],
  ["given a second line", (project) => project.write(NAMED, `${NODE}\n/bin/true\n`), /does not hold one absolute path/],
])("a file that was %s is drift, and a run for one agent heals it", async (_, damage, reason) => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  damage(project);
  expect(askHook(project, "src/app.ts").code).toBe(2);
  const [action, ...more] = actionsOf(await project.run(["plan", "--files-only", "-o", "json"]));
  expect(more).toEqual([]);
  expect(action).toMatchObject({ address: GUARD, verdict: expect.stringMatching(/tampered|vanished/) });
  expect(action?.reason).toMatch(reason);
  const status = await project.run(["status", "--files-only", "-o", "json"]);
  expect(status.json()).toMatchObject({
    agents: ["backend-agent", "planning-agent"].map((agent) => ({ agent, sync: "out-of-sync", drift: [GUARD] })),
  });
  expect(actionsOf(await project.run(["plan", "--portable", "-o", "json"]))).toEqual([]);
  expect(actionsOf(await project.run(["plan", "--only", "config", "-o", "json"]))).toEqual([]);
  expect(actionsOf(await project.run(["plan", "--only", "hook", "-o", "json"]))).toHaveLength(1);
  if (project.exists(NAMED)) {
    const doctor = await project.run(["doctor"]);
    expect(doctor.stdout).toMatch(/^error +interpreter +hook\/-\/guard is not in sync/m);
  }
  const healed = await project.run(["apply", "planning-agent", "-y", "--files-only"]);
  expect(healed.code, healed.stderr).toBe(0);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
  expectEnforced(project);
});

test("a file that everybody may write to is healed", async () => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  chmodSync(project.path(NAMED), 0o666);
  const [action] = actionsOf(await project.run(["plan", "--files-only", "-o", "json"]));
  expect(action).toMatchObject({ address: GUARD, reason: "its permissions differ" });
  await applied(project);
  expect(statSync(project.path(NAMED)).mode & 0o777).toBe(0o644);
});

test("a recorded Node that is gone is found by plan and replaced by what the PATH has; apply says both", async () => {
  const project = openProject({ files: fleetFiles() });
  const [a, b] = ["a", "b"].map((name) => binWith(project, name, NODE_OF_ITS_OWN));
  const env = { PATH: `${a}:${b}` };
  expect((await project.run(["apply", "-y", "--files-only"], { env })).code).toBe(0);
  expect(project.read(NAMED)).toBe(`${a}/node\n`);
  expectEnforced(project, env);
  rmSync(`${a}/node`);
  const refused = askHook(project, "src/app.ts", env);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/the Node that .* names is not there or not executable: .*a\/node, .*rollcall apply/);
  const [action, ...more] = actionsOf(await project.run(["plan", "--files-only", "-o", "json"], { env }));
  expect(more).toEqual([]);
  expect(action?.reason).toBe(
    `the hooks' Node ${a}/node is not there or not executable any more; ${b}/node takes its place`,
  );
  const ran = await project.run(["reconcile", "--files-only"], { env });
  expect(ran.code, ran.stderr).toBe(0);
  expect(project.read(NAMED)).toBe(`${b}/node\n`);
  expectEnforced(project, env);
  // What was recorded stays, whatever comes before it on the PATH.
  cpSync(`${b}/node`, `${a}/node`);
  expect(actionsOf(await project.run(["plan", "--files-only", "-o", "json"], { env }))).toEqual([]);
});

test.runIf(canPlay)(
  "after a Node upgrade one apply in a terminal records its PATH and its Node, and says so",
  async () => {
    const project = openProject({ files: fleetFiles() });
    const [a, b] = [binWith(project, "a", NODE_OF_ITS_OWN), binWith(project, "b", NODE_OF_ITS_OWN)];
    const first = await atTerminal(project, ["apply", "-y", "--files-only"], a);
    expect(first.code, first.screen).toBe(0);
    rmSync(a, { recursive: true });
    const cron = await project.run(["reconcile", "--files-only"], { env: { PATH: b } });
    expect(cron.code).toBe(3);
    expect(cron.stderr).toMatch(/E601 [\s\S]*rollcall apply in a terminal whose PATH has node/);
    const second = await atTerminal(project, ["apply", "-y", "--files-only"], b);
    expect(second.code, second.screen).toBe(0);
    expect(second.screen).toMatch(/W653 [\s\S]*no node is on the recorded PATH/);
    expect(second.screen).toContain(`${b}/node takes its place`);
    expect(project.read(NAMED)).toBe(`${b}/node\n`);
    const after = await project.run(["verify", "--files-only"], { env: { PATH: "/nonexistent" } });
    expect(after.code, after.stdout + after.stderr).toBe(0);
    expectEnforced(project);
    const third = await atTerminal(project, ["apply", "-y", "--files-only"], b);
    expect(third.screen).not.toContain("W653");
  },
);

test.runIf(canPlay)("a recorded PATH without a node gives way also where the hooks' Node is still there", async () => {
  const project = openProject({ files: fleetFiles() });
  const [a, b] = [binWith(project, "a", null), binWith(project, "b", null)];
  for (const folder of [a, b]) symlinkSync(NODE, join(folder, "node"));
  expect((await atTerminal(project, ["apply", "-y", "--files-only"], a)).code).toBe(0);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
  rmSync(a, { recursive: true });
  expectEnforced(project, { PATH: b });
  const second = await atTerminal(project, ["apply", "-y", "--files-only"], b);
  expect(second.code, second.screen).toBe(0);
  expect(second.screen).toContain("W653");
  expect(project.read("state/ledger.json")).toContain(JSON.stringify(b));
  const before = snapshot(project.root);
  expect((await atTerminal(project, ["apply", "-y", "--files-only"], b)).code).toBe(0);
  expect(changedPaths(before, snapshot(project.root))).toEqual([]);
});

test("a fresh clone enforces before its first apply; with a ledger and without the file every call is refused", async () => {
  const origin = openProject({ files: { ...fleetFiles(), ".gitignore": "agents/**/*.local.*\nstate/*\n" } });
  await applied(origin);
  const project = openProject({});
  const clone =
    'cd "$1" && git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm x && git clone -q . "$2"';
  execFileSync("sh", ["-c", clone, "x", origin.root, project.root]);
  expect(project.exists("agents/.rollcall")).toBe(false);
  expectEnforced(project);
  await applied(project);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
  project.remove(NAMED);
  expect(askHook(project, "src/app.ts")).toMatchObject({ code: 2, stderr: expect.stringContaining("is missing") });
});

test("in a clone of CI only the portable things are applied, again and again", async () => {
  const project = openProject({ files: fleetFiles() });
  expect((await project.run(["apply", "-y", "--portable"])).code).toBe(0);
  expect(project.exists(NAMED)).toBe(false);
  project.write("desired/registry.yaml", registryText(PAIR.map((agent) => ({ ...agent, tools: ["Read", "Write"] }))));
  const again = await project.run(["apply", "-y", "--portable"]);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect((await project.run(["verify", "--portable", "--probe"])).code).toBe(0);
});

test("a copied project keeps its file as long as the PATH leads there, and heals one that leads nowhere", async () => {
  const origin = openProject({ files: fleetFiles() });
  await applied(origin);
  const project = openProject({});
  const copy = () => execFileSync("sh", ["-c", 'cp -a "$1/." "$2"', "x", origin.root, project.root]);
  copy();
  expect(actionsOf(await project.run(["plan", "--only", "hook", "-o", "json"]))).toEqual([]);
  expectEnforced(project);
  origin.write(NAMED, "/opt/node-18/bin/node\n");
  copy();
  const [action] = actionsOf(await project.run(["plan", "--only", "hook", "-o", "json"]));
  expect(action).toMatchObject({ address: GUARD, verdict: "tampered" });
  await applied(project);
  expect(project.read(NAMED)).toBe(`${NODE}\n`);
});

test("a lost ledger is no difference, and a wrong file beside it is healed without being adopted", async () => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  project.remove("state");
  expect(actionsOf(await project.run(["plan", "--files-only", "-o", "json"]))).toEqual([]);
  project.write(NAMED, "/bin/true\n");
  const { blocked, actions } = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
  expect(blocked).toEqual([]);
  expect(actions.map(({ address }) => address)).toEqual([GUARD]);
});

test("undo of the first run takes the file away, and leaves it where another agent's hook needs it", async () => {
  const alone = openProject({ files: fleetFiles() });
  const { id } = await applied(alone);
  expect((await alone.run(["undo", id, "-y"])).code).toBe(0);
  expect(alone.exists("agents/.rollcall")).toBe(false);
  expect((await alone.run(["release", ...PAIR.map(({ name }) => name)])).code).toBe(0);
  await applied(alone);
  expect(alone.read(NAMED)).toBe(`${NODE}\n`);

  const shared = openProject({ files: fleetFiles() });
  const first = await shared.run(["apply", "planning-agent", "-y", "--files-only", "-o", "json"]);
  const run = runShape.parse(first.json()).id;
  await applied(shared);
  expect((await shared.run(["undo", run, "-y"])).code).toBe(0);
  expect(shared.exists("agents/planning-agent/.claude/hooks/auto-deny")).toBe(false);
  expect(shared.read(NAMED)).toBe(`${NODE}\n`);
  expectEnforced(shared);
});
