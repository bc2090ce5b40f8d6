// The gate, `npm run check`: everything that has to hold before a change is taken. One line per step; the output of
// a step is shown only when it failed.
// Usage: node scripts/check.mjs [--without-tests] [STEP…]
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { root } from "./freshness.mjs";
import { setupOrExit } from "./setup.mjs";

const bin = (name) => `node_modules/.bin/${name}`;
const node = process.execPath;

/** The long ones first: the short ones fill the gaps. */
const STEPS = [
  { name: "tests", command: [node, "node_modules/vitest/vitest.mjs", "run", "--project=unit", "--project=scenario"] },
  { name: "types", command: [bin("tsc"), "--noEmit"] },
  { name: "knip", command: [bin("knip"), "--no-progress"] },
  { name: "imports", command: [bin("depcruise"), "--config", ".dependency-cruiser.cjs", "src", "scripts", "test"] },
  { name: "lint", command: [bin("biome"), "check", "--error-on-warnings"] },
  { name: "sizes", command: [node, "scripts/check-sizes.mjs"] },
  { name: "names", command: [node, "scripts/check-names.mjs"] },
  { name: "generated", command: [node, "scripts/generate-docs.mjs", "--check"] },
  { name: "changes", command: [node, "scripts/changelog.mjs", "--check"] },
  { name: "package", command: [bin("publint"), "run", "--strict"] },
  { name: "client", command: [node, "scripts/client-table.mjs", "--check"] },
];

/** Runs one step; its output is kept, not shown. */
function runStep({ name, command }) {
  const started = performance.now();
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const said = [];
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    const end = (ok) =>
      resolve({ name, ok, seconds: (performance.now() - started) / 1000, said: Buffer.concat(said).toString() });
    child.stdout.on("data", (bytes) => said.push(bytes));
    child.stderr.on("data", (bytes) => said.push(bytes));
    child.on("error", (error) => {
      said.push(Buffer.from(String(error)));
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

function show({ name, ok, seconds, said }) {
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s`);
  if (!ok) console.log(`${said.trimEnd().replace(/^/gm, "    ")}\n`);
}

/** Works a queue with as many workers as there are processors; true when every step was ok. */
async function runAll(steps) {
  const queue = [...steps];
  let allOk = true;
  const worker = async () => {
    for (let step = queue.shift(); step; step = queue.shift()) {
      const result = await runStep(step);
      show(result);
      allOk &&= result.ok;
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return allOk;
}

function choose(words) {
  const names = words.filter((word) => !word.startsWith("-"));
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(", ")}`);
  const chosen = names.length > 0 ? STEPS.filter((step) => names.includes(step.name)) : STEPS;
  return words.includes("--without-tests") ? chosen.filter((step) => step.name !== "tests") : chosen;
}

const steps = choose(process.argv.slice(2));
await setupOrExit();
const started = performance.now();
const ok = await runAll(steps);
console.log(`${ok ? "all ok" : "not ok"} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exitCode = ok ? 0 : 1;
