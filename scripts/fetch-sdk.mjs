// Fetches the client's own settings loader (its SDK, without the 380 MB binary) into .cache/ for the tests; there, it is reused.
// It is no devDependency: leaving out its optional packages would leave out those that our build tools ship their binaries in.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./freshness.mjs";

const NAME = "@anthropic-ai/claude-agent-sdk";
const VERSION = "0.3.330";

/** The path of the SDK's main module. Throws with npm's words when it cannot be fetched. */
export function fetchSdk() {
  const cache = join(root, ".cache");
  const folder = join(cache, `sdk-${VERSION}`);
  const main = join(folder, "node_modules", NAME, "sdk.mjs");
  if (existsSync(main)) return main;
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, "fetching-"));
  try {
    writeFileSync(join(temporary, "package.json"), '{ "private": true }\n');
    const words = [
      "install",
      "--ignore-scripts",
      "--omit=optional",
      "--no-audit",
      "--no-fund",
      "--engine-strict=false",
    ];
    const npm = spawnSync("npm", [...words, `${NAME}@${VERSION}`], { cwd: temporary, encoding: "utf8" });
    if (npm.status !== 0)
      throw new Error(`the client's SDK ${NAME}@${VERSION} is needed for these tests:\n${npm.stderr}`);
    if (!existsSync(main)) renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return main;
}
