// Every case of the data files against the rendered executables; and what asking one costs.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestBytes } from "../../src/delta/digest.ts";
import { PROBE_SCRIPT } from "../../src/kinds/hook/batch-probe.ts";
import {
  type Answer,
  type Ask,
  callText,
  type HookFixture,
  homeOf,
  openHookFixture,
  run,
} from "../support/hook-fixture.ts";
import { HOSTILE_BASH } from "./cases/hostile-bash.ts";
import { ORDINARY_BASH } from "./cases/ordinary-bash.ts";
import { ALLOWED, REFUSED } from "./cases/paths.ts";

let fixture: HookFixture;
beforeAll(() => {
  fixture = openHookFixture();
});
afterAll(() => fixture.close());

const PATH = process.env["PATH"] ?? "";

interface Known extends Ask {
  readonly agent: string;
  readonly refused: boolean;
}

/** Every case of the data files as a call. */
function everyCase(): Known[] {
  const fill = (text: string): string => text.replaceAll("$ROOT", fixture.root).replaceAll("$HOME", homeOf(fixture));
  const at = (cwd: string | undefined): string => path.join(fixture.root, cwd ?? ".");
  const bash = ([list, refused]: readonly [typeof HOSTILE_BASH, boolean]): Known[] =>
    list.flatMap(({ agent, cwd, commands }) =>
      commands.map((command) => ({
        agent,
        refused,
        tool: "Bash",
        input: { command: command.replaceAll("$ROOT", fixture.root) },
        cwd: at(cwd),
      })),
    );
  const tools = ([list, refused]: readonly [typeof REFUSED, boolean]): Known[] =>
    list.map(({ agent, tool, input, cwd }) => ({
      agent,
      refused,
      tool,
      input: Object.fromEntries(Object.entries(input).map(([key, value]) => [key, fill(value)])),
      cwd: at(cwd),
    }));
  return [
    ...bash([HOSTILE_BASH, true]),
    ...bash([ORDINARY_BASH, false]),
    ...tools([REFUSED, true]),
    ...tools([ALLOWED, false]),
  ];
}

const told = (one: Known): string => `${one.agent}: ${one.tool} ${JSON.stringify(one.input)}`;

describe("all cases of the data files", () => {
  it("are answered by the program inside the executables as by the guard's source", () => {
    const cases = everyCase();
    const agents = [...new Set(cases.map((one) => one.agent))];
    const jobs = agents.map((agent) => {
      const at = fixture.hookOf(agent);
      return {
        path: at,
        digest: digestBytes(fs.readFileSync(at)),
        calls: cases.filter((one) => one.agent === agent).map(callText),
      };
    });
    const env = { PATH, HOME: homeOf(fixture) };
    const out = execFileSync(process.execPath, ["-e", PROBE_SCRIPT.replace("env: {}", "env: process.env")], {
      input: JSON.stringify(jobs),
      encoding: "utf8",
      env,
      maxBuffer: 1 << 24,
    });
    const ends: readonly (readonly (number | null)[])[] = JSON.parse(out);
    const wrong = agents.flatMap((agent, index) =>
      cases
        .filter((one) => one.agent === agent)
        .filter((one, nth) => ends[index]?.[nth] !== (one.refused ? 2 : 42))
        .map(told),
    );
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThan(1000);
  }, 60_000);

  it("and, every fifteenth of them, by the executables started for real", async () => {
    const sample = everyCase().filter((_, nth) => nth % 15 === 0);
    const env = { PATH, HOME: homeOf(fixture) };
    const wrong: string[] = [];
    const worker = async (): Promise<void> => {
      for (let one = sample.pop(); one !== undefined; one = sample.pop()) {
        const answer: Answer = await run(fixture.hookOf(one.agent), callText(one), { env });
        if (answer.code !== (one.refused ? 2 : 0) || answer.stdout !== "")
          wrong.push(`${told(one)} → ${answer.code} ${answer.stderr}`);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(wrong).toEqual([]);
  }, 60_000);
});

describe("its cost", () => {
  it("is measured in turn with a bare Node (printed, not judged: the machine is shared)", () => {
    const time = (start: () => void): number => {
      const from = performance.now();
      start();
      return performance.now() - from;
    };
    const call = callText({ tool: "Bash", input: { command: "npm test" }, cwd: fixture.root });
    const env = { PATH };
    const bare: number[] = [];
    const asked: number[] = [];
    for (let round = 0; round < 9; round++) {
      bare.push(time(() => execFileSync(process.execPath, ["-e", "0"], { env })));
      asked.push(time(() => execFileSync(fixture.hookOf("backend-agent"), { input: call, env })));
    }
    const median = (list: number[]): number => list.sort((a, b) => a - b)[4] ?? 0;
    const [floor, cost] = [median(bare), median(asked)];
    process.stdout.write(
      `hook ${cost.toFixed(1)} ms, node -e 0 ${floor.toFixed(1)} ms: ratio ${(cost / floor).toFixed(2)}\n`,
    );
    expect(cost).toBeGreaterThan(0);
  });
});
