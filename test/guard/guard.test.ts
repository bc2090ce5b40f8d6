// The guard on shell commands: what an agent tries, what it does all day. The cases are data; here they are asked.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, type HookFixture, openHookFixture } from "../support/hook-fixture.ts";
import { processorSeconds } from "../support/processor-time.ts";
import { type BashCases, HOSTILE_BASH } from "./cases/hostile-bash.ts";
import { ORDINARY_BASH } from "./cases/ordinary-bash.ts";

let yard: HookFixture;
beforeAll(() => {
  yard = openHookFixture();
});
afterAll(() => yard.close());

function reasonFor({ agent, cwd }: BashCases, command: string): string | null {
  const at = cwd === "." ? yard.root : `${yard.root}/${cwd}`;
  return ask(yard, agent, { tool: "Bash", input: { command: command.replaceAll("$ROOT", yard.root) }, cwd: at });
}

describe.each(HOSTILE_BASH)("$agent in $cwd does not get through with", (group) => {
  it.each(group.commands)("%s", (command) => {
    const reason = reasonFor(group, command);
    expect(reason).not.toBeNull();
    expect(reason).not.toContain("error in the guard");
    expect(reason).not.toContain("\n");
  });
});

describe.each(ORDINARY_BASH)("$agent in $cwd may go on with", (group) => {
  it.each(group.commands)("%s", (command) => {
    expect(reasonFor(group, command)).toBeNull();
  });
});

describe("the number of cases", () => {
  it("is what the promise of the guard rests on", () => {
    const count = (list: readonly BashCases[]): number => list.flatMap((group) => group.commands).length;
    expect(count(HOSTILE_BASH)).toBeGreaterThan(250);
    for (const role of ["backend-agent", "planning-agent", "test-writer-agent", "qa-agent"]) {
      expect(count(ORDINARY_BASH.filter((group) => group.agent === role))).toBeGreaterThanOrEqual(50);
    }
  });
});

describe("a refusal names whom to ask", () => {
  it.each([
    ["backend-agent", "rm -rf tests", "ask test-writer-agent"],
    ["backend-agent", "touch frontend/x.tsx", "ask frontend-agent"],
    ["planning-agent", "touch src/x.ts", "ask backend-agent"],
    ["backend-agent", "rm -rf state", "ask the person who runs rollcall"],
  ])("%s, %s: %s", (agent, command, whom) => {
    expect(reasonFor({ agent, cwd: ".", commands: [] }, command)).toContain(whom);
  });
});

/** Seconds that the client waits for a hook. */
const PATIENCE = 10;

describe("a command that is hard to read", () => {
  const backend: BashCases = { agent: "backend-agent", cwd: ".", commands: [] };
  it.each([
    ["nested a thousand deep", `${"$(".repeat(1000)}rm -rf tests${")".repeat(1000)}`],
    ["braces that multiply", `touch ${"{tests/,src/}".repeat(40)}x`],
    ["a word of 200,000 letters", `rm -rf ${"a/../".repeat(40_000)}tests`],
    ["unclosed quotes", "rm -rf tests 'unclosed"],
    ["a here-document without an end", "bash <<EOF\nrm -rf tests\n"],
    ["a here-document whose end is a variable", "cat <<$X\n$X\nrm -rf tests\n"],
    ["more than a megabyte", `rm -rf tests # ${"x".repeat(1 << 20)}`],
    ["an odd parenthesis", "rm -rf tests )"],
  ])("is refused in good time: %s", async (_, command) => {
    const took = await processorSeconds(() => expect(reasonFor(backend, command)).not.toBeNull());
    expect(took).toBeLessThan(PATIENCE);
  });

  it.each([
    ["a long here-document", `cat > src/big.ts <<'EOF'\n${"// tests/ and more\n".repeat(20_000)}EOF`],
    ["many commands", "touch src/a.ts; ".repeat(2000)],
    ["deep but harmless", `${"(".repeat(10)}ls${")".repeat(10)}`],
  ])("goes through in good time when it is harmless: %s", async (_, command) => {
    const took = await processorSeconds(() => expect(reasonFor(backend, command)).toBeNull());
    expect(took).toBeLessThan(PATIENCE);
  });
});
