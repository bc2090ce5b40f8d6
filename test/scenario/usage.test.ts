// The command line itself: what a mistyped word, a missing answer and a closed pipe come to.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorShape, planShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { COMMANDS, expectUntouched } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const fleet = convergedProject({ files: fleetFiles() });
const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";

const USAGE: readonly (readonly [what: string, args: readonly string[], told: RegExp])[] = [
  [
    "an unknown agent",
    ["plan", "--files-only", "backend-agnet"],
    /unknown agent "backend-agnet"[\s\S]*did you mean backend-agent\?/,
  ],
  ["an unknown agent to apply", ["apply", "-y", "backend_agent"], /unknown agent[\s\S]*did you mean backend-agent\?/],
  ["an unknown agent to hold", ["hold", "planing-agent"], /planing-agent[\s\S]*did you mean planning-agent\?/],
  ["an unknown agent's status", ["status", "planing-agent"], /did you mean planning-agent\?/],
  ["an unknown flag", ["plan", "--fils-only"], /unknown option '--fils-only'[\s\S]*Did you mean --files-only\?/],
  ["an unknown command", ["aply"], /unknown command 'aply'[\s\S]*Did you mean apply\?/],
  ["an unknown kind", ["plan", "--only", "configs"], /unknown kind "configs"[\s\S]*did you mean config\?/],
  ["an unknown format", ["plan", "-o", "yaml"], /text, json, markdown/],
  ["an unknown code", ["explain", "E10"], /unknown code "E10"/],
  ["an unknown run", ["show", "9999-dead"], /no run "9999-dead"/],
  ["a word where a number belongs", ["apply", "-y", "--lock-timeout", "soon"], /number of seconds/],
  ["a plan file and an agent", ["apply", "-y", "./plan.json", "backend-agent"], /not both/],
  [
    "an unknown address",
    ["adopt", "-y", "config/backend-agent/.claude/CLAUD.md"],
    /did you mean config\/backend-agent\/\.claude\/CLAUDE\.md\?/,
  ],
  ["a folder that is not there", ["--chdir", "desird", "plan"], /no folder desird[\s\S]*did you mean desired\?/],
  ["a file for a folder", ["--chdir", "desired/fleet.yaml", "plan"], /not a folder/],
];

test.each(USAGE)("%s is a usage error with a way out, and nothing happens", async (_what, args, told) => {
  const project = fleet();
  const text = await expectUntouched(project.root, () => project.run(args));
  expect(text).toMatchObject({ code: 64, stdout: "" });
  expect(text.stderr).toMatch(told);
  expect(text.stderr).not.toMatch(/^\s+at /m);
});

test("--chdir works for every command, and never makes the folder it names", async () => {
  const project = fleet();
  expect(await project.run(["--chdir", "../../fleet", "validate"], { cwd: "agents" })).toMatchObject({ code: 0 });
  expect(await project.run(["validate", "--chdir", "agents/backend-agent"])).toMatchObject({ code: 0 });
  expect(await project.run(["--chdir", "new/fleet", "init"])).toMatchObject({ code: 64 });
  expect(project.exists("new")).toBe(false);
  const agent = await project.run(["--chdir", "nowhere", "list"], { command: "claude-agent" });
  expect(agent).toMatchObject({ code: 64, stdout: "" });
});

test("short flags may be written together, the command's own with those of the program", async () => {
  const project = fleet();
  project.write(MEMORY, "gone\n");
  const looked = await project.run(["verify", "-vq", "--files-only"]);
  expect(looked).toMatchObject({ code: 2, stderr: "" });
  const applied = await project.run(["apply", "-yq", "--files-only"]);
  expect(applied).toMatchObject({ code: 0, stderr: "" });
  expect((await project.run(["verify", "-qx"])).stderr).toMatch(/unknown option '-x'/);
});

test("a run is named by the beginning of its id, as long as no other begins so", async () => {
  const project = fleet();
  expect((await project.run(["show", "0001"])).stdout).toMatch(/^Run 0001-[0-9a-f]{4}: apply/);
  expect(await project.run(["show", "000"])).toMatchObject({ code: 64 });
  const [first = ""] = readdirSync(join(project.root, "state/runs"));
  project.write("state/runs/0001-ffff.json", project.read(`state/runs/${first}`));
  const both = await project.run(["show", "0001"]);
  expect(both).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/several runs begin with "0001"[\s\S]*0001-ffff/),
  });
});

test("without a command the help is shown, as a usage error; asked for, it is a result", async () => {
  const project = fleet();
  for (const command of ["rollcall", "claude-agent"] as const) {
    const bare = await project.run([], { command });
    expect(bare).toMatchObject({ code: 64, stdout: "" });
    expect(bare.stderr).toMatch(new RegExp(`^Usage: ${command} `));
    expect(bare.stderr).not.toContain("outputHelp");
    const asked = await project.run(["--help"], { command });
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(asked.stdout).toMatch(new RegExp(`^Usage: ${command} `));
  }
  expect(await project.run(["--version"])).toMatchObject({ code: 0, stderr: "", stdout: /^\d+\.\d+\.\d+\n$/ });
});

test("as JSON, an error is one document on stdout and stderr is silent", async () => {
  const project = fleet();
  for (const args of [
    ["plan", "-o", "json", "nobody"],
    ["plan", "--output", "json", "--nope"],
    ["plan", "-ojson", "--only", "thing"],
    ["--chdir", "nowhere", "plan", "--output=json"],
    ["show", "-o", "json", "9999-dead"],
  ]) {
    const ran = await project.run(args);
    expect(ran, args.join(" ")).toMatchObject({ code: 64, stderr: "" });
    expect(errorShape.parse(ran.json())).toMatchObject({ code: "E010", diagnostics: [] });
  }
});

test("work to do, no -y and nobody to ask: the plan is printed, nothing written, exit 64", async () => {
  const project = fleet();
  project.write(MEMORY, "# Somebody else\n");
  const text = await expectUntouched(project.root, () => project.run(["apply", "--files-only"]));
  expect(text).toMatchObject({ code: 64 });
  expect(text.stdout).toContain("config/backend-agent/.claude/CLAUDE.md tampered");
  expect(text.stdout).toMatch(/Plan: 1 to update/);
  expect(text.stderr).toContain("-y");
  const json = await expectUntouched(project.root, () => project.run(["apply", "--files-only", "-o", "json"]));
  expect(json.code).toBe(64);
  expect(planShape.parse(json.json()).actions).toHaveLength(1);
});

test("nothing to do needs no -y", async () => {
  const project = fleet();
  const ran = await expectUntouched(project.root, () => project.run(["apply", "--files-only"]));
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("No differences") });
});

test("results on stdout, talk on stderr; --quiet silences the talk and keeps the result", async () => {
  const project = fleet();
  project.write(MEMORY, "# Somebody else\n");
  project.write("rollcall.config.json", "{}\n"); // warned of: it is not read
  const loud = await project.run(["plan", "--files-only"]);
  expect(loud.stdout).toMatch(/tampered/);
  expect(loud.stderr).toMatch(/W020/);
  const quiet = await project.run(["-q", "plan", "--files-only"]);
  expect(quiet).toEqual({ ...loud, stderr: "", json: expect.any(Function) });
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.stderr).toMatch(/\[1\/1\] done update config\/backend-agent\/\.claude\/CLAUDE\.md/);
  expect(applied.stdout).toMatch(/^Run \S+: 1 done \(1 corrective, 0 intended\)\. Converged\.\n$/);
});

test("colour: none in a pipe, none with NO_COLOR or --no-color, some with FORCE_COLOR", async () => {
  const project = fleet();
  project.write(MEMORY, "# Somebody else\n");
  const coloured = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> => {
    const { stdout, stderr } = await project.run([...args, "plan", "--files-only"], { env });
    return (stdout + stderr).includes("\u001b[");
  };
  expect(await coloured([], {})).toBe(false);
  expect(await coloured([], { FORCE_COLOR: "1" })).toBe(true);
  expect(await coloured([], { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  expect(await coloured(["--no-color"], { FORCE_COLOR: "1" })).toBe(false);
});

test.each([[["plan", "-v", "--files-only"]], [["plan", "--files-only", "-o", "json"]], [["explain"]]])(
  "%s into a pipe that closes at once ends with 0 and without noise (row 59)",
  async (args) => {
    const project = fleet();
    project.remove("agents");
    const { child, ended } = project.start(args);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect((await ended).stderr).not.toMatch(/EPIPE|^\s+at /m);
  },
);

test("a result that does not fit on the disk behind > is an error that says so, without a stack", () => {
  const project = fleet();
  const script = [process.execPath, COMMANDS.rollcall, "-q", "plan", "--files-only", "-v"].map((word) => `'${word}'`);
  const ran = spawnSync("sh", ["-c", `${script.join(" ")} > /dev/full`], {
    cwd: project.root,
    env: project.env,
    encoding: "utf8",
  });
  expect(ran).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error E501 .*ENOSPC.*\n$/) });
});

test("in a folder that was removed meanwhile the error says so, in both forms", () => {
  const project = fleet();
  for (const [args, told] of [
    [["plan"], /^error E500 the current folder is not there any more\n/],
    [["plan", "-o", "json"], /"code": "E500"/],
  ] as const) {
    const words = [process.execPath, COMMANDS.rollcall, ...args].map((word) => `'${word}'`).join(" ");
    const ran = spawnSync("sh", ["-c", `mkdir gone && cd gone && rmdir ../gone && ${words}`], {
      cwd: project.root,
      env: project.env,
      encoding: "utf8",
    });
    expect(ran.status).toBe(1);
    expect(ran.stdout + ran.stderr).toMatch(told);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  }
});

test("every code a person may meet has its page", async () => {
  const project = fleet();
  const list = await project.run(["explain"]);
  expect(list).toMatchObject({ code: 0, stderr: "" });
  const codes = list.stdout
    .trim()
    .split("\n")
    .map((line) => line.slice(0, 4));
  expect(codes.length).toBeGreaterThan(100);
  const page = await project.run(["explain", "e104"]);
  expect(page).toMatchObject({ code: 0, stderr: "" });
  expect(page.stdout).toMatch(/^E104: .+\n\n.+\n\nWhat to do: /);
});

test("schema prints a draft-07 schema that the shipped files name", async () => {
  const project = fleet();
  for (const of of ["registry", "fleet", "config"]) {
    const ran = await project.run(["schema", "--of", of]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
    });
    const shipped = new URL(`../../schema/${of}.schema.json`, import.meta.url);
    expect(JSON.parse(ran.stdout)).toEqual(JSON.parse(readFileSync(shipped, "utf8")));
  }
});
