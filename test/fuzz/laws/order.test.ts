// A plan does not depend on the order of what it is given: agents, keys, lists, and the files they stand in.
import fc from "fast-check";
import { expect, test } from "vitest";
import { faults, filesOf, fleets, injectFault } from "../../support/arbitraries.ts";
import { inProcessAt, type PlanDocument } from "../../support/in-process-fixture.ts";
import { makeProject } from "../../support/project-fixture.ts";

const WORLDS = Number(process.env["ROLLCALL_WORLDS"] ?? "6");
const ORDERS = 8;

const NAMES = ["anchor", "beacon", "cargo", "dinghy", "ensign"] as const;
const TOOLS = ["Read", "Write", "Edit", "Bash", "Glob", "Grep"];

interface Entry {
  readonly model: string;
  readonly tools: readonly string[];
  readonly cannot_access: readonly string[];
  readonly delegates_to: readonly string[];
  readonly labels: readonly string[];
}

const entry = fc.record({
  model: fc.constantFrom("opus", "haiku"),
  tools: fc.subarray(TOOLS, { minLength: 1 }),
  cannot_access: fc.subarray(["frontend/**", "backend/**", "*.test.*"]),
  delegates_to: fc.subarray([...NAMES]),
  labels: fc.subarray(["pilot", "night", "docs"]),
});
const registries = fc.tuple(entry, entry, entry, entry, entry);
/** How to shuffle: numbers that are used up one by one. */
const orders = fc.array(fc.infiniteStream(fc.nat()), { minLength: ORDERS, maxLength: ORDERS });

/** The registry as one or more files, everything in it that has no order in the order the numbers say. */
function registryIn(entries: readonly Entry[], numbers: Iterator<number>): Record<string, string> {
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((one) => ({ one, key: numbers.next().value ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ one }) => one);
  const agents = shuffled(
    NAMES.map((name, at) => {
      const { model = "opus", tools = [], ...lists } = entries[at] ?? {};
      const fields = { name, display_name: name, description: `Does what ${name} does`, model, tools };
      const keys = shuffled(Object.entries({ ...fields, ...withoutSelf(lists, name) }));
      return [
        name,
        Object.fromEntries(keys.map(([key, value]) => [key, Array.isArray(value) ? shuffled(value) : value])),
      ] as const;
    }),
  );
  const cut = (numbers.next().value ?? 0) % NAMES.length;
  const parts = [agents.slice(0, cut), agents.slice(cut)].filter((part) => part.length > 0);
  return Object.fromEntries(
    parts.map((part, at) => [
      `desired/registry/${"ba"[at]}.yaml`,
      JSON.stringify({ agents: Object.fromEntries(part) }),
    ]),
  );
}

function withoutSelf({ delegates_to: others = [], ...lists }: Partial<Entry>, name: string): Partial<Entry> {
  return { ...lists, delegates_to: others.filter((one) => one !== name) };
}

/** The plan without the lines that warnings point to. */
function placeless({ warnings, ...plan }: PlanDocument): object {
  return { ...plan, warnings: warnings.map(({ code, message }) => `${code} ${message}`).sort() };
}

test(`${WORLDS} fleets in ${ORDERS} orders each: one plan`, { timeout: 60_000 + WORLDS * 20_000 }, () =>
  fc.assert(
    fc.asyncProperty(fleets, registries, faults, orders, async (first, entries, struck, [one, ...others]) => {
      const { project, close } = makeProject({ files: filesOf(first) });
      try {
        const fixture = inProcessAt(project);
        await fixture.apply();
        for (const each of struck) injectFault(project, each);
        project.remove("desired/registry.yaml");
        const planIn = async (numbers: Iterator<number>): Promise<object> => {
          project.remove("desired/registry");
          for (const [path, text] of Object.entries(registryIn(entries, numbers))) project.write(path, text);
          return placeless(await fixture.plan({ prune: true, allowDelete: 9 }));
        };
        const plan = one && (await planIn(one));
        expect(plan).toHaveProperty("actions.0");
        for (const numbers of others) expect(await planIn(numbers)).toEqual(plan);
      } finally {
        close();
      }
    }),
    { numRuns: WORLDS },
  ),
);
