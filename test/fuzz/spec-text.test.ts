// Specs broken in every way chance can find: never an exception, never without a place, never out of bounds.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadSpec } from "../../src/input/spec/load.ts";
import type { Config } from "../../src/model/config.ts";
import type { FileReader } from "../../src/model/world.ts";
import { processorSeconds } from "../support/processor-time.ts";
import { CODER, PLANNER, registry, TEMPLATES } from "../support/spec-fixture.ts";

const REGISTRY = registry(
  {
    ...PLANNER,
    lines: [
      "delegates_to: [backend-agent]",
      'cannot_access: ["src/**", tests/**]',
      "responsibilities:",
      "  - |",
      "    plans the day",
      '  - "quotes \\"all\\" of it"',
      "session: {command: [claude, --model, 'opus'], env: {TOKEN: 'env:TOKEN'}}",
    ],
  },
  { ...CODER, lines: ["exclusive_access: ['*.test.*']", "env: {LANG: C}", "labels: [pilot]"] },
);

const FLEET = `version: 1
name: fuzzed
files:
  - { template: settings.json, target: .claude/settings.json, merge: keys, mode: "0644" }
hook: { path: .claude/hooks/auto-deny, access: write }
session:
  command: [claude]
  size: [220, 50]
policy: { prune_budget: 25%, attached_grace: 10m, enforce: { hook: report } }
retire: { label: old, archive: [{ dir: planning, replaced_by: planning-agent }], delete: [x], keep: [y] }
`;

/** A reader of files that are only in memory: thousands of runs need no disk. */
function memory(files: Readonly<Record<string, string>>): FileReader {
  const facts = { type: "file", mode: 0o644, uid: 0, links: 1, size: 0, dev: 1, ino: 1 } as const;
  const at = (path: string): string | undefined => files[path.replace(/^\/p\//, "")];
  return {
    read: (path) => {
      const text = at(path);
      return text === undefined ? { state: "absent" } : { state: "file", bytes: Buffer.from(text), facts };
    },
    compare: () => ({ state: "absent" }),
    facts: (path) => (at(path) === undefined ? null : facts),
    folder: () => ({ state: "absent" }),
    list: () => null,
    link: () => null,
    real: (path) => (path === "/p/templates" || at(path) !== undefined ? path : null),
    find: () => null,
    forget: () => undefined,
  };
}

const CONFIG: Config = {
  folders: {
    root: "/p",
    registry: "/p/desired/registry.yaml",
    fleet: "/p/desired/fleet.yaml",
    templates: "/p/templates",
    agents: "/p/agents",
    state: "/p/state",
  },
  layout: "native",
  found: true,
  named: new Set(),
  inputs: [],
  session: {},
  variables: {},
  warnings: [],
};

function check(files: Readonly<Record<string, string>>) {
  return loadSpec({
    config: CONFIG,
    machine: { env: {}, sessionPath: "/bin" },
    files: memory({ ...(TEMPLATES as Record<string, string>), ...files }),
  });
}

/** What people and accidents put into YAML. */
const SCRAPS = [
  ..."{}[]:,-?&*!|>'\"%@`#~\t\n\r\0 ".split(""),
  ...[
    "<<: ",
    "&a ",
    "*a",
    "!!binary ",
    "---\n",
    "...\n",
    "__proto__: ",
    "constructor: {prototype: {x: 1}}",
    "\ufeff",
    "\u202e",
  ],
  ...[
    "null",
    "[[[[",
    "}}}}",
    "? ",
    "- - - ",
    "|+2",
    ": : :",
    "0644",
    "1e999",
    "agents:",
    "\ud800",
    "\\u0000",
    "%YAML 1.1\n",
  ],
];

const cut = fc.record({
  at: fc.nat(4000),
  length: fc.nat(30),
  put: fc.oneof(fc.constantFrom(...SCRAPS), fc.string({ maxLength: 6 })),
});

function mutate(text: string, cuts: readonly { at: number; length: number; put: string }[]): string {
  return cuts.reduce((now, { at, length, put }) => {
    const from = at % (now.length + 1);
    return now.slice(0, from) + put + now.slice(from + length);
  }, text);
}

function bounded(files: Readonly<Record<string, string>>): void {
  const names = Object.getOwnPropertyNames(Object.prototype).length;
  const { spec, diagnostics } = check(files);
  expect(spec === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  expect(diagnostics.length).toBeLessThanOrEqual(2 * 51);
  for (const { file, line, col, message, code, sourceLine } of diagnostics) {
    expect(code).toMatch(/^[EW]1\d\d$/);
    expect(file).not.toBe("");
    const lines = (files[file] ?? "").replace(/^\ufeff/, "").split("\n");
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(Math.max(1, lines.length));
    expect(col).toBeGreaterThanOrEqual(1);
    expect(col).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
    // What is shown of foreign text is safe to print.
    expect(message + (sourceLine ?? "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(names);
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
}

const RUNS = { numRuns: 300, interruptAfterTimeLimit: 10_000 };

describe("a spec mutated at random", () => {
  test("the registry", () => {
    const property = fc.property(fc.array(cut, { minLength: 1, maxLength: 5 }), (cuts) =>
      bounded({ "desired/registry.yaml": mutate(REGISTRY, cuts), "desired/fleet.yaml": FLEET }),
    );
    fc.assert(property, RUNS);
  });

  test("fleet.yaml", () => {
    const property = fc.property(fc.array(cut, { minLength: 1, maxLength: 5 }), (cuts) =>
      bounded({ "desired/registry.yaml": REGISTRY, "desired/fleet.yaml": mutate(FLEET, cuts) }),
    );
    fc.assert(property, RUNS);
  });

  test("unmutated, both are sound: what is mutated above is a spec", () => {
    expect(check({ "desired/registry.yaml": REGISTRY, "desired/fleet.yaml": FLEET }).spec).not.toBeNull();
  });
});

/** Usually less than one; a quadratic step over a million pieces takes many minutes. */
const SECONDS = 10;

describe("what is small in bytes and endless in pieces is refused in good time", () => {
  const endless: readonly (readonly [string, string])[] = [
    ["list items", `agents: [${"a,".repeat(500_000)}]`],
    ["flow keys", `agents: {${"a,".repeat(500_000)}}`],
    ["comments", "#\n".repeat(500_000)],
    ["empty lines", "\n".repeat(1_000_000)],
    ["colons", ":\n".repeat(500_000)],
    ["dashes", "- a\n".repeat(250_000)],
    ["anchors", "&a ".repeat(300_000)],
    ["closing brackets", "}".repeat(1_000_000)],
    ["quotes", '"'.repeat(1_000_000)],
    ["documents", "---\n".repeat(250_000)],
    ["one long word", "x".repeat(1_000_000)],
    [
      "maps of many keys each",
      Array.from(
        { length: 30 },
        (_, map) => `m${map}: {${Array.from({ length: 4_900 }, (_, key) => `k${key}: 1`).join(",")}}`,
      )
        .join("\n")
        .slice(0, 1_000_000),
    ],
    ["explicit keys", "? a\n".repeat(250_000)],
    ["block scalars", `a: |\n${" x\n".repeat(300_000)}`],
  ];
  test.each(endless)("%s", async (_what, text) => {
    const took = await processorSeconds(() => {
      const { spec, diagnostics } = check({ "desired/registry.yaml": text });
      expect(spec).toBeNull();
      expect(diagnostics.length).toBeGreaterThan(0);
    });
    expect(took).toBeLessThan(SECONDS);
  });
});
