// Has docs/enforcement.md written by the tests that run the real client, or (--check, without a client) holds the page
// against the list of cases: every listed case has its row, seen as it was expected, and there is no other row.
// Usage: node scripts/client-table.mjs [--check]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "./freshness.mjs";

const PAGE = "docs/enforcement.md";
const DATA =
  'export { CASES } from "./test/support/client-cases.ts"; export { rowHead } from "./test/support/client-table.ts";';

async function loadCases() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-table-"));
  try {
    const outfile = join(folder, "cases.mjs");
    const stdin = { contents: DATA, resolveDir: root, loader: "ts" };
    await build({ absWorkingDir: root, stdin, outfile, bundle: true, format: "esm", platform: "node" });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is wrong with the page, as sentences. */
function complaints(page, { CASES, rowHead }) {
  const agents = [...new Set(CASES.map((one) => one.agent))];
  const sections = new Map(page.split(/^## /m).map((text) => [text.split("\n", 1)[0], text.split("\n")]));
  return agents.flatMap((agent) => {
    const rows = (sections.get(agent) ?? []).filter((line) => line.startsWith("| ")).slice(1);
    const wanted = CASES.filter((one) => one.agent === agent).map(
      (one) => `${rowHead(one)} ${one.expect === "runs" ? "ran" : "denied"} |`,
    );
    const missing = wanted.filter((head, index) => !rows[index]?.startsWith(head));
    const extra = rows.length > wanted.length ? [`${agent}: ${rows.length - wanted.length} rows too many`] : [];
    return [...missing.map((head) => `${agent}: no row ${head}`), ...extra];
  });
}

if (process.argv.includes("--check")) {
  const wrong = complaints(readFileSync(join(root, PAGE), "utf8"), await loadCases());
  for (const line of wrong.slice(0, 20)) console.error(line);
  if (wrong.length > 0) console.error(`${PAGE} is stale: npm run client-table`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} else {
  const words = ["node_modules/vitest/vitest.mjs", "run", "--project=client"];
  const env = { ...process.env, ROLLCALL_CLIENT_TABLE: "write" };
  process.exitCode = spawnSync(process.execPath, words, { cwd: root, env, stdio: "inherit" }).status ?? 1;
}
