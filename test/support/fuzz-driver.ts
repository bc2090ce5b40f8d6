// The command, run again and again in one process: what a thousand mutated projects need to be quick. Asked by message
// for one call at a time; answers how it ended, what it cost, and whether a prototype was touched.
import process from "node:process";
import { main } from "../../src/cli/main.ts";
import { rollcallProgram } from "../../src/cli/program.ts";

export interface Question {
  readonly argv: readonly string[];
  readonly cwd: string;
}

export interface Answer {
  readonly code: number;
  /** Milliseconds of processor time. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  /** Names that stand on a prototype now and did not before. */
  readonly polluted: readonly string[];
}

const [node = "", script = ""] = process.argv;
const PROTOTYPES = {
  Object: Object.prototype,
  Array: Array.prototype,
  String: String.prototype,
  Function: Function.prototype,
};

function namesOnPrototypes(): string[] {
  return Object.entries(PROTOTYPES).flatMap(([owner, prototype]) =>
    Reflect.ownKeys(prototype).map((name) => `${owner}.${String(name)}`),
  );
}

const before = new Set(namesOnPrototypes());

async function call({ argv, cwd }: Question): Promise<Answer> {
  process.chdir(cwd);
  process.argv = [node, script, ...argv];
  process.exitCode = undefined;
  const start = process.cpuUsage();
  await main(rollcallProgram);
  const { user, system } = process.cpuUsage(start);
  const polluted = namesOnPrototypes().filter((name) => !before.has(name));
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { code, cpu: (user + system) / 1000, rss: process.memoryUsage.rss(), polluted };
}

for (const stream of [process, process.stdout, process.stderr]) stream.setMaxListeners(0);
process.on("message", (question: Question) => {
  call(question).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error("the driver itself failed:", error);
      process.exit(70);
    },
  );
});
process.send?.("ready");
