// The install line and the cron line as they are written in README.md, on a machine whose home is empty and whose node is
// in a folder that cron does not search; the clone is deleted before anything is run.
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloneInto, repository } from "../support/whole-clone.ts";

const readme = readFileSync(join(repository, "README.md"), "utf8");

/** The indented lines of a section of the README, without their comments. */
function commandsOf(section: string): string[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  const lines = text.split("\n").filter((line) => /^ {4}\S/.test(line));
  return lines.map((line) => line.replace(/\s+# .*$/, "").trim());
}

function only(section: string, word: RegExp): string {
  const lines = commandsOf(section).filter((line) => word.test(line));
  expect(lines, `lines with ${word} under "${section}" in README.md`).toHaveLength(1);
  return lines[0] ?? "";
}

const out = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: repository, encoding: "utf8" }).trim();

/** A machine whose system folder has everything but node, and a node with its npm in a folder of its own. */
function machineIn(base: string) {
  const system = join(base, "usr-bin");
  const node = join(base, "opt/node 20/bin");
  for (const folder of [system, node, join(base, "home")]) mkdirSync(folder, { recursive: true });
  for (const name of readdirSync("/usr/bin")) {
    if (!/^(?:node|nodejs|npm|npx|corepack|claude|rollcall)$/.test(name))
      symlinkSync(join("/usr/bin", name), join(system, name));
  }
  copyFileSync(process.execPath, join(node, "node"));
  symlinkSync(realpathSync(out("sh", ["-c", "command -v npm"])), join(node, "npm"));
  return { system, node, home: join(base, "home") };
}

const base = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-install-")));
const socket = basename(base);
const fleet = join(base, "home/my-fleet");
const machine = machineIn(base);
/** npm may use what was fetched before. */
const npm = Object.fromEntries(
  ["cache", "registry", "cafile"].map((key) => [`npm_config_${key}`, out("npm", ["config", "get", key])]),
);
const terminal = { HOME: machine.home, PATH: `${machine.node}:${machine.system}` };
const cron = { HOME: machine.home, LOGNAME: "ada", SHELL: "/bin/sh", PATH: machine.system };

/** A line of a shell; its exit code and all it printed. */
function shell(line: string, cwd: string, env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", line], { cwd, env, encoding: "utf8", input: "" });
  return { code: status, said: `${stdout}${stderr}` };
}

/** The path of the command, as the install line prints it. */
let command = "";
let installed = { code: null as number | null, said: "" };
let linked = installed;

beforeAll(() => {
  const clone = cloneInto(base);
  const env = { ...terminal, ...npm, npm_config_prefer_offline: "true", ROLLCALL_NO_INSTALL: "1" };
  installed = shell(only("Your own fleet", /npm /), clone, env);
  rmSync(join(clone, "dist"), { recursive: true, force: true });
  linked = shell(`npm install -g --prefix ${base}/linked . && ${base}/linked/bin/rollcall --version`, clone, env);
  rmSync(clone, { recursive: true });
  command = /^ {2}(\/.*\/rollcall)$/m.exec(installed.said)?.[1] ?? "";
}, 240_000);

afterAll(() => {
  spawnSync("tmux", ["-L", socket, "kill-server"]);
  rmSync(join("/tmp", `tmux-${process.getuid?.() ?? 0}`, socket), { force: true });
  rmSync(base, { recursive: true, force: true });
});

describe("the install line of the README, in a fresh clone that is deleted afterwards", () => {
  test("puts the commands into npm's global folder and says where they are", () => {
    expect(installed, installed.said).toMatchObject({ code: 0 });
    expect(command, installed.said).toBe(join(machine.node, "rollcall"));
    expect(installed.said).not.toContain("is not on your PATH");
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    expect(shell("rollcall --version", machine.home, terminal)).toEqual({ code: 0, said: `${version}\n` });
  });

  test("npm's own line makes links to the clone, which has been built for that", () => {
    expect(linked, linked.said).toMatchObject({ code: 0, said: expect.stringMatching(/^\d+\.\d+\.\d+$/m) });
  });

  test("the next lines make a fleet that is valid and comes up", () => {
    const steps = commandsOf("Your own fleet").filter((line) => /^rollcall init|^cd /.test(line));
    expect(steps).toEqual(["rollcall init my-fleet", "cd my-fleet"]);
    const made = shell(`${steps.join(" && ")} && rollcall validate`, machine.home, terminal);
    expect(made.code, made.said).toBe(0);
    writeFileSync(join(fleet, "rollcall.config.yaml"), `socket: ${socket}\n`);
    const applied = shell("rollcall apply -y", fleet, terminal);
    expect(applied.code, applied.said).toBe(0);
    expect(shell("rollcall explain E104 && claude-agent list", fleet, terminal).code).toBe(0);
  });

  test("is one package that needs no other, with all pages that its README links to", () => {
    const modules = join(dirname(machine.node), "lib/node_modules");
    expect(readdirSync(modules).filter((name) => !name.startsWith("."))).toEqual(["rollcall"]);
    const package_ = join(modules, "rollcall");
    expect(existsSync(join(package_, "node_modules"))).toBe(false);
    expect(
      readdirSync(join(package_, "dist"))
        .filter((name) => !/^core-\w+\.c(?:js|ache)$/.test(name))
        .sort(),
    ).toEqual(["THIRD-PARTY.txt", "claude-agent.cjs", "index.cjs", "index.mjs", "lib", "rollcall.cjs", "types"]);
    expect(readdirSync(join(package_, "dist")).filter((name) => name.endsWith(".cache"))).toHaveLength(1);
    for (const page of ["README.md", "SECURITY.md", "docs/running-in-cron-and-ci.md", "CONTRIBUTING.md"]) {
      const text = readFileSync(join(package_, page), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
      const missing = links.filter((link) => !existsSync(join(package_, dirname(page), link)));
      // The workflow is of use in a repository only.
      expect(missing.filter((link) => !link.includes(".github/"))).toEqual([]);
    }
  });
});

describe("the cron line", () => {
  const lost = join(fleet, "agents/planner/.claude/CLAUDE.md");

  function healsIn(line: string, env: Readonly<Record<string, string>>) {
    rmSync(lost);
    const ran = shell(line, machine.home, env);
    expect(ran.code, ran.said).toBe(0);
    expect(existsSync(lost), ran.said).toBe(true);
    return ran.said;
  }

  test("of the README heals a fleet from cron's home folder and PATH, where there is no node", () => {
    expect(shell("command -v node", machine.home, cron).code).not.toBe(0);
    const [, schedule, line = ""] = /^((?:\S+ ){5})(.*)$/.exec(only("Your own fleet", /reconcile/)) ?? [];
    expect(schedule).toBe("*/10 * * * * ");
    // The README asks for two paths: that of the command and that of the fleet.
    const mine = line.replace("$HOME/.local/bin/rollcall", `'${command}'`);
    expect(mine).not.toBe(line);
    healsIn(mine, cron);
  });

  test("of examples/crontab, which is in the package, heals as well and has nothing to mail", () => {
    const text = readFileSync(join(dirname(machine.node), "lib/node_modules/rollcall/examples/crontab"), "utf8");
    const line = /^\*\/10 \* \* \* \* (.*)$/m.exec(text)?.[1] ?? "";
    expect(healsIn(line, { ...cron, ROLLCALL: command, FLEET: fleet })).toBe("");
  });
});
