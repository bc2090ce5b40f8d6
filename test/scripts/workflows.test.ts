// What holds for every workflow: actions pinned by digest, no more rights than it needs, and only scripts that are there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import manifest from "../../package.json" with { type: "json" };

const folder = join(import.meta.dirname, "../../.github/workflows");
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

test("there is one for the pull request, one for the fleet and one for the release", () => {
  expect(workflows.map(({ name }) => name).sort()).toEqual(["ci.yml", "release.yml", "rollcall.yml"]);
});

test.each(workflows)("$name pins every action by a full commit digest and says which version that is", ({ text }) => {
  const uses = text.split("\n").filter((line) => line.includes("uses:"));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("the same action has the same digest everywhere", () => {
  const pins = new Set(workflows.flatMap(({ text }) => text.match(/uses: \S+@.*/g) ?? []));
  const actions = new Set([...pins].map((pin) => pin.replace(/@.*/, "")));
  expect(pins.size).toBe(actions.size);
});

test.each(workflows)("$name runs no script that package.json does not have", ({ text }) => {
  const called = [...text.matchAll(/npm run ([a-z][\w-]*)/g)].map(([, name]) => name);
  const campaigns = /campaign: \[(.*)\]/.exec(text)?.[1]?.split(", ") ?? [];
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining([...called, ...campaigns]));
});

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly permissions?: Readonly<Record<string, string>> }>>;
}

test.each(workflows)("$name gives no stranger's code a right to write", ({ name, text }) => {
  const { on, permissions, jobs } = parse(text) as Workflow;
  expect(on).not.toHaveProperty("pull_request_target");
  expect(["read", undefined]).toContain(permissions["contents"]);
  const rights = Object.entries(jobs).filter(([, job]) => Object.values(job.permissions ?? {}).includes("write"));
  expect(rights.map(([job]) => job)).toEqual(name === "release.yml" ? ["publish"] : []);
});
