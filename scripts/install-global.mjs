// `npm run install-global`: installs the commands rollcall and claude-agent as one package that needs neither this clone
// nor any other package afterwards. Usage: npm run install-global [-- --prefix FOLDER]
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { COMMANDS } from "./bundle.mjs";
import { root } from "./freshness.mjs";
import { npmCommand, run, SetupError, setupOrExit, setupPackages, setupTmux, step } from "./setup.mjs";

const USAGE = "npm run install-global [-- --prefix FOLDER]";

function realPath(path) {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Whether a folder, or the first one above that exists, takes new files. */
function isWritable(folder) {
  if (!existsSync(folder)) return dirname(folder) !== folder && isWritable(dirname(folder));
  try {
    accessSync(join(folder, "."), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the package goes: the named prefix, else npm's global one where it can be written to, else ~/.local. */
export function choosePrefix({ named, global, home }) {
  if (named !== undefined) return named;
  const folders = [join(global, "lib", "node_modules"), join(global, "bin")];
  return folders.every(isWritable) ? global : join(home, ".local");
}

/** The path of this Node that survives its updates: as the PATH names it, where it does. */
export function nodePath(searchPath, execPath) {
  const folders = searchPath.split(delimiter).filter((folder) => isAbsolute(folder));
  const found = folders.map((folder) => join(folder, "node")).find((path) => realPath(path) === realPath(execPath));
  return found ?? execPath;
}

/**
 * The launcher for a shell and for Node at once: cron's PATH is short, so the file names the Node that it was installed
 * with, and takes the first one on the PATH when that is gone.
 */
export function withNode(launcher, node) {
  const [first, ...rest] = launcher.split("\n");
  if (!first.startsWith("#!") || node.includes("\n"))
    throw new Error("a launcher begins with #! and ends its first line");
  const word = `'${node.replaceAll("'", "'\\''")}'`;
  const choose = `':' //; [ -x ${word} ] && exec ${word} "$0" "$@"; exec node "$0" "$@"`;
  return ["#!/bin/sh", choose, ...rest].join("\n");
}

/** The package as a folder: what package.json lists, with a dist/ of its own that holds this build and nothing else. */
function makePackage(folder) {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const listed = files.filter((path) => path !== "dist" && !path.startsWith("!"));
  for (const path of ["package.json", "README.md", "LICENSE", ...listed]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  run(process.execPath, ["scripts/build.mjs", "--quiet", "--into", folder]);
  const node = nodePath(process.env.PATH ?? "", process.execPath);
  for (const name of Object.keys(COMMANDS)) {
    const path = join(folder, "dist", `${name}.cjs`);
    writeFileSync(path, withNode(readFileSync(path, "utf8"), node));
  }
}

const npm = (args, cwd) => {
  const [command, ...first] = npmCommand();
  return run(command, [...first, ...args], {}, cwd);
};

/** Packs the folder and installs what was packed: a copy, where npm would make a link of a folder. */
function install(folder, prefix) {
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--ignore-scripts"], folder));
  mkdirSync(join(prefix, "lib"), { recursive: true });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--offline"];
  npm(["install", "--global", "--prefix", prefix, ...quiet, join(folder, filename)], folder);
}

/** What a person has to know in the end: where the commands are, and whether their shell will find them. */
function report(prefix) {
  const bin = join(prefix, "bin");
  const version = run(join(bin, "rollcall"), ["--version"], {}, prefix).trim();
  const lines = [`Installed Rollcall ${version}:`, ...Object.keys(COMMANDS).map((name) => `  ${join(bin, name)}`)];
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const first = folders.find((folder) => existsSync(join(folder, "rollcall")));
  const below = relative(homedir(), bin);
  const shown = below.startsWith("..") ? bin : `$HOME/${below}`;
  if (first === undefined || !folders.some((folder) => realPath(folder) === realPath(bin))) {
    lines.push(
      `${bin} is not on your PATH. Add this line to ~/.profile and log in again:`,
      `  export PATH="${shown}:$PATH"`,
    );
  } else if (realPath(first) !== realPath(bin)) {
    lines.push(
      `Your shell finds another one first: ${join(first, "rollcall")}. Remove it, or put ${bin} first on your PATH.`,
    );
  }
  lines.push("Uninstall:", `  npm uninstall --global --prefix ${prefix} rollcall`);
  console.log(lines.join("\n"));
}

/** The folder given by --prefix, relative to where npm was called, or undefined. */
function namedPrefix(argv) {
  try {
    const { prefix } = parseArgs({ args: argv, options: { prefix: { type: "string" } } }).values;
    return prefix === undefined ? undefined : resolve(process.env.INIT_CWD ?? process.cwd(), prefix);
  } catch (error) {
    throw new SetupError(`${error.message}\nusage: ${USAGE}`);
  }
}

async function installGlobal() {
  const named = namedPrefix(process.argv.slice(2));
  await setupPackages();
  try {
    await setupTmux();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`note: sessions need tmux; without it Rollcall keeps files only. ${error.message}\n`);
  }
  const folder = mkdtempSync(join(tmpdir(), "rollcall-package-"));
  try {
    const prefix = choosePrefix({ named, global: npm(["prefix", "--global"], folder).trim(), home: homedir() });
    await step("building the package", () => makePackage(folder));
    await step(`installing into ${prefix}`, () => install(folder, prefix));
    report(prefix);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await setupOrExit(installGlobal);
