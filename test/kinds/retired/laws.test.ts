// The laws of every kind, held against `retired`; and what a plan without retired folders costs.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIndex, withEntries } from "../../../src/kinds/retired/entries.ts";
import { retired } from "../../../src/kinds/retired/index.ts";
import type { Settled } from "../../../src/model/kind.ts";
import type { Desired, Observed } from "../../../src/model/resource.ts";
import { changedPaths, snapshot } from "../../scenario/harness.ts";
import { Yard } from "./yard.ts";

const FILES = { "agents/planning/a.md": "a\n", "agents/planning/deep/b.sh": "b\n", "agents/xyz-999/c": "c\n" };

function open(): Yard {
  return new Yard({
    files: FILES,
    archive: { planning: "planning-agent", never: undefined },
    delete: ["xyz-999", "gone"],
  });
}

async function look(yard: Yard): Promise<{ wants: readonly Desired[]; haves: readonly Observed[] }> {
  const wants = retired.desireFleet?.(yard.fleet()) ?? [];
  const queries = wants.map((want) => ({ address: want.address, agent: "-", want }));
  const { observed } = await retired.observe(queries, yard.fleet(), yard.reader());
  return { wants, haves: observed };
}

async function put(yard: Yard, wants: readonly Desired[], haves: readonly Observed[]): Promise<Settled[]> {
  const settled: Settled[] = [];
  const world = yard.writer();
  const jobs = wants.map((want, index) => ({ want, have: haves[index], record: undefined, write: [""], drop: [] }));
  await retired.put(jobs, yard.fleet(), world, (one) => settled.push(one));
  return settled;
}

const differences = (yard: Yard, { wants, haves }: Awaited<ReturnType<typeof look>>) =>
  wants.flatMap((want, index) => retired.diff(want, haves[index], { fleet: yard.fleet() }).changes);

test("put, then observe: no difference; put again: the same world; each says done", async () => {
  const yard = open();
  const first = await look(yard);
  expect(differences(yard, first)).toHaveLength(2);
  expect((await put(yard, first.wants, first.haves)).map(({ result }) => result)).toEqual(Array(4).fill("done"));
  expect(differences(yard, await look(yard))).toEqual([]);
  const after = snapshot(yard.root);
  await put(yard, first.wants, first.haves);
  expect(changedPaths(after, snapshot(yard.root))).toEqual([]);
});

test("observe writes nothing, whatever is there", async () => {
  const yard = open();
  const before = snapshot(yard.root);
  await look(yard);
  expect(changedPaths(before, snapshot(yard.root))).toEqual([]);
});

test("remove of what is absent by now succeeds", async () => {
  const yard = open();
  const { wants, haves } = await look(yard);
  const record = { parts: {}, portable: true, at: "" };
  const jobs = haves.map((have) => ({ address: have.address, have, record }));
  for (const _ of [1, 2]) {
    const settled: Settled[] = [];
    await retired.remove(jobs, yard.fleet(), yard.writer(), (one) => settled.push(one));
    expect(settled.map(({ result }) => result)).toEqual(Array(wants.length).fill("done"));
  }
});

test("a plan with nothing to retire costs one listing, however many agents there are", async () => {
  const agents = Array.from({ length: 500 }, (_, index) => `agent-${index}`);
  const yard = new Yard({ files: {}, agents, archive: { planning: undefined }, delete: ["xyz-999"] });
  for (const agent of agents) yard.write(`agents/${agent}/x`, "");
  const reader = yard.reader();
  const calls: string[] = [];
  const files = new Proxy(reader.files, {
    get(target, name, receiver) {
      if (typeof name === "string") calls.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
  const wants = retired.desireFleet?.(yard.fleet()) ?? [];
  const queries = wants.map((want) => ({ address: want.address, agent: "-", want }));
  const sight = await retired.observe(queries, yard.fleet(), { ...reader, files });
  expect(sight.unmanaged).toEqual([]);
  expect(calls).toEqual(["list"]);
});

test("an index holds what was put into it, and what else stood there", () => {
  const line = fc.string({ minLength: 1, maxLength: 20 }).map((text) => `x${text.replace(/[\p{C}\p{Z}]/gu, "")}`);
  const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,10}$/);
  const entry = fc.record({ folder: name, from: line, why: line, replacedBy: line, digest: line, restore: line });
  const entries = fc.uniqueArray(entry, { selector: ({ folder }) => folder, maxLength: 6 });
  fc.assert(
    fc.property(entries, line, (list, note) => {
      const text = withEntries(`# Attic\n\n${note}\n`, "v1", list);
      expect(text).toContain(note);
      expect([...parseIndex(text).values()]).toEqual(list);
      expect(withEntries(text, "v1", list)).toBe(text);
    }),
  );
});
