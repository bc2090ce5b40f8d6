// The tables of `npm run bench`: each makes its world in a temporary folder and names the rows to be timed in it.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of this repository's fleet with a shell in every session, on a tmux server of its own. */
function openWorld(root) {
  const base = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const fleet = join(base, "fleet");
  for (const folder of ["desired", "templates"]) cpSync(join(root, folder), join(fleet, folder), { recursive: true });
  mkdirSync(join(base, "home"));
  writeFileSync(join(fleet, "rollcall.config.yaml"), "session:\n  command: [sh]\n");
  const socket = `bench-${process.pid}`;
  const env = { PATH: process.env.PATH, HOME: join(base, "home"), LANG: "C.UTF-8", TMUX_SOCKET_OVERRIDE: socket };
  const rollcall = (...args) => [process.execPath, join(root, "dist", "rollcall.cjs"), ...args];
  return {
    fleet,
    env,
    rollcall,
    run: (...args) => execFileSync(process.execPath, rollcall(...args).slice(1), { cwd: fleet, env, stdio: "pipe" }),
    close: () => {
      try {
        execFileSync("tmux", ["-L", socket, "kill-server"], { env, stdio: "ignore" });
      } catch {
        // no server was started
      }
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** `plan` with nothing to do, 26 agents with live sessions, against a Node that does nothing. */
function planInSync(root) {
  const world = openWorld(root);
  world.run("apply", "--yes");
  const at = { cwd: world.fleet, env: world.env };
  return {
    title: "plan, nothing to do, 26 agents with live sessions",
    rows: [
      { name: "node -e 0", command: [process.execPath, "-e", "0"], ...at },
      { name: "rollcall plan --detailed-exitcode", command: world.rollcall("plan", "--detailed-exitcode"), ...at },
      {
        name: "rollcall plan --files-only",
        command: world.rollcall("plan", "--files-only", "--detailed-exitcode"),
        ...at,
      },
      { name: "rollcall --help", command: world.rollcall("--help"), ...at },
    ],
    close: world.close,
  };
}

export const tables = { plan: planInSync };
