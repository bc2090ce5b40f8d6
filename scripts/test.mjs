// `npm test` (unit and scenario) and `npm run test:all`: makes the clone ready, runs tests, ends with one plain line of counts.
// Usage: node scripts/test.mjs [VITEST ARGUMENT…]   (--project unit, a file name, …; without arguments every test)
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./freshness.mjs";
import { setupOrExit } from "./setup.mjs";

/**
 * Counts of a report in vitest's JSON form. A file that could not be loaded has no tests to count and is one failure;
 * so is a run that ended badly with nothing else to show for it (an unhandled error), and a run without a test.
 */
export function countTests(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const failedBefore = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counts.passed += 1;
      else if (status === "failed") counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === "failed" && counts.failed === failedBefore) counts.failed += 1;
  }
  const bad = exitCode !== 0 || counts.passed + counts.failed === 0;
  if (bad && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** The closing line: `N passed, N failed`, and `, N skipped` when there are any. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function vitest(args, outputFile) {
  const words = ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json"];
  const child = spawn(process.execPath, [...words, `--outputFile.json=${outputFile}`, ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve) => {
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

async function main() {
  await setupOrExit();
  const folder = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  const outputFile = join(folder, "report.json");
  const code = await vitest(process.argv.slice(2), outputFile);
  const counts = countTests(readReport(outputFile), code);
  rmSync(folder, { recursive: true, force: true });
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
