// Saved plans mutated at random, also by somebody who can sign them anew: refused with 3, or just what was reviewed.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalJson, digestBytes } from "../../src/delta/digest.ts";
import type { Json } from "../../src/model/json.ts";
import { fleetFiles } from "../support/fleets.ts";
import { type FuzzFixture, type Outcome, openFuzzFixture } from "../support/fuzz-fixture.ts";
import { attack, jsonMutation, mutation } from "../support/fuzz-mutations.ts";

const SAVED = "saved.json";
let fixture: FuzzFixture;

/** One page was tampered with, settings are gone, and the plan that puts both right is saved. */
beforeAll(async () => {
  fixture = await openFuzzFixture({ files: fleetFiles() });
  fixture.spoil("agents/backend-agent/.claude/CLAUDE.md", "# Somebody else\n");
  fixture.project.remove("agents/planning-agent/.claude/settings.json");
  const saved = await fixture.ask(["plan", "--files-only", "--out", SAVED]);
  expect(saved.code, saved.stderr).toBe(0);
  fixture.keep();
});
afterAll(() => fixture.close());

/** Both ways to read it; where it is applied, nothing may be done but what was reviewed. */
async function applied(bytes: Buffer | string): Promise<Outcome> {
  fixture.spoil(SAVED, bytes);
  const shown = await fixture.ask(["show", SAVED, "-o", "json"]);
  const ran = await fixture.ask(["apply", "-y", "-o", "json", SAVED]);
  expect([0, 3], ran.stdout).toContain(ran.code);
  if (ran.code !== 0) return ran;
  expect(shown.code).toBe(0);
  const outcomes = (ran.document?.["outcomes"] ?? []) as { address: string; action: string }[];
  expect(outcomes.map(({ address, action }) => `${action} ${address}`).sort()).toEqual([
    "create config/planning-agent/.claude/settings.json",
    "update config/backend-agent/.claude/CLAUDE.md",
  ]);
  return ran;
}

test("its bytes: refused, unless it still says the same", async () => {
  const bytes = readFileSync(fixture.project.path(SAVED));
  const whole = canonicalJson(JSON.parse(bytes.toString("utf8")) as Json);
  await attack({
    values: mutation,
    check: async (one) => {
      const changed = one.of(bytes);
      const { code } = await applied(changed);
      expect(code).toBe(canonical(changed) === whole ? 0 : 3);
    },
    mend: fixture.mend,
  });
});

function canonical(bytes: Buffer): string | undefined {
  try {
    return canonicalJson(JSON.parse(bytes.toString("utf8")) as Json);
  } catch {
    return undefined;
  }
}

test("its values, signed anew or not: refused, or nothing is done but what was reviewed", async () => {
  const document = JSON.parse(fixture.project.read(SAVED)) as Json;
  await attack({
    values: fc.tuple(fc.array(jsonMutation, { minLength: 1, maxLength: 3 }), fc.boolean()),
    check: async ([list, signs]) => {
      const changed = list.reduce((now, one) => one.of(now), document);
      await applied(JSON.stringify(signs ? signedAnew(changed) : changed, null, 2));
    },
    mend: fixture.mend,
  });
});

/** Whoever can write the file can also compute its digest: that must not be what protects. */
function signedAnew(document: Json): Json {
  const without = (key: string, value: unknown): unknown => (key === "integrity" ? undefined : value);
  const integrity = digestBytes(canonicalJson(JSON.parse(JSON.stringify(document, without)) as Json));
  const signed = (key: string, value: unknown): unknown => (key === "integrity" ? integrity : value);
  return JSON.parse(JSON.stringify(document, signed)) as Json;
}
