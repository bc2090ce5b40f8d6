// `npm run mutation`: which changes of the engine and the guard no unit test notices. A report, not part of the gate.
// Stryker is no dependency of the project: it is installed into .cache/stryker/ when it is first asked for.
// Usage: node scripts/mutation.mjs [FILE…]   (default: src/engine and src/guard; a whole folder takes hours)
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { root } from "./freshness.mjs";
import { npmCommand, run, setupOrExit, setupPackages, step } from "./setup.mjs";

const VERSION = "9.6.1";
const PACKAGES = ["@stryker-mutator/core", "@stryker-mutator/vitest-runner"];
const ALL = ["src/engine/**/*.ts", "src/guard/**/*.ts"];
/** Relative to the clone, as Stryker and the tests in its copies of the clone want it. */
const HOME = ".cache/stryker";

function isInstalled(name) {
  const file = join(root, HOME, "node_modules", name, "package.json");
  return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version === VERSION;
}

/** Without its peer dependencies: vitest is that of the project, found in the folders above. */
function install() {
  mkdirSync(join(root, HOME), { recursive: true });
  const [command, ...first] = npmCommand();
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"];
  const names = PACKAGES.map((name) => `${name}@${VERSION}`);
  run(command, [...first, "install", ...quiet, "--prefix", join(root, HOME), ...names]);
}

/** Only the unit tests of these rooms, and of those only the files that import what is mutated. */
function writeConfigs(mutate) {
  const tests = { test: { include: ["test/{model,delta,engine,guard}/**/*.test.ts"], testTimeout: 60_000 } };
  const vitestConfig = join(root, HOME, "vitest.config.mjs");
  writeFileSync(vitestConfig, `export default ${JSON.stringify(tests, null, 2)};\n`);
  const config = {
    mutate,
    plugins: [join(root, HOME, "node_modules", "@stryker-mutator", "vitest-runner", "dist", "src", "index.js")],
    testRunner: "vitest",
    vitest: { configFile: vitestConfig, related: true },
    coverageAnalysis: "perTest",
    ignorePatterns: [".cache", "dist"],
    tempDirName: `${HOME}/tmp`,
    concurrency: availableParallelism(),
    timeoutMS: 30_000,
    reporters: ["clear-text", "html", process.stdout.isTTY ? "progress" : "progress-append-only"],
    clearTextReporter: { logTests: false, reportTests: false, allowEmojis: false },
    htmlReporter: { fileName: `${HOME}/report.html` },
    thresholds: { high: 80, low: 60, break: null },
  };
  const file = join(root, HOME, "stryker.config.json");
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  return file;
}

await setupOrExit(async () => {
  await setupPackages();
  if (!PACKAGES.every(isInstalled)) await step(`installing Stryker ${VERSION} into ${HOME}`, install);
});
const files = process.argv.slice(2);
const config = writeConfigs(files.length > 0 ? files : ALL);
const stryker = join(root, HOME, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
const { status } = spawnSync(process.execPath, [stryker, "run", config], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
