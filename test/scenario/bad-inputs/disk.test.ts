// A disk that is not as it should be: sockets, devices, folders exchanged for links under the run, no room, another record.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { errorShape, planShape, runShape } from "../../support/documents.ts";
import { fleetFiles, registryText } from "../../support/fleets.ts";
import {
  COMMANDS,
  changedPaths,
  expectUntouched,
  openProject,
  type Project,
  snapshot,
} from "../../support/project-fixture.ts";
import { convergedProject } from "../../support/shared-project.ts";
import { compiled } from "../../support/temp-dir.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const ADDRESS = "config/backend-agent/.claude/settings.json";
const fleet = convergedProject({ files: fleetFiles() });
const ROOT = process.getuid?.() === 0;

/** Blocked by name with exit 3 by plan and apply; what lies there is left as it lies. */
async function blockedAndKept(project: Project): Promise<void> {
  const before = lstatSync(project.path(SETTINGS)).ino;
  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(planned.code, planned.stdout + planned.stderr).toBe(3);
  expect(planShape.parse(planned.json()).blocked).toMatchObject([
    { address: ADDRESS, reason: expect.stringMatching(/settings\.json .*not a regular file/) },
  ]);
  const applied = await project.run(["apply", "-y", "--files-only", "--overwrite", "--force"]);
  expect(applied.code, applied.stdout + applied.stderr).toBe(3);
  expect(lstatSync(project.path(SETTINGS)).ino).toBe(before);
}

test("a socket in the place of settings.json is refused, and nobody connects to it (row 39)", async () => {
  const project = fleet();
  unlinkSync(project.path(SETTINGS));
  let visits = 0;
  const server = createServer(() => visits++);
  await new Promise<void>((resolve) => server.listen(project.path(SETTINGS), resolve));
  onTestFinished(() => void server.close());
  await blockedAndKept(project);
  expect(visits).toBe(0);
});

test.runIf(ROOT)("a device in the place of settings.json is refused, and never read (row 39)", async () => {
  const project = fleet();
  unlinkSync(project.path(SETTINGS));
  execFileSync("mknod", [project.path(SETTINGS), "c", "1", "5"]);
  await blockedAndKept(project);
});

test("an agent's folder that is exchanged for a link all the time: nothing outside is touched, the run tells it (row 40)", async () => {
  const agents = Array.from({ length: 8 }, (_, index) => ({ name: `agent-${index + 1}` }));
  const project = openProject({ files: fleetFiles({ agents }) });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  const outside = join(dirname(project.root), "elsewhere");
  mkdirSync(join(outside, ".claude/hooks"), { recursive: true });
  project.write("../elsewhere/.claude/settings.json", '{"mine": true}\n');
  const before = snapshot(outside);
  const swap = compiled(new URL("../../support/swap-links.ts", import.meta.url).pathname);
  const swapping = spawn(process.execPath, [swap, project.path("agents/agent-5"), outside], { stdio: "ignore" });
  onTestFinished(() => void swapping.kill("SIGKILL"));
  const codes: (number | null)[] = [];
  for (const model of ["haiku", "sonnet", "opus", "haiku", "sonnet", "opus", "haiku", "sonnet"]) {
    project.write("desired/registry.yaml", registryText(agents.map((agent) => ({ ...agent, model }))));
    const ran = await project.run(["apply", "-y", "--files-only", "--overwrite", "-o", "json"]);
    codes.push(ran.code);
    expect([0, 1, 2, 3, 5], ran.stdout + ran.stderr).toContain(ran.code);
    expect(ran.stdout + ran.stderr).not.toMatch(/E001|^\s+at /m);
    // Met by the look itself: nothing is done, and the folder is named.
    if (ran.code === 1) {
      expect(errorShape.parse(ran.json())).toMatchObject({ code: expect.stringMatching(/^E5/) });
      continue;
    }
    const done = runShape.parse(ran.json()).outcomes.filter((one) => one.result === "done");
    expect(done.filter(({ address }) => !address.includes("agent-5")).length).toBeGreaterThan(0);
  }
  swapping.kill("SIGKILL");
  expect(changedPaths(before, snapshot(outside))).toEqual([]);
  expect(codes.filter((code) => code !== 0).length, "runs that were stopped").toBeGreaterThan(0);
});

test("a saved plan of another lineage is stale, and both are named (row 43)", async () => {
  const project = fleet();
  project.write("agents/backend-agent/.claude/CLAUDE.md", "# Somebody else\n");
  await project.run(["plan", "--files-only", "--out", "review.json"]);
  const ledger = project.read("state/ledger.json");
  const lineage = /"lineage": "([^"]+)"/.exec(ledger)?.[1] ?? "";
  project.remove("state");
  expect((await project.run(["hold", "planning-agent"])).code).toBe(0);
  expect((await project.run(["release", "planning-agent"])).code).toBe(0);
  const applied = await expectUntouched(project.root, () => project.run(["apply", "-y", "review.json"]));
  expect(applied).toMatchObject({ code: 3, stdout: "" });
  expect(applied.stderr).toMatch(/E320 the plan is stale: it was made from record/);
  expect(applied.stderr).toContain(`${lineage}:1`);
});

/** Runs an apply in which no file may be larger than so many blocks. */
function applyWithLimit(project: Project, blocks: number) {
  project.write("../home/ignore.mjs", 'process.on("SIGXFSZ", () => {});\n');
  const words = [process.execPath, COMMANDS.rollcall, "apply", "-y", "--files-only", "-o", "json"];
  return spawnSync("sh", ["-c", `ulimit -f ${blocks}; exec "$@"`, "sh", ...words], {
    cwd: project.root,
    env: { ...project.env, NODE_OPTIONS: `--import=${project.home}/ignore.mjs` },
    encoding: "utf8",
  });
}

test("no room for one file: the other is written, that one stays as it was, path and cause are named, exit 5 (row 48)", async () => {
  const project = fleet();
  const before = snapshot(project.path("agents/backend-agent"));
  project.edit("desired/registry.yaml", "Does the work of the backend-agent", "x".repeat(200_000));
  project.edit("desired/registry.yaml", "Does the work of the planning-agent", "Does all the work");
  const ran = applyWithLimit(project, 200);
  expect(ran.status, ran.stdout + ran.stderr).toBe(5);
  const { code, message } = errorShape.parse(JSON.parse(ran.stdout));
  expect({ code, message }).toEqual({ code: "E502", message: expect.stringMatching(/1 of 2 actions .*\/.*EFBIG/) });
  expect(ran.stderr).toMatch(/failed update config\/backend-agent\/.claude\/CLAUDE.md: E50\d .*EFBIG/);
  expect(changedPaths(before, snapshot(project.path("agents/backend-agent")))).toEqual([]);
  expect(project.read("agents/planning-agent/.claude/CLAUDE.md")).toContain("Does all the work");
  expect(project.exists("state/lock")).toBe(false);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});
