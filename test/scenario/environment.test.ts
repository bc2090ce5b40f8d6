// What a value, a folder or the surroundings may try: escapes, code in a configuration, a bare environment, signals.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { errorShape, planShape, runShape } from "../support/documents.ts";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const SETTINGS = "agents/backend-agent/.claude/settings.json";
const fleet = convergedProject({ files: fleetFiles() });

/** Clear the screen, set the title, go left to right to left, end a line early. */
const EVIL = "\u001b[2J\u001b]0;owned\u0007\u202egpj.\u200b\u009b31m\r";

test("escapes in what lies on disk are shown escaped: plan, verify, JSON, markdown, progress, history (row 58)", async () => {
  const project = fleet();
  project.write(MEMORY, `# ${EVIL} words\n`);
  const settings = { ...JSON.parse(project.read(SETTINGS)), model: `opus${EVIL}` };
  project.write(SETTINGS, JSON.stringify(settings));
  const outputs = [
    await project.run(["plan", "--files-only"]),
    await project.run(["plan", "-v", "--files-only"]),
    await project.run(["plan", "--files-only", "-o", "markdown"]),
    await project.run(["plan", "--files-only", "-o", "json"]),
    await project.run(["verify", "--files-only"]),
    await project.run(["apply", "-y", "--files-only", "-v"]),
    await project.run(["history"]),
  ];
  for (const { stdout, stderr } of outputs) {
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
  }
  expect(outputs[0]?.stdout).toContain("\\u001b[2J");
  const changes = planShape.parse(outputs[3]?.json()).actions.flatMap((action) => action.changes);
  expect(changes).toContainEqual({ path: "/model", before: `opus${EVIL}`, after: "opus" });
});

test("escapes in the spec are an error that shows them escaped, and names of files are escaped too (row 58)", async () => {
  const project = fleet();
  project.edit("desired/registry.yaml", "Does the work of the backend-agent", "x \\e[2J y");
  const valid = await project.run(["plan", "--files-only"]);
  project.write("desired/registry.yaml", registryText([{ name: "a-agent", model: '"op\u001b[2Jus"' }]));
  const invalid = await project.run(["plan", "--files-only"]);
  project.write(`agents/${"evil\u001b[31m"}/x`, "");
  const unmanaged = await project.run(["plan", "--files-only"]);
  for (const { stdout, stderr } of [valid, invalid, unmanaged]) expect(stdout + stderr).not.toContain("\u001b");
  expect(invalid.code).toBe(1);
  expect(invalid.stderr).toContain("\\u001b");
});

const CODE = 'require("node:fs").writeFileSync(process.env.WITNESS, "ran");';
const PLACES: readonly (readonly [path: string, text: string])[] = [
  ["rollcall.config.js", CODE],
  ["rollcall.config.cjs", CODE],
  ["rollcall.config.mjs", 'import { writeFileSync } from "node:fs"; writeFileSync(process.env.WITNESS, "ran");'],
  ["rollcall.config.ts", CODE],
  [".rollcallrc.js", CODE],
  [".config/config.js", CODE],
  [".config/rollcallrc.cjs", CODE],
  [
    "package.json",
    '{ "type": "module", "rollcall": { "state": "elsewhere" }, "cosmiconfig": { "loader": "./evil.js" } }',
  ],
  [".config/cosmiconfig.js", CODE],
  ["desired/rollcall.config.js", CODE],
];

test("code that is laid out as a configuration is never run, wherever it lies (row 61)", async () => {
  const project = fleet();
  const witness = join(dirname(project.root), "witness");
  for (const [path, text] of PLACES) project.write(path, text);
  const env = { WITNESS: witness };
  for (const args of [
    ["plan", "--files-only", "--detailed-exitcode"],
    ["apply", "-y", "--files-only"],
  ]) {
    const ran = await project.run(args, { env });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/W020 rollcall\.config\.js is not read/);
  }
  project.write("rollcall.config.yaml", "prefix: x-\n");
  expect((await project.run(["validate"], { env })).code).toBe(0);
  for (const [path] of PLACES) {
    if (!path.startsWith("rollcall.config")) continue;
    const named = await project.run(["--config", path, "validate"], { env });
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining("E021") });
  }
  expect(existsSync(witness)).toBe(false);
  expect(project.exists("elsewhere")).toBe(false);
});

test("a configuration that imports another, or names a key nobody knows, is refused with its place (row 62)", async () => {
  const project = fleet();
  project.write("other.yaml", "state: stolen\n");
  project.write("rollcall.config.yaml", "$import: ./other.yaml\nsokcet: x\n");
  const ran = await expectUntouched(project.root, () => project.run(["plan", "-o", "json"]));
  expect(ran.code).toBe(1);
  expect(errorShape.parse(ran.json()).diagnostics.filter((one) => one.severity === "error")).toMatchObject([
    { file: "rollcall.config.yaml", line: 1, col: 1, code: "E120", message: expect.stringContaining("$import") },
    { file: "rollcall.config.yaml", line: 2, col: 1, code: "E120", hint: expect.stringContaining("socket") },
  ]);
});

test("the configuration's folders, socket and variables count on this machine, wherever the command is run", async () => {
  const project = openProject({ files: fleetFiles() });
  project.write(
    "rollcall.config.yaml",
    "agents: crew\nstate: var/rollcall\nsocket: my-socket\nvariables: { TEF_ROOT: /srv/tef }\n",
  );
  const applied = await project.run(["apply", "-y", "--files-only"], { cwd: "templates" });
  expect(applied.code, applied.stderr).toBe(0);
  expect(project.exists("crew/backend-agent/.claude/hooks/auto-deny")).toBe(true);
  expect(project.exists("crew/rollcall.lock.json")).toBe(true);
  expect(project.exists("var/rollcall/ledger.json")).toBe(true);
  expect(project.exists("agents") || project.exists("state")).toBe(false);
  const status = await project.run(["status", "--files-only", "-o", "json"], {
    env: { TMUX_SOCKET_OVERRIDE: undefined },
  });
  expect(status.json()).toMatchObject({ socket: "my-socket" });
});

test("--config names a file elsewhere; PROJECT_ROOT names the project from anywhere", async () => {
  const project = fleet();
  project.write("../machine.yaml", `root: ${project.root}\n`);
  const outside = { cwd: "..", env: {} };
  expect((await project.run(["--config", "machine.yaml", "validate"], outside)).code).toBe(0);
  expect((await project.run(["--config", "nowhere.yaml", "validate"], outside)).code).toBe(1);
  expect((await project.run(["validate"], { cwd: "../home", env: { PROJECT_ROOT: project.root } })).code).toBe(0);
  const missing = await project.run(["validate"], { env: { PROJECT_ROOT: join(project.root, "nowhere") } });
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toMatch(/E022/);
});

const SURROUNDINGS: readonly (readonly [what: string, env: Readonly<Record<string, string | undefined>>])[] = [
  ["inside tmux", { TMUX: "/tmp/tmux-0/default,1,0", TMUX_PANE: "%0", CLAUDECODE: "1" }],
  ["without TERM", { TERM: undefined }],
  ["in locale C", { LANG: "C", LC_ALL: "C" }],
  ["without HOME", { HOME: undefined }],
  ["with NODE_OPTIONS of somebody", { NODE_OPTIONS: "--max-old-space-size=512" }],
  ["in another time zone", { TZ: "Pacific/Kiritimati" }],
  ["without anything but PATH", { HOME: undefined, LANG: undefined, TMUX_SOCKET_OVERRIDE: undefined }],
];

test.each(SURROUNDINGS)("%s it works the same (row 71)", async (_what, env) => {
  const project = fleet();
  project.write(MEMORY, "# Tampered with, ünïcode\n");
  const [plain, there] = await Promise.all([
    project.run(["plan", "--files-only"]),
    project.run(["plan", "--files-only"], { env }),
  ]);
  expect(there).toMatchObject({ code: 0, stdout: plain.stdout });
  const applied = await project.run(["apply", "-y", "--files-only"], { env });
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining("Converged.") });
});

/** A fleet large enough that a run can be met in the middle. */
const CROWD = Array.from({ length: 40 }, (_, index) => ({ name: `agent-${index + 1}` }));

/** Resolves with the first words of progress. */
function firstProgress(child: ReturnType<Project["start"]>["child"]): Promise<void> {
  return new Promise((resolve) => {
    child.stderr?.on("data", (bytes: Buffer) => {
      if (bytes.toString().includes("/161] done")) resolve();
    });
  });
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s ends an apply after the present step; the next one goes on from there (row 59)",
  async (signal, code) => {
    const project = openProject({ files: fleetFiles({ agents: CROWD }) });
    const { child, ended } = project.start(["apply", "-y", "--files-only", "-o", "json"]);
    await firstProgress(child);
    child.kill(signal);
    const ran = await ended;
    expect(ran.code, ran.stderr.slice(-400)).toBe(code);
    expect(project.exists("state/lock")).toBe(false);
    expect(ran.json()).toMatchObject({ kind: "run", converged: false });
    const again = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
    expect(again.code, again.stderr.slice(-400)).toBe(0);
    expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
  },
);

test("what a person edits between the plan and the write stays theirs: blocked in that run (row 42)", async () => {
  const agents = CROWD.slice(0, 12);
  const project = openProject({ files: fleetFiles({ agents }) });
  await project.run(["apply", "-y", "--files-only"]);
  project.write("desired/registry.yaml", registryText(agents.map((agent) => ({ ...agent, tools: ["Read"] }))));
  const { child, ended } = project.start(["apply", "-y", "--files-only", "-o", "json"]);
  const mine = "agents/agent-7/.claude/CLAUDE.md";
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (bytes: Buffer) => {
      if (bytes.toString().includes("] done update hook/")) resolve();
    });
  });
  project.write(mine, "# Written while you were at it\n");
  const ran = await ended;
  expect(ran.code, ran.stderr).toBe(3);
  expect(project.read(mine)).toBe("# Written while you were at it\n");
  const { outcomes, remaining } = runShape.parse(ran.json());
  expect(outcomes.filter((one) => one.result !== "done")).toMatchObject([
    { address: "config/agent-7/.claude/CLAUDE.md", result: "blocked", error: { code: "E321" } },
  ]);
  expect(remaining.blocked).toMatchObject([{ address: "config/agent-7/.claude/CLAUDE.md", verdict: "conflicting" }]);
});

test("killed in the middle, the next apply looks and goes on; nothing of the dead run stays beside the files", async () => {
  const project = openProject({ files: fleetFiles({ agents: CROWD }) });
  const { child, ended } = project.start(["apply", "-y", "--files-only"]);
  await firstProgress(child);
  child.kill("SIGKILL");
  await ended;
  const between = await project.run(["plan", "--files-only", "-o", "json"]);
  expect(planShape.parse(between.json()).blocked).toEqual([]);
  const again = await project.run(["apply", "-y", "--files-only"]);
  expect(again.code, again.stderr.slice(-400)).toBe(0);
  expect(again.stderr).toMatch(/took over the lock/);
  const { readdirSync } = await import("node:fs");
  const left = readdirSync(project.path("agents"), { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => name.includes(".rollcall-"))).toEqual([]);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
  expect((await project.run(["history"])).stdout).toMatch(/killed/);
});

test("the PATH of agents is that of the run that placed a hook, not of a hold or of a run that placed none", async () => {
  const ledgerShape = z.looseObject({ path: z.looseObject({ value: z.string() }).nullable() });
  const project = openProject({ files: fleetFiles() });
  const recordedPath = () => ledgerShape.parse(JSON.parse(project.read("state/ledger.json"))).path?.value;
  const usual = process.env["PATH"] ?? "";
  await project.run(["hold", "backend-agent"], { env: { PATH: `/opt/held:${usual}` } });
  expect(recordedPath()).toBeUndefined();
  await project.run(["release", "backend-agent"], { env: { PATH: `/opt/held:${usual}` } });
  await project.run(["apply", "-y", "--files-only"], { env: { PATH: `/opt/first:${usual}` } });
  expect(recordedPath()).toBe(`/opt/first:${usual}`);
  project.remove("state/ledger.json");
  project.remove("state/ledger.json.backup");
  await project.run(["apply", "-y", "--files-only"], { env: { PATH: `/opt/clone:${usual}` } });
  expect(recordedPath()).toBeUndefined();
});
