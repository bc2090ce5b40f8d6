// Builds dist/ before the first test that runs the built command, and only when the sources have changed since.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Called by vitest once per project that names this file. */
export default function buildOnce(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync(process.execPath, ["scripts/build.mjs", "--if-stale", "--quiet"], { cwd: root, stdio: "inherit" });
}
