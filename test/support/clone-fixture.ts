// A clone in miniature: our scripts and settings beside sources that a story makes up, so that the gate can be seen
// to bite.
import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const SETTINGS = ["package.json", "package-lock.json", "tsconfig.json", "biome.json", ".dependency-cruiser.cjs"];

export interface Clone {
  readonly root: string;
  /** Runs a command in the clone with nothing but a PATH in its environment. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): SpawnSyncReturns<string>;
}

/** Makes the clone with these files on top; `packages`: whether node_modules is there. Removed after the test. */
export function openClone(files: Readonly<Record<string, string>>, { packages = true } = {}): Clone {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-clone-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(join(repository, "scripts"), join(root, "scripts"), { recursive: true });
  for (const file of SETTINGS) cpSync(join(repository, file), join(root, file));
  if (packages) symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: root });
  execFileSync("git", ["add", "-A"], { cwd: root });
  const path = process.env["PATH"] ?? "";
  return {
    root,
    run: ([program = "", ...args], env = {}) =>
      spawnSync(program, args, { cwd: root, env: { PATH: path, ...env }, encoding: "utf8", input: "" }),
  };
}
