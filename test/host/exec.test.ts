// Stories of other programs: only looking commands look, every call ends, nothing leaks in or out.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createExecReader, createExecWriter } from "../../src/host/process/exec.ts";
import { createProcesses, readProcess } from "../../src/host/process/procfs.ts";
import { isReadOnlyCommand } from "../../src/host/process/read-only-commands.ts";
import { temporary } from "../support/temp-dir.ts";

const exec = createExecWriter({ kill: process.kill });
const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };

describe("commands that only look", () => {
  test.each([
    ["tmux", "-V"],
    ["/usr/bin/tmux", "-L", "rollcall-x", "-f", "/dev/null", "list-panes", "-a", "-F", "#{pane_id}"],
    ["tmux", "-u", "-L", "x", "show-options", "-g", ";", "list-sessions"],
    ["tmux", "-L", "x", "display-message", "-p", "#{version}"],
    ["tmux", "-L", "x", "capture-pane", "-t", "%1", "-pJ"],
    ["claude", "--version"],
    ["/home/somebody/.local/bin/claude", "agents", "--json"],
    ["git", "-C", "/tmp", "status", "--porcelain"],
    ["git", "ls-files", "-z"],
    ["node", "--version"],
  ])("%s %s %s %s", (...command) => {
    expect(isReadOnlyCommand(command)).toBe(true);
  });

  test.each([
    ["tmux", "kill-server"],
    ["tmux", "-L", "x", "list-panes", ";", "kill-server"],
    ["tmux", "-L", "x", "list-panes;", "kill-server"],
    ["tmux", "-L", "x", "list-panes", "-F", "#(touch x)"],
    ["tmux", "-L", "x", "display-message", "hello"],
    ["tmux", "-L", "x", "capture-pane"],
    ["tmux", "-c", "touch x", "list-panes"],
    ["tmux", "-L", "x"],
    ["claude"],
    ["claude", "doctor", "--fix"],
    ["/opt/other", "--version"],
    ["git", "checkout", "main"],
    ["git", "-c", "core.fsmonitor=touch x", "status"],
    ["git", "grep", "-Otouch", "x"],
    ["sh", "-c", "command -v claude"],
    ["node", "-e", "0"],
    [],
  ])("not: %s %s %s %s %s", (...command) => {
    expect(isReadOnlyCommand(command)).toBe(false);
  });

  test("the configured client looks like the client", () => {
    expect(isReadOnlyCommand(["/opt/agent/client", "--version"], ["/opt/agent/client"])).toBe(true);
  });

  test("anything else is refused before it is started", async () => {
    const mark = join(temporary(), "mark");
    await expect(createExecReader().query(["touch", mark], { env })).rejects.toMatchObject({ code: "E510" });
    expect(existsSync(mark)).toBe(false);
  });
});

test("git looks without starting the program a repository names for it", async () => {
  const repository = temporary();
  const git = (...words: string[]) => exec.run(["git", "-C", repository, ...words], { env });
  const witness = join(repository, "ran");
  writeFileSync(join(repository, "watcher"), `#!/bin/sh\ntouch '${witness}'\n`, { mode: 0o755 });
  await git("init", "-q");
  await git("config", "core.fsmonitor", join(repository, "watcher"));
  expect(await exec.query(["git", "-C", repository, "status", "--porcelain"], { env })).toMatchObject({ code: 0 });
  expect(existsSync(witness)).toBe(false);
  await git("status");
  expect(existsSync(witness)).toBe(true);
});

describe.each([
  ["query", (command: string[], options: object) => exec.query(["git", ...command], { env, ...options })],
  ["run", (command: string[], options: object) => exec.run(["git", ...command], { env, ...options })],
] as const)("%s", (_, git) => {
  test("gives output and exit code as values", async () => {
    expect(await git(["--version"], {})).toMatchObject({ code: 0, signal: null, timedOut: false, missing: false });
    const failed = await git(["rev-parse", "--show-toplevel"], { cwd: temporary() });
    expect(failed.code).toBe(128);
    expect(failed.stderr).toMatch(/not a git repository/);
  });

  test("tells a missing program from a missing folder", async () => {
    const nowhere = { env: { PATH: "/nowhere" } };
    expect(await git(["--version"], nowhere)).toMatchObject({ code: null, missing: true });
    expect(await git(["--version"], { cwd: "/nowhere" })).toMatchObject({ code: null, missing: false });
  });
});

describe("a program that does not end", () => {
  /** A `git` that ignores SIGTERM, leaves a grandchild holding the pipes, and says something first. */
  function stubborn(): string {
    const folder = temporary();
    writeFileSync(join(folder, "git"), "#!/bin/sh\ntrap '' TERM\necho said\nsleep 60 &\nwhile :; do sleep 0.1; done\n");
    chmodSync(join(folder, "git"), 0o755);
    return `${folder}:${env.PATH}`;
  }

  test.each(["query", "run"] as const)("%s: is ended at its time limit, what it said is kept", async (how) => {
    const started = performance.now();
    const result = await exec[how](["git", "--version"], { env: { PATH: stubborn() }, timeoutMs: 1_000 });
    expect(result).toMatchObject({ code: null, timedOut: true });
    // Its grandchild would hold the pipes for a minute.
    expect(performance.now() - started).toBeLessThan(15_000);
    if (how === "query") expect(result.stdout).toBe("said\n");
  });
});

test("arguments stay arguments and the caller's environment stays at home", async () => {
  process.env["ROLLCALL_TEST_SECRET"] = "never passed on";
  const result = await exec.run(["env"], { env: { ...env, ONLY: "$(id) ; x" } });
  expect(result.stdout).toContain("ONLY=$(id) ; x\n");
  expect(result.stdout).not.toContain("ROLLCALL_TEST_SECRET");
  const echoed = await exec.run(["printf", "%s|", "a b", "$(id)", ";", "'"], { env, input: "" });
  expect(echoed.stdout).toBe("a b|$(id)|;|'|");
  delete process.env["ROLLCALL_TEST_SECRET"];
});

test("input reaches the program whole", async () => {
  const input = "x".repeat(300_000);
  expect((await exec.run(["cat"], { env, input })).stdout).toHaveLength(300_000);
});

test("a signal reaches only the process that was meant", async () => {
  const child = spawn("sleep", ["30"]);
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const pid = child.pid ?? 0;
  const startTick = readProcess(pid)?.tick ?? "";
  expect(exec.signal({ pid, startTick: String(Number(startTick) + 1) }, "SIGKILL")).toBe(false);
  expect(exec.signal({ pid: 1, startTick: readProcess(1)?.tick ?? "" }, "SIGTERM")).toBe(false);
  expect(exec.signal({ pid, startTick }, "SIGTERM")).toBe(true);
  expect(await ended).toBe("SIGTERM");
  expect(exec.signal({ pid, startTick }, "SIGTERM")).toBe(false);
});

test("a process is told by its facts, whatever its name", () => {
  const self = createProcesses();
  expect(self.pid).toBe(process.pid);
  expect(self.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(self.startTickOf(self.pid)).toBe(self.startTick);
  expect(self.startTickOf(4_194_305)).toBeNull();
  expect(readProcess(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid });
});
