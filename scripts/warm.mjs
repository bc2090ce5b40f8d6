// Keeps the code V8 compiled of the program while it made a plan: what is compiled once here, no start compiles again.
// Usage: node scripts/warm.mjs <launcher> <file to write>   (the build calls it)
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [launcher, target] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "rollcall-build-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// A fleet of its own, in sync, with a home and a tmux server that nobody else has (and that is never started).
const home = join(folder, "home");
mkdirSync(home);
const env = { PATH: process.env.PATH, HOME: home, TMUX_TMPDIR: home, TMUX_SOCKET_OVERRIDE: "rollcall-build" };
const fleet = join(folder, "fleet");
for (const args of [
  ["init", fleet],
  ["--chdir", fleet, "apply", "--yes", "--files-only"],
]) {
  execFileSync(process.execPath, [launcher, ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
}

// The same plan a user would make, in this process, whose script can then be asked for its code.
for (const name of Object.keys(process.env)) delete process.env[name];
Object.assign(process.env, env);
process.chdir(fleet);
process.argv = [process.execPath, launcher, "plan"];
process.stdout.write = () => true;
process.stderr.write = () => true;
const { core, script } = createRequire(import.meta.url)(launcher).openCore();
process.on("exit", (status) => {
  if (status !== 0) return;
  writeFileSync(`${target}.${process.pid}.tmp`, script.createCachedData());
  renameSync(`${target}.${process.pid}.tmp`, target);
});
await core.rollcall();
