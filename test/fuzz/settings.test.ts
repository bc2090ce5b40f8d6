// Settings on the disk mutated at random: told as what they are, healed or blocked with a reason, and then at rest.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import { fleetFiles } from "../support/fleets.ts";
import { type FuzzFixture, openFuzzFixture } from "../support/fuzz-fixture.ts";
import { anyJson, attack, type JsonMutation, jsonMutation, mutation } from "../support/fuzz-mutations.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const LOCAL = "agents/backend-agent/.claude/settings.local.json";
const PLAN = ["plan", "--files-only", "-o", "json"];

let fixture: FuzzFixture;
beforeAll(async () => {
  fixture = await openFuzzFixture({ files: fleetFiles() });
});
afterAll(() => fixture.close());

async function heals(path: string, bytes: Buffer | string): Promise<void> {
  fixture.spoil(path, bytes);
  const planned = await fixture.ask(PLAN);
  expect(planned.code, planned.stdout).toBe(0);
  const applied = await fixture.ask(["apply", "-y", "--files-only", "-o", "json"]);
  expect([0, 3], applied.stdout + applied.stderr).toContain(applied.code);
  const after = await fixture.ask([...PLAN, "--detailed-exitcode"]);
  expect(after.code, after.stdout).toBe(applied.code);
  expect(after.document?.["actions"]).toEqual([]);
}

test.each([SETTINGS, LOCAL])("%s, its bytes", async (path) => {
  const bytes = readFileSync(fixture.project.path(path));
  await attack({ values: mutation, check: (one) => heals(path, one.of(bytes)), mend: fixture.mend });
});

test.each([SETTINGS, LOCAL])("%s, its values", async (path) => {
  const document = JSON.parse(fixture.project.read(path)) as Json;
  const some: fc.Arbitrary<readonly JsonMutation[]> = fc.array(jsonMutation, { minLength: 1, maxLength: 3 });
  const other = anyJson.map((value): readonly JsonMutation[] => [{ of: () => value }]);
  await attack({
    values: fc.oneof({ weight: 5, arbitrary: some }, { weight: 1, arbitrary: other }),
    check: (list) =>
      heals(
        path,
        JSON.stringify(
          list.reduce((now, one) => one.of(now), document),
          null,
          2,
        ),
      ),
    mend: fixture.mend,
  });
});
