// The rendered executable itself, started as the client starts it, in every bad surrounding we know of.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callText, type HookFixture, nameNode, openHookFixture, run } from "../../support/hook-fixture.ts";

let fixture: HookFixture;
let hook: string;
let home: string;
beforeAll(() => {
  fixture = openHookFixture();
  home = path.join(fixture.root, "agents/backend-agent");
  hook = fixture.hookOf("backend-agent");
});
afterAll(() => fixture.close());

const REFUSED_CALL = (): string =>
  callText({ tool: "Write", input: { file_path: path.join(fixture.root, "tests/x.ts") }, cwd: home });
const ALLOWED_CALL = (): string =>
  callText({ tool: "Write", input: { file_path: path.join(fixture.root, "src/x.ts") }, cwd: home });
const PATH = process.env["PATH"] ?? "";

async function expectBites(at: string, options: Parameters<typeof run>[2] = {}): Promise<void> {
  const [refused, allowed] = await Promise.all([run(at, REFUSED_CALL(), options), run(at, ALLOWED_CALL(), options)]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/^auto-deny: backend-agent may not write .*ask test-writer-agent\n$/);
  expect(allowed).toEqual({ code: 0, stdout: "", stderr: "" });
}

describe("in the place where it lies", () => {
  it("refuses with exit 2 and one line on stderr, allows with exit 0 and silence", () => expectBites(hook));

  it("works from any folder, also one that is gone", async () => {
    const gone = fs.mkdtempSync(path.join(fixture.root, "gone-"));
    await expectBites(hook, { cwd: gone });
    const answer = execFileSync("sh", ["-c", 'cd "$1" && rmdir "$1" && "$2"; echo $?', "x", gone, hook], {
      input: REFUSED_CALL(),
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
    expect(answer).toBe("2\n");
  });

  it("is found by a relative path and through a link to the project", async () => {
    await expectBites("./.claude/hooks/auto-deny", { cwd: home });
    await expectBites(path.join(fixture.root, "../elsewhere/shop-link/agents/backend-agent/.claude/hooks/auto-deny"));
  });

  it("works under the name auto-deny.py, as the original's settings have it", async () => {
    const copy = path.join(path.dirname(hook), "auto-deny.py");
    fs.copyFileSync(hook, copy);
    await expectBites(copy);
    fs.rmSync(copy);
  });

  it("asked by a hook that was copied elsewhere, takes the project from CLAUDE_PROJECT_DIR", async () => {
    const copy = path.join(fixture.root, "../elsewhere/auto-deny");
    fs.copyFileSync(hook, copy);
    await expectBites(copy, { env: { PATH, HOME: "/nonexistent", CLAUDE_PROJECT_DIR: home } });
  });

  it("ignores a CLAUDE_PROJECT_DIR that leads elsewhere", () =>
    expectBites(hook, {
      env: { PATH, HOME: "/nonexistent", CLAUDE_PROJECT_DIR: path.join(fixture.root, "agents/qa-agent") },
    }));

  it("has the same bytes for the same policy in another project", () => {
    const other = openHookFixture();
    expect(fs.readFileSync(other.hookOf("backend-agent")).equals(fs.readFileSync(hook))).toBe(true);
    expect(fs.readFileSync(hook, "utf8")).not.toContain(fixture.root);
    other.close();
  });

  it("stays small: the 26 of a fleet are committed", () => {
    expect(fs.statSync(hook).size).toBeLessThan(40 * 1024);
  });
});

describe("in hostile surroundings", () => {
  let trap: string;
  const sprung = (): boolean => fs.existsSync(path.join(fixture.root, "sprung"));
  beforeEach(() => {
    trap = path.join(fixture.root, "trap.cjs");
    fs.writeFileSync(
      trap,
      `require("node:fs").writeFileSync(${JSON.stringify(path.join(fixture.root, "sprung"))}, ""); process.exit(42);\n`,
    );
    fs.rmSync(path.join(fixture.root, "sprung"), { force: true });
  });

  it.each([
    ["beside it", "agents/backend-agent/.claude/hooks"],
    ["in the settings folder", "agents/backend-agent/.claude"],
    ["in the launch folder", "agents/backend-agent"],
    ["in the agents folder", "agents"],
    ["at the root", "."],
  ])("a package.json with type module %s changes nothing", async (_, folder) => {
    const file = path.join(fixture.root, folder, "package.json");
    fs.writeFileSync(file, '{"type":"module","imports":{"#x":"./x.js"},"main":"./trap.cjs"}\n');
    await expectBites(hook, { cwd: path.dirname(file) });
    if (folder !== ".") fs.rmSync(file);
  });

  it("a broken package.json changes nothing", async () => {
    const file = path.join(home, "package.json");
    fs.writeFileSync(file, "{");
    await expectBites(hook, { cwd: home });
    fs.rmSync(file);
  });

  it("NODE_OPTIONS loads nothing into it", async () => {
    for (const options of [
      `--require ${trap}`,
      `--import ${trap}`,
      "--input-type=module",
      "--no-such-option",
      "--eval 0",
    ]) {
      await expectBites(hook, { env: { PATH, HOME: "/nonexistent", NODE_OPTIONS: options } });
    }
    expect(sprung()).toBe(false);
  });

  it("NODE_PATH, node_modules and OPENSSL_CONF load nothing into it", async () => {
    for (const folder of ["agents/backend-agent/node_modules", "node_modules"]) {
      for (const name of ["fs", "path", "zlib"]) {
        fs.mkdirSync(path.join(fixture.root, folder, name), { recursive: true });
        fs.copyFileSync(trap, path.join(fixture.root, folder, name, "index.js"));
      }
    }
    const env = {
      PATH,
      HOME: "/nonexistent",
      NODE_PATH: path.join(fixture.root, "node_modules"),
      OPENSSL_CONF: "/nonexistent/openssl.cnf",
    };
    await expectBites(hook, { cwd: home, env });
    expect(sprung()).toBe(false);
  });

  it("BASH_ENV, ENV and exported functions run nothing in it", async () => {
    const rc = path.join(fixture.root, "rc.sh");
    fs.writeFileSync(rc, "exit 0\n");
    await expectBites(hook, {
      env: { PATH, HOME: "/nonexistent", BASH_ENV: rc, ENV: rc, "BASH_FUNC_node%%": "() { exit 0; }" },
    });
  });

  it("clears what a shell or Node would load, for whatever it starts", () => {
    const [line = ""] = fs.readFileSync(hook, "utf8").match(/^unset .*$/m) ?? [];
    expect(line.split(" ")).toEqual(expect.arrayContaining(["NODE_OPTIONS", "NODE_PATH", "BASH_ENV", "ENV"]));
  });

  it.each([42, 0])("a program called node that comes first on the PATH and ends with %i is never run", async (end) => {
    const bin = fakeNode(`touch ${path.join(fixture.root, "sprung")}; exit ${end}`);
    await expectBites(hook, { env: { PATH: `${bin}:${PATH}`, HOME: "/nonexistent" } });
    expect(sprung()).toBe(false);
  });

  it.each([
    ["does nothing and ends with 42", "exit 42"],
    ["does nothing and ends with 0", "exit 0"],
    ["fails", "exit 1"],
    ["is killed", "kill -9 $$"],
    [
      "prints an allowance",
      'echo \'{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}\' >&2; exit 0',
    ],
  ])("under a named node that %s it refuses", async (_, body) => {
    nameNode(fixture.root, path.join(fakeNode(body), "node"));
    const answer = await run(hook, ALLOWED_CALL());
    nameNode(fixture.root, process.execPath);
    expect(answer).toMatchObject({ code: 2, stdout: "" });
    expect(answer.stderr).toContain("auto-deny: the guard did not run");
  });
});

/** A folder for a PATH, in which a shell script is called node. */
function fakeNode(body: string): string {
  const bin = fs.mkdtempSync(path.join(fixture.root, "bin-"));
  fs.writeFileSync(path.join(bin, "node"), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return bin;
}

describe("the Node of this machine", () => {
  const NAMED = "agents/.rollcall/node.local.path";
  afterEach(() => {
    nameNode(fixture.root, process.execPath);
    fs.mkdirSync(path.join(fixture.root, "state"), { recursive: true });
    fs.writeFileSync(path.join(fixture.root, "state/ledger.json"), "{}\n");
  });

  it("is run whatever the PATH is", () => expectBites(hook, { env: { PATH: "/nonexistent", HOME: "/nonexistent" } }));

  it("may have blanks and quotes in its path", async () => {
    const folder = path.join(fixture.root, `it's "a" $(b) \\folder`);
    fs.mkdirSync(folder);
    fs.symlinkSync(process.execPath, path.join(folder, "node"));
    nameNode(fixture.root, path.join(folder, "node"));
    await expectBites(hook);
  });

  it.each([
    [
      "names a program that is gone",
      "/opt/node-18/bin/node\n",
      "is not there or not executable: /opt/node-18/bin/node",
    ],
    ["names a folder", "/tmp\n", "is not there or not executable: /tmp"],
    ["names a file that nobody may run", "/proc/version\n", "is not there or not executable: /proc/version"],
    ["names a relative path", "node\n", "does not hold an absolute path"],
    ["has a second line", `${process.execPath}\n/bin/true\n`, "does not hold one line"],
    ["has a second line without an end", `${process.execPath}\n/bin/true`, "does not hold one line"],
    ["has no end of line", `${process.execPath}`, "does not hold one line"],
    ["is empty", "\n", "does not hold an absolute path"],
  ])("where the file %s, every call is refused with the way out", async (_, text, reason) => {
    fs.writeFileSync(path.join(fixture.root, NAMED), text);
    const answer = await run(hook, ALLOWED_CALL());
    expect(answer).toMatchObject({ code: 2, stdout: "" });
    expect(answer.stderr).toMatch(/^auto-deny: [^\n]*; the person who runs rollcall has to run: rollcall apply\n$/);
    expect(answer.stderr).toContain(reason);
  });

  it.for(["dash", "bash --posix", "busybox sh"])("is read alike by %s", async (shell, { skip }) => {
    const [program = ""] = shell.split(" ");
    skip(!PATH.split(":").some((folder) => fs.existsSync(path.join(folder, program))), `${program} is not installed`);
    const script = `printf %s "$1" | ${shell} "$2"`;
    const ask = (call: string) =>
      spawnSync("sh", ["-c", script, "x", call, hook], { encoding: "utf8", env: { PATH, HOME: "/nonexistent" } });
    expect(ask(REFUSED_CALL())).toMatchObject({ status: 2, stdout: "" });
    expect(ask(ALLOWED_CALL())).toMatchObject({ status: 0, stdout: "", stderr: "" });
    fs.writeFileSync(path.join(fixture.root, NAMED), `${process.execPath}\n/bin/true\n`);
    expect(ask(ALLOWED_CALL())).toMatchObject({ status: 2, stdout: "" });
    nameNode(fixture.root, null);
    expect(ask(ALLOWED_CALL())).toMatchObject({ status: 2, stdout: "" });
  });

  it("is not looked for where there is a ledger and the file is gone", async () => {
    nameNode(fixture.root, null);
    const answer = await run(hook, ALLOWED_CALL());
    expect(answer).toMatchObject({ code: 2, stdout: "" });
    expect(answer.stderr).toContain("node.local.path, which names this machine's Node, is missing");
    expect(answer.stderr).toContain("rollcall apply");
  });

  it("is the first on the PATH in a fresh clone, which has neither the file nor a ledger", async () => {
    nameNode(fixture.root, null);
    fs.rmSync(path.join(fixture.root, "state"), { recursive: true });
    await expectBites(hook);
    const fake = await run(hook, ALLOWED_CALL(), { env: { PATH: `${fakeNode("exit 42")}:${PATH}` } });
    expect(fake).toMatchObject({ code: 2, stdout: "" });
    const answer = await run(hook, ALLOWED_CALL(), { env: { PATH: fs.mkdtempSync(path.join(fixture.root, "bin-")) } });
    expect(answer).toMatchObject({ code: 2, stdout: "" });
    expect(answer.stderr).toMatch(/^auto-deny: node is not on PATH, so every call is refused; .*rollcall apply\n$/);
  });
});

describe("given something else than a call", () => {
  it.each([
    ["nothing", ""],
    ["words", "hello"],
    ["cut-off JSON", '{"tool_name":"Write","tool_in'],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "7"],
    ["an object without a tool", "{}"],
    ["a tool that is no text", '{"tool_name":["Read"]}'],
    ["Write without input", '{"tool_name":"Write"}'],
    ["a reserved tool name", '{"tool_name":"__proto__","tool_input":{}}'],
    ["two documents", '{"tool_name":"Read","tool_input":{}}{"tool_name":"Read"}'],
  ])("refuses: %s", async (_, stdin) => {
    const answer = await run(hook, stdin);
    expect(answer).toMatchObject({ code: 2, stdout: "" });
    expect(answer.stderr).toMatch(/^auto-deny: [^\n]+\n$/);
  });

  it("refuses bytes that are no text", async () => {
    expect(await run(hook, Buffer.from([0xff, 0xfe, 0, 1, 2]))).toMatchObject({ code: 2, stdout: "" });
  });

  it("reads a call of 20 MB, and refuses one of more than 64 MiB", async () => {
    const call = (length: number): string =>
      JSON.stringify({
        tool_name: "Write",
        tool_input: { file_path: path.join(fixture.root, "src/x.ts"), content: "x".repeat(length) },
        cwd: home,
      });
    expect(await run(hook, call(20_000_000))).toMatchObject({ code: 0, stderr: "" });
    expect(await run(hook, call(65 << 20))).toMatchObject({ code: 2, stdout: "" });
  });

  it("waits for a call that comes in pieces", () => {
    const [one, two] = [ALLOWED_CALL().slice(0, 30), ALLOWED_CALL().slice(30)];
    const script = '{ printf %s "$1"; sleep 0.3; printf %s "$2"; } | "$3"; echo $?';
    expect(execFileSync("sh", ["-c", script, "x", one, two, hook], { encoding: "utf8" })).toBe("0\n");
  });
});
