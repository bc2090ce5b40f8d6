// Laws of the engine, on generated worlds: apply then plan is empty, order does not matter, nothing outside the plan is touched.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify } from "../../src/engine/classify.ts";
import type { Allowance } from "../../src/engine/guard.ts";
import { makePlan } from "../../src/engine/plan.ts";
import { scopeOf } from "../../src/engine/scope.ts";
import type { RecordRepair } from "../../src/model/plan.ts";
import type { Recorder } from "../../src/model/recorder.ts";
import type { Recorded } from "../../src/model/resource.ts";
import type { Reader, Writer } from "../../src/model/world.ts";
import { converge, plan } from "../../src/reconcile.ts";
import { desiredAt, kindInMemory, observedAt, recordedAt, recordsOf } from "../support/engine-builders.ts";
import { fleetOf } from "../support/fleet.ts";

const AGENTS = ["anchor", "beacon", "cargo"];
const contents = fc.dictionary(fc.constantFrom("/a", "/b", "/c"), fc.constantFrom("1", "2", "3"), {
  minKeys: 1,
  maxKeys: 3,
});
const entry = fc.record({ want: fc.option(contents), have: fc.option(contents), record: fc.option(contents) });
const worlds = fc.dictionary(
  fc.tuple(fc.constantFrom(...AGENTS), fc.constantFrom("one", "two")).map(([agent, name]) => `thing/${agent}/${name}`),
  entry,
);
type World = Record<
  string,
  { want: Record<string, string> | null; have: Record<string, string> | null; record: Record<string, string> | null }
>;

const careful: Allowance = { prune: false, overwrite: false, force: false, allowDelete: undefined };
const bold: Allowance = { prune: true, overwrite: true, force: true, allowDelete: 99 };
const scope = scopeOf({ agents: [], filesOnly: false, portable: false });

function setUp(world: World) {
  const entries = Object.entries(world);
  const wanted = entries.flatMap(([address, { want }]) => (want ? [desiredAt(address, want)] : []));
  const store = new Map(entries.flatMap(([address, { have }]) => (have ? [[address, have] as const] : [])));
  const recorded: Record<string, Recorded> = {};
  for (const [address, { record }] of entries) if (record) recorded[address] = recordedAt(record);
  const recorder: Recorder = {
    records: () => recordsOf(recorded),
    begin: () => {},
    commit: async (repairs: readonly RecordRepair[]) => {
      for (const { address, record } of repairs) {
        if (record) recorded[address] = record;
        else delete recorded[address];
      }
    },
    end: async () => {},
    forgetKilled: () => {},
  };
  const kinds = [kindInMemory("thing", store, wanted)];
  const request = { fleet: fleetOf(AGENTS), kinds, scope, wholeBasis: false };
  return { store, recorder, request };
}

const now = { now: () => 0, run: "0001-test", files: { forget: () => {} } };
const reader = now as unknown as Reader;
const writer = now as unknown as Writer;

async function applied(world: World, allowed: Allowance) {
  const { store, recorder, request } = setUp(world);
  const planned = await plan({ ...request, allowed, records: recorder.records() }, reader);
  const before = new Map(store);
  const run = await converge(
    planned,
    {
      ...request,
      allowed,
      recorder,
      command: "apply",
      keepGoing: true,
      stopping: () => false,
      by: "cli",
      emit: () => {},
    },
    writer,
  );
  return { planned, before, store, run };
}

describe("laws of the engine", () => {
  it("apply then plan is empty, but for what is blocked", () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { run } = await applied(world, careful);
        expect(run.remaining.actions).toEqual([]);
      }),
    ));

  it("apply with every permission converges wholly", () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { run, store } = await applied(world, bold);
        expect(run.converged).toBe(true);
        for (const [address, { want }] of Object.entries(world)) {
          if (want) expect(store.get(address)).toMatchObject(want);
        }
      }),
    ));

  it("apply touches no address outside its plan", () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { planned, before, store } = await applied(world, careful);
        const acted = new Set(planned.plan.actions.map((action) => action.address));
        for (const address of Object.keys(world)) {
          if (!acted.has(address)) expect(store.get(address)).toEqual(before.get(address));
        }
      }),
    ));

  it("never takes away or changes a key that it neither wants nor recorded", () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { before, store } = await applied(world, careful);
        for (const [address, { want, record }] of Object.entries(world)) {
          if (!want) continue;
          for (const [path, value] of Object.entries(before.get(address) ?? {})) {
            if (want[path] === undefined && record?.[path] === undefined)
              expect(store.get(address)?.[path]).toBe(value);
          }
        }
      }),
    ));

  it("makes the same plan whatever the order of what it is given", () =>
    fc.assert(
      fc.property(worlds, fc.infiniteStream(fc.nat()), (world, numbers) => {
        const records = recordsOf(
          Object.fromEntries(
            Object.entries(world).flatMap(([address, { record }]) => (record ? [[address, recordedAt(record)]] : [])),
          ),
        );
        const judged = Object.entries(world).map(([address, { want, have }]) =>
          classify({
            address,
            kind: "thing",
            agent: address.split("/")[1] ?? "",
            want: want ? desiredAt(address, want) : undefined,
            have: observedAt(address, have),
            record: records.get(address),
            unfinished: undefined,
          }),
        );
        const shuffled = judged
          .map((one) => ({ one, key: numbers.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const kinds = [kindInMemory("thing", new Map(), [])];
        const input = {
          fleet: fleetOf(AGENTS),
          kinds,
          records,
          allowed: bold,
          moved: [],
          unmanaged: [],
          warnings: [],
          now: "",
          wholeBasis: true,
        };
        expect(makePlan({ ...input, judged: shuffled }).plan).toEqual(makePlan({ ...input, judged }).plan);
      }),
    ));
});

describe("the certificate", () => {
  it("names what came back, both values and the likely writer", async () => {
    const address = "thing/anchor/one";
    const { recorder, request, store } = setUp({
      [address]: { want: { "/a": "1" }, have: { "/a": "2" }, record: { "/a": "1" } },
    });
    const planned = await plan({ ...request, allowed: careful, records: recorder.records() }, reader);
    const rival = () => store.set(address, { "/a": "2" });
    const run = await converge(
      planned,
      {
        ...request,
        allowed: careful,
        recorder,
        command: "apply",
        keepGoing: false,
        stopping: () => false,
        by: "cli",
        emit: ({ event }) => {
          if (event === "step") rival();
        },
      },
      writer,
    );
    expect(run.converged).toBe(false);
    expect(run.remaining.actions[0]?.reason).toBe(
      'it came back after this run wrote it (likely by another program, or a second Rollcall): /a is "2", we wrote "1"',
    );
  });
});
