// No code of a folder ever runs because its configuration is looked for, and no other file is read in its place.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createFileReader } from "../../../src/host/fs/files.ts";
import { loadConfig } from "../../../src/input/config/load.ts";
import { readConfigFile } from "../../../src/input/spec/load.ts";
import { findConfig, openFleet, type Project } from "../../support/spec-fixture.ts";

const readNow: Parameters<typeof loadConfig>[0]["read"] = async (job) => readConfigFile(job);

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
