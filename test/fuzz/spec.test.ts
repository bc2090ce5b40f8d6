// The spec mutated at random, and the command asked what it makes of it: an answer with places, or a plan; never a
// stack, a write, a hang, a polluted prototype or an unbounded appetite.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { type FuzzFixture, openFuzzFixture } from "../support/fuzz-fixture.ts";
import { attack, type Mutation, mutation, templateMutation } from "../support/fuzz-mutations.ts";

const REGISTRY = "desired/registry.yaml";
const FLEET = "desired/fleet.yaml";
const CONFIG = "rollcall.config.yaml";

const WHOLE_FLEET = [
  "files:",
  '  - { template: settings.json, target: .claude/settings.json, merge: keys, mode: "0644" }',
  '  - { template: settings.local.json, target: .claude/settings.local.json, merge: keys, mode: "0644" }',
  '  - { template: CLAUDE.md, target: .claude/CLAUDE.md, merge: block, mode: "0644" }',
  "hook: { path: .claude/hooks/auto-deny, access: all, always_allowed_tools: [TodoWrite] }",
  "policy: { prune_budget: 25%, parallelism: 4, client_schema: error, widening: heal, attached_grace: 10m }",
  "retire: { label: old, archive: [{ dir: planning, replaced_by: planning-agent }], delete: [x], keep: [y] }",
];

let fixture: FuzzFixture;
beforeAll(async () => {
  const files = fleetFiles({ fleet: WHOLE_FLEET });
  const config = "state: state\nsocket: fuzzed\nvariables: { TEF_ROOT: /srv/tef }\nsession: { path: /usr/bin:/bin }\n";
  fixture = await openFuzzFixture({ files: { ...files, [CONFIG]: config } });
});
afterAll(() => fixture.close());

/** Both what only looks and what would write are asked; the second only where the first found the spec sound. */
async function askAbout(path: string, change: Mutation): Promise<void> {
  fixture.spoil(path, change.of(readFileSync(fixture.project.path(path))));
  const planned = await fixture.ask(["plan", "--files-only", "-o", "json"]);
  const isRefused = planned.document?.["kind"] === "error";
  const applied = await fixture.ask(["apply", "-y", "--files-only", "--prune", ...(isRefused ? [] : ["-o", "json"])]);
  if (isRefused) expect(applied).toMatchObject({ code: planned.code, stdout: "" });
}

test.each([
  ["the registry", REGISTRY, mutation],
  ["fleet.yaml", FLEET, mutation],
  ["this machine's configuration", CONFIG, mutation],
  ["the template of a page", "templates/CLAUDE.md", templateMutation],
  ["the template of settings", "templates/settings.json", templateMutation],
  ["the template of local settings", "templates/settings.local.json", templateMutation],
] as const)("%s", async (_what, path, values) => {
  await attack({ values, check: (one) => askAbout(path, one), mend: fixture.mend });
});

test("unspoiled, all of it is sound", async () => {
  const planned = await fixture.ask(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(planned.code, planned.stdout).toBe(0);
});
