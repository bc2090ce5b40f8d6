// What stories of the hooks' Node share: folders for a PATH with a node of their own, and a terminal to run the command at.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS, type Project } from "./project-fixture.ts";

/** The Node that runs the tests, by its real path. */
export const NODE = realpathSync(process.execPath);
export const canPlay = spawnSync("script", ["--version"]).status === 0;

/** A folder with the tools a run needs and, as `node`, a script; nothing else is on a PATH of it alone. */
export function binWith(project: Project, name: string, script: string | null): string {
  const folder = join(project.home, name);
  mkdirSync(folder);
  for (const tool of ["sh", "bash", "tmux", "cat", "env", "git", "stty"]) {
    const found = spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8", env: project.env }).stdout.trim();
    if (found !== "") symlinkSync(found, join(folder, tool));
  }
  if (script !== null) {
    execFileSync("sh", [
      "-c",
      'printf "%s" "$1" >"$2" && chmod +x "$2"',
      "x",
      `#!/bin/sh\n${script}\n`,
      join(folder, "node"),
    ]);
  }
  return folder;
}

/** A script that is that Node under another path. */
export const NODE_OF_ITS_OWN = `exec '${NODE}' "$@"`;

/** Runs the command at a terminal. */
export function atTerminal(
  project: Project,
  args: readonly string[],
  path: string,
): Promise<{ code: number | null; screen: string }> {
  const words = [process.execPath, COMMANDS.rollcall, ...args].map((word) => `'${word}'`).join(" ");
  const env = { ...project.env, PATH: path, TERM: "xterm", SHELL: "/bin/sh" };
  const child = spawn("/usr/bin/script", ["-qec", words, "/dev/null"], { cwd: project.root, env, timeout: 60_000 });
  let screen = "";
  child.stdout.on("data", (bytes: Buffer) => {
    screen += bytes.toString().replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
  });
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, screen }));
  });
}
