// Generated shell scripts: every command that another parser, or bash itself, finds is judged by the guard, or the script is refused.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decide } from "../../src/guard/decide.ts";
import { compilePolicy } from "../../src/kinds/hook/policy.ts";
import { type HookFixture, homeOf, openHookFixture, realDisk } from "../support/hook-fixture.ts";
import { oracle, type Planted, plantedInto, plantedScript } from "../support/shell-grammar.ts";
import { HOSTILE_SYNTAX } from "./cases/hostile-syntax.ts";
import { HOSTILE_VALUES } from "./cases/hostile-values.ts";
import { ORDINARY_BASH } from "./cases/ordinary-bash.ts";
import { ORDINARY_SYNTAX } from "./cases/ordinary-syntax.ts";

/** `ROLLCALL_SHELL_CASES=200000` tries that many; `ROLLCALL_SHELL_SEED` repeats a run. */
const CASES = Number(process.env["ROLLCALL_SHELL_CASES"] ?? 600);
const SEED = Number(process.env["ROLLCALL_SHELL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Every so many scripts one is given to bash. */
const TO_BASH = 30;

let fixture: HookFixture;
let judge: (command: string) => string | null;
beforeAll(() => {
  fixture = openHookFixture();
  const agent = fixture.fleet.agents.find((one) => one.name === "backend-agent");
  if (agent === undefined) throw new Error("no backend agent");
  const policy = compilePolicy(agent, fixture.fleet);
  const disk = realDisk(homeOf(fixture));
  judge = (command) =>
    decide(
      { tool_name: "Bash", tool_input: { command }, cwd: fixture.root },
      { policy, root: fixture.root, home: path.join(fixture.root, policy.home), disk },
    );
});
afterAll(() => fixture.close());

/**
 * Runs a script in bash in a folder of its own: whether the closed folder is gone then. Only for scripts whose every
 * command is known: they name nothing outside of that folder.
 */
function bashDeletes(script: string): boolean {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rollcall-shell-"));
  try {
    fs.mkdirSync(path.join(folder, "tests"));
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C.UTF-8" };
    // timeout leads a process group of its own.
    const { pid } = spawnSync("timeout", ["-s", "KILL", "2", "bash", "-c", script], { cwd: folder, env, input: "" });
    endGroup(pid);
    return !fs.existsSync(path.join(folder, "tests"));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends what a script left running in the background. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

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
  return !bashDeletes(script);
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

/** What the named cases claim was measured with this version. */
const isMeasured = spawnSync("bash", ["--version"], { encoding: "utf8" }).stdout.includes("version 5.2");

describe.runIf(isMeasured)("bash", () => {
  // `sh` is another shell on some machines.
  const hostile = [...HOSTILE_SYNTAX, ...HOSTILE_VALUES].filter((one) => !one.startsWith("sh "));

  it.each(hostile)("deletes the folder with %s", (script) => {
    expect(bashDeletes(script)).toBe(true);
  });

  it.each(ORDINARY_SYNTAX)("can read %s", (script) => {
    const options = script.includes("extglob") ? ["-O", "extglob"] : [];
    expect(spawnSync("bash", [...options, "-nc", script], { encoding: "utf8" }).stderr).toBe("");
  });
});
