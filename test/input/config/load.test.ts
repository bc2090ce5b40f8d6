// The configuration: which project a folder belongs to, what its file may say, and that no code of a folder ever runs.
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createFileReader } from "../../../src/host/fs/files.ts";
import { loadConfig } from "../../../src/input/config/load.ts";
import { readConfigFile } from "../../../src/input/spec/load.ts";
import type { ConfigFile } from "../../../src/model/config.ts";
import {
  atRoot,
  findConfig,
  openFleet,
  openProject,
  PLANNER,
  type Project,
  registry,
  told,
} from "../../support/spec-fixture.ts";

const registryText = registry(PLANNER);
const readNow: Parameters<typeof loadConfig>[0]["read"] = async (job) => readConfigFile(job);

describe("which project", () => {
  test.each([
    ["a registry", "desired/registry.yaml"],
    ["a registry folder", "desired/registry/a.yaml"],
    ["a fleet.yaml", "desired/fleet.yaml"],
    ["a configuration", "rollcall.config.yaml"],
    ["the original's registry", "agents/registry.yaml"],
    ["the original's scripts", "scripts/native-orchestrator/x.sh"],
  ])("%s marks the root, seen from any folder below", async (_what, mark) => {
    const project = openProject({ [mark]: "", "agents/planning-agent/.claude/x": "" });
    const { config } = await findConfig(project, { cwd: project.path("agents/planning-agent/.claude") });
    expect(config).toMatchObject({ found: true, folders: { root: project.root } });
  });

  test("the nearest mark wins, PROJECT_ROOT wins over all", async () => {
    const project = openProject({ "desired/registry.yaml": registryText, "inner/desired/registry.yaml": registryText });
    const cwd = project.path("inner/desired");
    expect((await findConfig(project, { cwd })).config?.folders.root).toBe(project.path("inner"));
    const env = { PROJECT_ROOT: project.root };
    expect((await findConfig(project, { cwd, env })).config?.folders.root).toBe(project.root);
  });

  test("none at all: the current folder, not found, so that init has a place", async () => {
    const project = openProject();
    expect((await findConfig(project)).config).toMatchObject({
      found: false,
      folders: { root: project.root },
      layout: "native",
    });
  });

  test("a PROJECT_ROOT that is not there", async () => {
    const { config, diagnostics } = await findConfig(openFleet(), { env: { PROJECT_ROOT: "gone" } });
    expect(config).toBeNull();
    expect(diagnostics.map(told)).toEqual(['PROJECT_ROOT:1:1 E022 the project root "gone" is not a folder']);
  });

  test("a root reached through a link is known by its real path", async () => {
    const project = openProject({ "there/desired/registry.yaml": registryText });
    symlinkSync("there", project.path("here"));
    const { config } = await findConfig(project, { cwd: project.path("here") });
    expect(config?.folders.root).toBe(project.path("there"));
  });
});

describe("what the file says", () => {
  test("all of it", async () => {
    const project = openProject({
      "place/rollcall.config.yaml": [
        "root: ..",
        "registry: spec/agents.yaml",
        "fleet: spec/fleet.yaml",
        "templates: pages",
        "agents: crew",
        "state: /var/tmp/rollcall-story",
        "socket: night",
        "prefix: n-",
        "variables: { TEAM: night }",
        "session: { command: [sleep, '9'], path: '/usr/bin:/bin' }",
      ].join("\n"),
    });
    const { config, diagnostics } = await findConfig(project, { configFile: "place/rollcall.config.yaml" });
    expect(diagnostics).toEqual([]);
    expect(config).toMatchObject({
      file: project.path("place/rollcall.config.yaml"),
      socket: "night",
      prefix: "n-",
      variables: { TEAM: "night" },
      session: { command: ["sleep", "9"], path: "/usr/bin:/bin" },
      folders: {
        root: project.root,
        registry: project.path("spec/agents.yaml"),
        fleet: project.path("spec/fleet.yaml"),
        templates: project.path("pages"),
        agents: project.path("crew"),
        state: "/var/tmp/rollcall-story",
      },
    });
  });

  test.each([
    ["an empty file", ""],
    ["comments only", "# nothing yet\n"],
  ])("%s is a configuration that says nothing", async (_what, text) => {
    const { config, diagnostics } = await findConfig(openFleet({ "rollcall.config.yaml": text }));
    expect(diagnostics).toEqual([]);
    expect(config).toMatchObject({ variables: {}, session: {} });
  });

  test.each([
    ["row 62: $import at the top", "$import: other.yaml\n", '1:1 E120 unknown field "$import"'],
    ["an unknown field", "sockett: x\n", '1:1 E120 unknown field "sockett"'],
    ["a socket that is a path", "socket: /tmp/s\n", '1:9 E123 socket: "/tmp/s": a tmux socket is a name'],
    ["a relative search path", "session: {path: bin}\n", '1:17 E123 session.path: "bin": must be absolute folders'],
    [
      "a command as text",
      "session: {command: claude}\n",
      "1:20 E125 command: expected a list of arguments, found text",
    ],
    ["a reserved key", "variables: {__proto__: x}\n", '1:13 E115 the key "__proto__" is not allowed'],
    ["an anchor", "prefix: &p iw-\n", '1:9 E112 anchor "&p"'],
    ["state that holds the project", "state: .\n", "1:1 E023 the state folder . holds the whole project"],
    [
      "agents that hold the templates",
      "agents: work\ntemplates: work/pages\n",
      "1:1 E023 the agents folder work holds",
    ],
    ["a root that is not there", "root: gone\n", "1:1 E022 the project root"],
  ])("%s is refused with its place", async (_what, text, expected) => {
    const project = openFleet({ "rollcall.config.yaml": text, "other.yaml": "socket: imported\n" });
    const { config, diagnostics } = await findConfig(project);
    expect(config).toBeNull();
    expect(diagnostics.map(told)).toEqual([expect.stringContaining(`rollcall.config.yaml:${expected}`)]);
  });

  test("two registries are one too many", async () => {
    const project = openFleet({ "desired/registry/a.yaml": registryText });
    expect((await findConfig(project)).diagnostics.map(({ code }) => code)).toEqual(["E025"]);
    project.put({ "rollcall.config.yaml": "registry: desired/registry\n" });
    expect((await findConfig(project)).config?.folders.registry).toBe(project.path("desired/registry"));
  });

  test("--config FILE that is not there, and one that is code", async () => {
    const project = openFleet({ "mine.js": "throw new Error('ran')" });
    const codes = async (configFile: string) =>
      (await findConfig(project, { configFile })).diagnostics.map(({ code }) => code);
    expect(await codes("gone.yaml")).toEqual(["E020"]);
    expect(await codes("mine.js")).toEqual(["E021"]);
    expect(await codes("desired")).toEqual(["E105"]);
  });

  test("--config FILE without a root means the project here, or the one it lies in", async () => {
    const project = openProject({
      "one/desired/registry.yaml": registryText,
      "two/desired/registry.yaml": registryText,
      "two/my.yaml": "socket: two\n",
      "lone.yaml": "socket: lone\n",
    });
    const cwd = project.path("one");
    const inTwo = await findConfig(project, { cwd, configFile: "../two/my.yaml" });
    expect(inTwo.config).toMatchObject({ socket: "two", folders: { root: project.path("two") } });
    const lone = await findConfig(project, { cwd, configFile: "../lone.yaml" });
    expect(lone.config).toMatchObject({ socket: "lone", folders: { root: project.path("one") } });
  });
});

describe("row 61: a folder full of traps", () => {
  const TRAP_NAMES = [
    ...[".js", ".cjs", ".mjs", ".ts"].flatMap((end) => [
      `.config/config${end}`,
      `rollcall.config${end}`,
      `.rollcallrc${end}`,
      `.config/rollcallrc${end}`,
    ]),
  ];

  const marks = (project: Project): string[] =>
    TRAP_NAMES.filter((name) => existsSync(project.path(`ran-${name.replaceAll("/", "-")}`)));

  /** Each trap writes a file of its own when it is run, whatever it is taken for. */
  function setCodeTraps(project: Project): void {
    for (const name of TRAP_NAMES) {
      const mark = JSON.stringify(project.path(`ran-${name.replaceAll("/", "-")}`));
      const esm = /\.(?:mjs|ts)$/.test(name);
      const take = esm ? 'import fs from "node:fs";' : 'const fs = require("node:fs");';
      const give = esm ? "export default {};" : "module.exports = {};";
      project.put({ [name]: `${take}\nfs.writeFileSync(${mark}, "");\n${give}\n` });
    }
  }

  /** Settings for cosmiconfig itself, which would make it read another file. */
  function setDataTraps(project: Project): void {
    const meta = { searchPlaces: ["stolen.yaml"], mergeSearchPlaces: false };
    project.put({
      "package.json": JSON.stringify({ cosmiconfig: meta, rollcall: { socket: "stolen" } }),
      "stolen.yaml": "socket: stolen\n",
      ".config/config.yaml": `cosmiconfig: ${JSON.stringify(meta)}\nrollcall: {socket: stolen}\n`,
    });
  }

  async function inFolder<T>(project: Project, work: () => Promise<T>): Promise<T> {
    const before = process.cwd();
    process.chdir(project.root);
    try {
      return await work();
    } finally {
      process.chdir(before);
    }
  }

  test.each([
    ["code, with a configuration", { "rollcall.config.yaml": "socket: ours\n" }, "ours", setCodeTraps],
    ["code, without one", {}, undefined, setCodeTraps],
    ["data, with a configuration", { "rollcall.config.yaml": "socket: ours\n" }, "ours", setDataTraps],
    ["data, without one", {}, undefined, setDataTraps],
  ])("%s: no trap works", async (_what, files, socket, set) => {
    const project = openFleet(files);
    set(project);
    const { config, diagnostics } = await inFolder(project, async () => {
      const result = await findConfig(project);
      expect(process.cwd()).toBe(project.root);
      return result;
    });
    expect(config?.socket).toBe(socket);
    const told = [".js", ".cjs", ".mjs", ".ts"].map((end) => `W020 rollcall.config${end}`);
    expect(diagnostics.map(({ code, file }) => `${code} ${file}`)).toEqual(set === setCodeTraps ? told : []);
    // Code is loaded by a promise nobody waits for: give it the time it needs below.
    await new Promise((wake) => setTimeout(wake, 200));
    expect(marks(project)).toEqual([]);
  });

  test("a code trap does run when cosmiconfig is made in its folder: what the inRootDirectory folder is for", async () => {
    const project = openFleet({ "rollcall.config.yaml": "socket: ours\n" });
    setCodeTraps(project);
    const files = createFileReader({ roots: [project.root] });
    const careless = {
      cwd: project.root,
      env: {},
      files,
      inRootDirectory: <T>(make: () => T): T => make(),
      read: readNow,
    };
    await inFolder(project, () => loadConfig(careless).catch(() => undefined));
    await expect.poll(() => marks(project), { timeout: 5_000 }).toContain(".config/config.js");
  });
});

describe("what it costs", () => {
  test("without a file neither cosmiconfig nor the YAML reader is asked", async () => {
    const project = openFleet();
    const asked: string[] = [];
    const { config } = await loadConfig({
      cwd: project.root,
      env: {},
      files: createFileReader({ roots: [project.root] }),
      inRootDirectory: (make) => {
        asked.push("inRootDirectory");
        return make();
      },
      read: async (job) => {
        asked.push(job.path);
        return readConfigFile(job);
      },
    });
    expect(config).not.toBeNull();
    expect(asked).toEqual([]);
  });

  test("with equal bytes known from before, neither; with other bytes, both", async () => {
    const project = openFleet({ "rollcall.config.yaml": "socket: ours\n" });
    const files = createFileReader({ roots: [project.root] });
    const kept = new Map<string, ConfigFile>();
    let reads = 0;
    const find = () =>
      loadConfig({
        cwd: project.root,
        env: {},
        files,
        inRootDirectory: atRoot,
        known: ({ digest }) => kept.get(digest) ?? null,
        read: async (job) => {
          reads += 1;
          return readConfigFile(job);
        },
      });
    const first = await find();
    if (first.source) kept.set(first.source.digest, first.source.value);
    expect((await find()).config).toEqual(first.config);
    expect(reads).toBe(1);
    project.put({ "rollcall.config.yaml": "socket: other\n" });
    expect((await find()).config?.socket).toBe("other");
    expect(reads).toBe(2);
  });
});

test.runIf(process.getuid?.() === 0)("a stranger's mark above our folder is passed by, with a word", async () => {
  const project = openProject({ "rollcall.config.yaml": "session: {command: [steal]}\n", "ours/x": "" });
  chownSync(project.path("rollcall.config.yaml"), 4242, 4242);
  const { config, diagnostics } = await findConfig(project, { cwd: project.path("ours") });
  expect(config).toMatchObject({ found: false, session: {} });
  expect(diagnostics.map(({ code }) => code)).toEqual(["W021"]);
});

test("a configuration that may not be read, is a link, or is a folder, is said so", async () => {
  const project = openFleet({ "elsewhere.yaml": "socket: x\n" });
  symlinkSync("elsewhere.yaml", project.path("rollcall.config.yaml"));
  expect((await findConfig(project)).diagnostics.map(({ code }) => code)).toEqual(["E105"]);
  const other = openFleet();
  mkdirSync(other.path("rollcall.config.yaml"));
  chmodSync(other.path("rollcall.config.yaml"), 0o755);
  expect((await findConfig(other)).diagnostics.map(({ code }) => code)).toEqual(["E105"]);
});
