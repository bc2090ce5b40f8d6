// Makes a fresh clone ready: Node checked, packages installed, tmux there, dist/ built. Plain Node, no dependencies.
// Usage: node scripts/setup.mjs   (npm run up and npm test call it first; nothing is done that is done already)
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isBuilt, root } from "./freshness.mjs";

const NODE_NEEDED = [20, 19];
const TMUX_NEEDED = [3, 2];

/** Ends the setup with a message for a person; anything else thrown is a bug. */
export class SetupError extends Error {}

/** One line per step on plain output; on a terminal the line is begun before the step and ended after it. */
export async function step(title, work) {
  const terminal = process.stderr.isTTY === true;
  const started = performance.now();
  if (terminal) process.stderr.write(`setup: ${title} … `);
  else process.stderr.write(`setup: ${title}\n`);
  try {
    await work();
  } catch (error) {
    process.stderr.write(terminal ? "failed\n" : `setup: ${title}: failed\n`);
    throw error;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(terminal ? `done in ${seconds} s\n` : `setup: ${title}: done in ${seconds} s\n`);
}

/** Runs a command quietly and returns its stdout; its last lines are shown only when it fails. */
export function run(command, args, environment = {}, cwd = root) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return result.stdout;
  const said = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim().split("\n").slice(-20).join("\n");
  throw new SetupError(
    `${[command, ...args].join(" ")} failed${result.error ? `: ${result.error.message}` : ""}\n${said}`,
  );
}

function atLeast(have, needed) {
  return have[0] > needed[0] || (have[0] === needed[0] && have[1] >= needed[1]);
}

/** Exported for its test. `version` as in process.versions.node. */
export function nodeComplaint(version) {
  if (atLeast(version.split(".").map(Number), NODE_NEEDED)) return null;
  return `Rollcall needs Node ${NODE_NEEDED.join(".")} or newer; this is ${version}. Install a newer one and try again.`;
}

/**
 * Why the installed packages are not those of the lock file, or null. npm writes its own list of what it installed
 * at the very end, so an installation that was broken off has none. Packages for other machines may be absent.
 */
export function packagesComplaint(wanted, installed) {
  if (installed === null) return "not installed";
  for (const [path, one] of Object.entries(wanted.packages)) {
    if (path === "" || one.optional) continue;
    const have = installed.packages[path];
    if (have === undefined) return `${path} is missing`;
    if (have.version !== one.version) return `${path} is ${have.version}, wanted ${one.version}`;
  }
  return null;
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

/** The npm that runs this script, where one does: it need not be the first on the PATH. */
export function npmCommand() {
  const npm = process.env.npm_execpath;
  return npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
}

function installPackages() {
  const [command, ...first] = npmCommand();
  const words = [...first, "ci", "--include=dev", "--no-audit", "--no-fund"];
  // An npm that installs globally hands this on to the scripts it runs.
  run(command, words, { NODE_ENV: "development", npm_config_global: undefined, npm_config_location: undefined });
}

/** [3, 3] of `tmux 3.3a`; a development version counts as new enough; null when there is no tmux. */
function tmuxVersion() {
  const result = spawnSync("tmux", ["-V"], { encoding: "utf8" });
  if (result.status !== 0) return null;
  const found = /(\d+)\.(\d+)/.exec(result.stdout);
  return found ? [Number(found[1]), Number(found[2])] : TMUX_NEEDED;
}

const PACKAGERS = {
  "apt-get": {
    refresh: ["update"],
    install: ["-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", "tmux"],
  },
  dnf: { install: ["install", "-y", "tmux"] },
  apk: { install: ["add", "tmux"] },
  pacman: { install: ["-Sy", "--noconfirm", "tmux"] },
};

function works(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** The command in front of the package manager: none for root, sudo where it asks no password, null otherwise. */
function elevation() {
  if (process.getuid?.() === 0) return [];
  return works("sudo", ["-n", "true"]) ? ["sudo", "-n"] : null;
}

function installTmux() {
  const name = Object.keys(PACKAGERS).find((one) => works(one, ["--version"]));
  if (name === undefined) throw new SetupError("no package manager that is known here; install tmux by hand");
  const before = elevation();
  const words = [name, ...PACKAGERS[name].install];
  if (before === null || process.env.ROLLCALL_NO_INSTALL) {
    throw new SetupError(
      `tmux is needed. Install it and try again:\n  sudo ${words.filter((one) => !/Lock|^-o$/.test(one)).join(" ")}`,
    );
  }
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  const [command, ...args] = [...before, ...words];
  try {
    run(command, args, quiet);
  } catch (error) {
    // On a new machine the package lists are not there yet.
    const { refresh } = PACKAGERS[name];
    if (!refresh) throw error;
    const [updater, ...rest] = [...before, name, ...refresh];
    run(updater, rest, quiet);
    run(command, args, quiet);
  }
}

/** Installs tmux where that is allowed; what to type, where it is not. */
export async function setupTmux() {
  if (tmuxVersion() === null) await step("installing tmux", installTmux);
  const tmux = tmuxVersion();
  if (tmux === null || !atLeast(tmux, TMUX_NEEDED)) {
    throw new SetupError(
      `tmux ${TMUX_NEEDED.join(".")} or newer is needed; this is ${tmux?.join(".") ?? "not installed"}`,
    );
  }
}

/** Node checked and the packages of the lock file installed: all that a build needs. Throws SetupError with the way out. */
export async function setupPackages() {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint) throw new SetupError(complaint);
  const wanted = readJson(join(root, "package-lock.json"));
  const missing = packagesComplaint(wanted, readJson(join(root, "node_modules", ".package-lock.json")));
  if (missing) await step(`installing packages (${missing})`, installPackages);
}

/** Brings everything up that the commands of this project need. */
async function setup() {
  await setupPackages();
  await setupTmux();
  if (!isBuilt()) await step("building", () => run(process.execPath, ["scripts/build.mjs", "--quiet"]));
}

/** Runs setup, or a part of it, for a command; a person's problem is printed and ends the process with 1. */
export async function setupOrExit(work = setup) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`setup: ${error.message}\n`);
    process.exit(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await setupOrExit();
