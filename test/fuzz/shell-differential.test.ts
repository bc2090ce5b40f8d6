// Generated shell scripts: every command that another parser, or bash itself, finds is judged by the guard, or the script is refused.
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decide } from "../../src/guard/decide.ts";
import { compilePolicy } from "../../src/kinds/hook/policy.ts";
import { ORDINARY_BASH } from "../guard/cases/ordinary-bash.ts";
import { type HookFixture, homeOf, openHookFixture, realDisk } from "../support/hook-fixture.ts";
import { bashDeletes } from "../support/run-bash.ts";
import { oracle, type Planted, plantedInto, plantedScript } from "../support/shell-grammar.ts";

/** `ROLLCALL_SHELL_CASES=200000` tries that many; `ROLLCALL_SHELL_SEED` repeats a run. */
const CASES = Number(process.env["ROLLCALL_SHELL_CASES"] ?? 600);
const SEED = Number(process.env["ROLLCALL_SHELL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Every so many scripts one is given to bash. */
const TO_BASH = 30;

let yard: HookFixture;
let judge: (command: string) => string | null;
beforeAll(() => {
  yard = openHookFixture();
  const agent = yard.fleet.agents.find((one) => one.name === "backend-agent");
  if (agent === undefined) throw new Error("no backend agent");
  const policy = compilePolicy(agent, yard.fleet);
  const disk = realDisk(homeOf(yard));
  judge = (command) =>
    decide(
      { tool_name: "Bash", tool_input: { command }, cwd: yard.root },
      { policy, root: yard.root, home: path.join(yard.root, policy.home), disk },
    );
});
afterAll(() => yard.close());

interface Figures {
  scripts: number;
  /** unbash finds the probe. */
  found: number;
  /** unbash could read it all, and with a harmless command in the probe's place: the guard refuses it all the same. */
  readable: number;
  refusedAnyway: number;
  /** Run by bash. */
  run: number;
}

interface Generated {
  readonly name: string;
  readonly scripts: fc.Arbitrary<Planted>;
  /** bash may run them. */
  readonly runs: boolean;
}

/** The guard refuses a script that runs the probe. Where unbash sees faults, bash decides; and now and then anyway. */
function isJudged({ script, harmless }: Planted, runs: boolean, figures: Figures): boolean {
  const { runsProbe, faulty } = oracle(script);
  figures.scripts += 1;
  if (runsProbe) figures.found += 1;
  if (!faulty) figures.readable += 1;
  if (!faulty && judge(harmless) !== null) figures.refusedAnyway += 1;
  if (judge(script) !== null) return true;
  if (runsProbe && !faulty) return false;
  if (!runs || (!runsProbe && figures.scripts % TO_BASH !== 0)) return true;
  figures.run += 1;
  // One that does not end by itself has done by then what it does, or is not found out this time.
  return !bashDeletes(script, { seconds: 2 });
}

function holds({ name, scripts, runs }: Generated): void {
  const figures: Figures = { scripts: 0, found: 0, readable: 0, refusedAnyway: 0, run: 0 };
  const property = fc.property(scripts, (planted) => isJudged(planted, runs, figures));
  fc.assert(property, { numRuns: CASES, seed: SEED });
  process.stdout.write(`${name} (ROLLCALL_SHELL_SEED=${SEED}): ${JSON.stringify(figures)}\n`);
  expect(figures.found).toBeGreaterThan(CASES / 4);
  // It does not hold by refusing everything.
  expect(figures.refusedAnyway).toBeLessThan(figures.readable / 4);
}

describe("a command that deletes a closed folder is refused", () => {
  it(
    "wherever a generated script runs it",
    () => holds({ name: "scripts", scripts: plantedScript, runs: true }),
    3_600_000,
  );

  it("wherever it is put into an ordinary command", () => {
    // Behind a cd the closed folder is another one.
    const commands = ORDINARY_BASH.flatMap((group) => group.commands).filter(
      (one) => judge(one) === null && !/\b(?:cd|pushd)\b/.test(one),
    );
    holds({ name: "ordinary commands", scripts: plantedInto(commands), runs: false });
  }, 3_600_000);
});
