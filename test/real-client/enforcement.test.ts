// The real client in the folders of five agents: what they may do runs, what they may not is denied, whatever way it is
// asked for and whatever was done to the folder. Verdicts from the client's tool results and from the disk.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { findClient } from "../support/client.ts";
import { CASES } from "../support/client-cases.ts";
import { type Judged, judgeAgent } from "../support/client-fixture.ts";
import { tablePage } from "../support/client-table.ts";

const AT_ONCE = 2;
const page = fileURLToPath(new URL("../../docs/enforcement.md", import.meta.url));
const judged: Judged[] = [];

beforeAll(async () => {
  const client = findClient();
  const agents = [...new Set(CASES.map((one) => one.agent))];
  const worker = async (): Promise<void> => {
    for (let agent = agents.shift(); agent !== undefined; agent = agents.shift()) {
      const mine = CASES.filter((one) => one.agent === agent);
      judged.push(...(await judgeAgent(client, agent, mine)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}, 600_000);

describe.for([...new Set(CASES.map((one) => one.agent))])("%s", (agent) => {
  test.for(CASES.filter((one) => one.agent === agent))("$arrangement: $what $expect", (one) => {
    const found = judged.find((other) => other.case === one);
    if (!found) return expect.fail("the real client never played it");
    const { verdict, effect, ready, text, control } = found;
    const expected = one.expect === "runs" ? "ran" : "denied";
    expect({ verdict, effect, ready }, text).toEqual({ verdict: expected, effect: expected === "ran", ready: true });
    if (one.expect === "runs") return;
    if (!control) return expect.fail("it was not played without .claude");
    const { verdict: freely, effect: trace } = control;
    expect({ freely, trace }, `without .claude: ${control.text}`).toEqual({ freely: "ran", trace: true });
  });
});

test("every listed case was played in the real client", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(235);
  expect(judged.map((one) => one.case)).toHaveLength(CASES.length);
  expect(new Set(CASES.map(({ agent, arrangement, what }) => `${agent} ${arrangement} ${what}`)).size).toBe(
    CASES.length,
  );
});

test("docs/enforcement.md says what was seen here", () => {
  const text = tablePage(CASES.flatMap((one) => judged.filter((other) => other.case === one)));
  if (process.env["ROLLCALL_CLIENT_TABLE"] === "write") writeFileSync(page, text);
  expect(readFileSync(page, "utf8"), "npm run client-table writes it").toBe(text);
});
