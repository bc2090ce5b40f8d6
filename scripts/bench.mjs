// `npm run bench`: times whole commands against the floor they stand on, in turn (A B A B …), so that a drift of the
// machine's speed hits both alike. Only ratios between rows of one table mean something.
// Usage: node scripts/bench.mjs [--rounds N] [TABLE…]
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg } from "node:os";
import { tables } from "./bench-tables.mjs";
import { root } from "./freshness.mjs";
import { setupOrExit } from "./setup.mjs";

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds from start to end of one cold process. A row whose command fails is no measurement. */
function timeOnce({ name, command, cwd, env, input, allowed = [0] }) {
  const [program, ...args] = command;
  const started = process.hrtime.bigint();
  const result = spawnSync(program, args, { cwd, env, input: input ?? "", stdio: "pipe", maxBuffer: 1 << 28 });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  if (!allowed.includes(result.status))
    throw new Error(`${name}: exit ${result.status}\n${result.stderr}${result.error ?? ""}`);
  return milliseconds;
}

/** Every row once per round; the first round is not counted. */
async function measure(rows, rounds) {
  const times = rows.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, row] of rows.entries()) {
      await row.before?.();
      const milliseconds = timeOnce(row);
      if (round > 0) times[index].push(milliseconds);
    }
  }
  return rows.map(({ name }, index) => ({ name, times: times[index] }));
}

function print(title, measured) {
  console.log(`\n${title}`);
  const base = median(measured[0].times);
  for (const { name, times } of measured) {
    const figures = [median(times), Math.min(...times), Math.max(...times)].map((one) => one.toFixed(1));
    const ratio = (median(times) / base).toFixed(2);
    console.log(`  ${name.padEnd(48)} ${figures[0].padStart(8)} ms  (${figures[1]} … ${figures[2]})  x ${ratio}`);
  }
}

function parseArguments(words) {
  const at = words.indexOf("--rounds");
  const rounds = at >= 0 ? Number(words[at + 1]) : 15;
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds wants a whole number from 1");
  const names = at >= 0 ? words.toSpliced(at, 2) : words;
  const unknown = names.filter((name) => !(name in tables));
  if (unknown.length > 0)
    throw new Error(`no such table: ${unknown.join(", ")} (there are ${Object.keys(tables).join(", ")})`);
  return { rounds, chosen: names.length > 0 ? names : Object.keys(tables) };
}

const { rounds, chosen } = parseArguments(process.argv.slice(2));
await setupOrExit();
console.log(`Node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? "unknown processor"}`);
console.log(`load ${loadavg()[0].toFixed(2)}, ${rounds} rounds in turn, medians (min … max), ratio to the first row`);
for (const name of chosen) {
  const table = await tables[name](root);
  try {
    print(table.title, await measure(table.rows, table.rounds ?? rounds));
  } finally {
    await table.close?.();
  }
}
