// Every case of the data files against the rendered executables: a hundred of them are started, so this is no unit test.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestBytes } from "../../src/delta/digest.ts";
import { PROBE_SCRIPT } from "../../src/kinds/hook/batch-probe.ts";
import { HOSTILE_BASH } from "../guard/cases/hostile-bash.ts";
import { ORDINARY_BASH } from "../guard/cases/ordinary-bash.ts";
import { ALLOWED, REFUSED } from "../guard/cases/paths.ts";
import {
  type Answer,
  type Ask,
  callText,
  type HookFixture,
  homeOf,
  openHookFixture,
  run,
} from "../support/hook-fixture.ts";

let yard: HookFixture;
beforeAll(() => {
  yard = openHookFixture();
});
afterAll(() => yard.close());

const PATH = process.env["PATH"] ?? "";

interface Known extends Ask {
  readonly agent: string;
  readonly refused: boolean;
}

/** Every case of the data files as a call. */
function everyCase(): Known[] {
  const fill = (text: string): string => text.replaceAll("$ROOT", yard.root).replaceAll("$HOME", homeOf(yard));
  const at = (cwd: string | undefined): string => path.join(yard.root, cwd ?? ".");
  const bash = ([list, refused]: readonly [typeof HOSTILE_BASH, boolean]): Known[] =>
    list.flatMap(({ agent, cwd, commands }) =>
      commands.map((command) => ({
        agent,
        refused,
        tool: "Bash",
        input: { command: command.replaceAll("$ROOT", yard.root) },
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
      const at = yard.hookOf(agent);
      return {
        path: at,
        digest: digestBytes(fs.readFileSync(at)),
        calls: cases.filter((one) => one.agent === agent).map(callText),
      };
    });
    const env = { PATH, HOME: homeOf(yard) };
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
    const env = { PATH, HOME: homeOf(yard) };
    const wrong: string[] = [];
    const lane = async (): Promise<void> => {
      for (let one = sample.pop(); one !== undefined; one = sample.pop()) {
        const answer: Answer = await run(yard.hookOf(one.agent), callText(one), { env });
        if (answer.code !== (one.refused ? 2 : 0) || answer.stdout !== "")
          wrong.push(`${told(one)} → ${answer.code} ${answer.stderr}`);
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    expect(wrong).toEqual([]);
  }, 60_000);
});
