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

/** One call that the hook allows, as the client asks before every tool it uses. */
function hookCall(root) {
  const world = openWorld(root);
  world.run("apply", "--yes", "--files-only");
  const agent = join(world.fleet, "agents", "backend-agent");
  const call = { hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command: "npm test" }, cwd: agent };
  const at = { cwd: agent, env: world.env };
  return {
    title: "one call of an agent's hook",
    rows: [
      { name: "node -e 0", command: [process.execPath, "-e", "0"], ...at },
      { name: "the hook", command: [".claude/hooks/auto-deny"], input: JSON.stringify(call), ...at },
    ],
    close: world.close,
  };
}

/** A registry folder of so many agents, 500 in a file; each may start one other agent. */
function writeRegistry(folder, agents) {
  mkdirSync(folder, { recursive: true });
  for (let part = 0; part < agents / 500; part++) {
    const entries = Array.from({ length: 500 }, (_, at) => {
      const nth = part * 500 + at;
      const name = `agent-${nth}`;
      const lists = { delegates_to: [`agent-${(nth * 7 + 1) % agents}`], cannot_access: ["src/**"] };
      const described = { name, display_name: name, description: `Does the work of ${name}` };
      const duties = { responsibilities: ["Its own work"], forbidden: ["The work of others"] };
      return [name, { ...described, model: "opus", tools: ["Read", "Task"], ...duties, ...lists }];
    });
    writeFileSync(join(folder, `${part}.yaml`), JSON.stringify({ agents: Object.fromEntries(entries) }, null, 1));
  }
}

/** Ten times the agents are about ten times the work: no step looks at all the other agents. */
function manyAgents(root) {
  const base = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const rows = [1_000, 10_000].map((agents) => {
    const fleet = join(base, `${agents}`);
    cpSync(join(root, "templates"), join(fleet, "templates"), { recursive: true });
    writeRegistry(join(fleet, "desired", "registry"), agents);
    writeFileSync(join(fleet, "desired", "fleet.yaml"), "version: 1\nname: many\n");
    const env = { PATH: process.env.PATH, HOME: base, LANG: "C.UTF-8" };
    const command = [process.execPath, join(root, "dist", "rollcall.cjs"), "--no-cache", "validate"];
    return { name: `${agents} agents`, command, cwd: fleet, env };
  });
  const title = "rollcall validate: ten times the agents, about ten times as long";
  return { title, rows, rounds: 5, close: () => rmSync(base, { recursive: true, force: true }) };
}

export const tables = { plan: planInSync, hook: hookCall, agents: manyAgents };
