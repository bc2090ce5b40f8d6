// The published JSON Schemas and the shapes that check are one: both accept and refuse the same documents.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configShape } from "../../../src/input/spec/schema/config-schema.ts";
import { jsonSchemas, SCHEMA_NAMES, type SchemaName } from "../../../src/input/spec/schema/json-schema.ts";
import { fleetShape, registryShape } from "../../../src/input/spec/schema/schema.ts";
import type { Shape } from "../../../src/input/spec/schema/schema-port.ts";
import { globCodes } from "../../../src/report/codes/glob.ts";
import { specCodes } from "../../../src/report/codes/spec.ts";
import { usageCodes } from "../../../src/report/codes/usage.ts";

const SHAPES: Readonly<Record<SchemaName, Shape<unknown>>> = {
  registry: registryShape,
  fleet: fleetShape,
  config: configShape,
};

/** Words at and over the edge of every rule. */
const word = fc.oneof(
  fc.constantFrom(
    "planning-agent",
    "Read",
    "tests/**",
    ".claude/settings.json",
    "0644",
    "644",
    "0777",
    "25%",
    "101%",
    "10m",
    "2 h",
    "env:TOKEN",
  ),
  fc.constantFrom(
    "env:",
    "file:",
    "file:/run/x",
    "",
    " ",
    "a\u202eb",
    "a\nb",
    "caf\u00e9",
    "-x",
    "A",
    "a".repeat(64),
    "/bin:/usr/bin",
    "bin",
    "🤖",
  ),
  fc.constantFrom(
    "always",
    "when-idle",
    "enforce",
    "report",
    "keys",
    "whole",
    "warn",
    "heal",
    "never",
    "write",
    "all",
    "claude",
  ),
  fc.string({ maxLength: 4, unit: "binary" }),
);
const scalar = fc.oneof(word, fc.constantFrom(0, 1, 2, 8, 20, 50, 220, -1, 1.5, 1e21, true, false, null));
const list = fc.array(scalar, { maxLength: 3 });
const map = fc.dictionary(fc.constantFrom("MODE", "a", "1x", "TEAM_2"), scalar, { maxKeys: 2 });
const anything = fc.oneof(scalar, list, map);

/** Mostly the fields of a map, each mostly of its type, so that whole documents are valid often enough. */
function fields(
  known: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  required: readonly string[] = [],
): fc.Arbitrary<unknown> {
  const some = fc.record(known, { requiredKeys: [...required] });
  const odd = fc.record({
    base: some,
    key: fc.constantFrom(...Object.keys(known), "unknown", "__proto__"),
    value: anything,
  });
  const broken = odd.map(({ base, key, value }) => Object.fromEntries([...Object.entries(base), [key, value]]));
  return fc.oneof({ weight: 6, arbitrary: some }, { weight: 1, arbitrary: broken }, { weight: 1, arbitrary: anything });
}

const good = fc.constantFrom("planner", "opus", "Read");
const words = fc.array(good, { maxLength: 2 });
const session = fields({
  command: fc.array(good, { minLength: 1, maxLength: 2 }),
  fallback: words,
  prefix: fc.constantFrom("iw-", "", "a.b"),
  start: fc.constantFrom("always", "on-demand", "never"),
  restart: fc.constantFrom("on-failure", "always"),
  on_change: fc.constantFrom("when-idle", "never"),
  env: map,
  size: fc.constantFrom([220, 50], [220], [220, 50, 1], [10, 50], [220.5, 50]),
  parallel: fc.constantFrom(1, 4, 0, 65),
  ready: fields({ after: fc.constantFrom("1s", "0s", "1"), timeout: fc.constantFrom("30s", "now") }),
});
const agent = fields(
  {
    name: good,
    display_name: good,
    description: word,
    model: good,
    tools: words,
    delegates_to: words,
    cannot_access: fc.array(word, { maxLength: 2 }),
    responsibilities: fc.array(word, { maxLength: 2 }),
    enabled: fc.boolean(),
    dir: word,
    renamed_from: word,
    labels: words,
    env: map,
    session,
    host: word,
  },
  ["name", "display_name", "description", "model", "tools"],
);
const policy = fields({
  prune_budget: fc.constantFrom("25%", 3, "100%", "101%", -1, 2.5),
  parallelism: fc.constantFrom(1, 8, 257),
  client_schema: fc.constantFrom("error", "warn", "off"),
  widening: fc.constantFrom("report", "heal"),
  attached_grace: fc.constantFrom("10m", "2h", "ten"),
  enforce: fields({ config: fc.constantFrom("enforce", "report"), hook: fc.constantFrom("report", "no") }),
});
const file = fields({ template: good, target: word, merge: fc.constantFrom("keys", "block"), mode: word }, [
  "template",
  "target",
]);

const DOCUMENTS: Readonly<Record<SchemaName, fc.Arbitrary<unknown>>> = {
  registry: fields(
    {
      version: fc.constantFrom(1, 2),
      agents: fc.dictionary(fc.constantFrom("planner", "a-1", "../x", "A"), agent, { maxKeys: 2 }),
    },
    ["agents"],
  ),
  fleet: fields({
    version: fc.constant(1),
    name: good,
    files: fc.array(file, { maxLength: 2 }),
    hook: fields({ path: word, access: fc.constantFrom("write", "all"), always_allowed_tools: words }),
    session,
    policy,
    retire: fields({
      label: word,
      archive: fc.array(fields({ dir: word, replaced_by: good }, ["dir"]), { maxLength: 2 }),
      delete: words,
      keep: words,
    }),
  }),
  config: fields({
    root: word,
    registry: word,
    state: word,
    socket: word,
    prefix: word,
    variables: map,
    session: fields({ command: fc.array(good, { maxLength: 2 }), path: word }),
  }),
};

describe.each(SCHEMA_NAMES)("%s", (name) => {
  const validate = new Ajv({ strict: true, strictTuples: false, allErrors: false }).compile(jsonSchemas()[name]);

  test("the JSON Schema and the shape accept the same documents", () => {
    let accepted = 0;
    let refused = 0;
    const property = fc.property(DOCUMENTS[name], (document) => {
      const { ok } = SHAPES[name].check(document);
      if (ok) accepted += 1;
      else refused += 1;
      expect({ document, ok }).toEqual({ document, ok: validate(document) });
    });
    fc.assert(property, { numRuns: 1_000 });
    // A property over documents that are all wrong, or all right, would say little.
    expect(accepted).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(5);
  });

  test("is draft 7, closed, and says what it is for", () => {
    const schema = jsonSchemas()[name];
    expect(schema["$schema"]).toBe("http://json-schema.org/draft-07/schema#");
    expect(schema["additionalProperties"]).toBe(false);
    expect(schema["title"]).toMatch(/Rollcall|rollcall/);
  });
});

test("every code that spec and config can emit is explained, and nothing else is", () => {
  const folder = (room: string): string => fileURLToPath(new URL(`../../../src/${room}`, import.meta.url));
  const emitted = new Set<string>();
  for (const room of ["input/spec", "input/config"]) {
    for (const name of readdirSync(folder(room), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      const text = readFileSync(`${folder(room)}/${name}`, "utf8");
      for (const match of text.matchAll(/"([EW][01]\d\d)"/g)) emitted.add(match[1] ?? "");
    }
  }
  const explained = Object.keys({ ...specCodes, ...globCodes, ...usageCodes });
  const elsewhere = ["E001", "E010", "E027", "E100"];
  expect([...emitted, ...elsewhere].sort()).toEqual(explained.sort());
});
