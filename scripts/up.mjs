// `npm run up`: from a fresh clone to a live fleet. Sets the clone up, applies the fleet of this repository with the
// settings of demo/ (a plain shell in every session, a tmux server of its own), and shows how it stands.
// `npm run down` ends the sessions again. Nothing outside the clone is touched.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./freshness.mjs";
import { setupOrExit } from "./setup.mjs";

const CONFIG = "demo/rollcall.config.yaml";

function rollcall(args, stdio = "inherit") {
  const words = [join("dist", "rollcall.cjs"), "--config", CONFIG, ...args];
  return spawnSync(process.execPath, words, { cwd: root, stdio: ["ignore", stdio, "inherit"], encoding: "utf8" });
}

/** The status document of the demo fleet, or null when it cannot be had. */
function readStatus() {
  const { stdout } = rollcall(["status", "-o", "json"], "pipe");
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

/** The hooks are run and seen to block before a session needs them: that is what this line says. */
function provenText(agents) {
  const open = agents.filter(({ notes }) => notes.includes("unproven")).map(({ agent }) => agent);
  if (open.length === 0) return `${agents.length} hooks proven.`;
  return `${open.length} of ${agents.length} hooks not proven (${open.join(", ")}): rollcall doctor says why.`;
}

function up() {
  const applied = rollcall(["apply", "--yes"]);
  const shown = rollcall(["status"]);
  const agents = readStatus()?.agents ?? [];
  console.log(`\n${provenText(agents)}`);
  const first = agents.find((agent) => agent.session !== null)?.agent;
  if (first) {
    console.log(`Look at an agent:  node dist/rollcall.cjs --config ${CONFIG} attach ${first}   (leave with Ctrl-b d)`);
    console.log("End the sessions:  npm run down");
  }
  process.exitCode = applied.status || shown.status || 0;
}

function down() {
  const socket = readStatus()?.socket;
  if (!socket) {
    process.exitCode = 1;
    return;
  }
  const killed = spawnSync("tmux", ["-L", socket, "kill-server"], { stdio: ["ignore", "ignore", "pipe"] });
  console.log(killed.status === 0 ? `The sessions on ${socket} are ended.` : `No sessions run on ${socket}.`);
}

await setupOrExit();
if (process.argv.includes("--down")) down();
else up();
