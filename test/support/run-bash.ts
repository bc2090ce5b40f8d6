// Hostile scripts run by the real bash, in a folder of their own that nothing leaves.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * Runs a script in bash in a folder of its own: whether the closed folder is gone then. Only for scripts whose every
 * command is known: they name nothing outside of that folder. What runs longer than `seconds` is killed.
 */
export function bashDeletes(script: string, { seconds }: { readonly seconds: number }): boolean {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rollcall-shell-"));
  try {
    fs.mkdirSync(path.join(folder, "tests"));
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C.UTF-8" };
    // timeout leads a process group of its own.
    const words = ["-s", "KILL", `${seconds}`, "bash", "-c", script];
    const { pid } = spawnSync("timeout", words, { cwd: folder, env, input: "" });
    endGroup(pid);
    return !fs.existsSync(path.join(folder, "tests"));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends what a script left running in the background. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
