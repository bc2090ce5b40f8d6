// The laws of a kind, as one suite that every kind is held against: what its five verbs promise the loop.
import { describe, expect, it } from "vitest";
import type { Fleet } from "../../src/model/fleet.ts";
import type { Kind, Query } from "../../src/model/kind.ts";
import type { Desired, Observed, Recorded } from "../../src/model/resource.ts";
import type { Settled } from "../../src/model/settled.ts";
import type { FileWriter, Reader, Writer } from "../../src/model/world.ts";

/** One world in which the laws are tried: made anew for each law. */
export interface LawCase {
  readonly fleet: Fleet;
  readonly wants: readonly Desired[];
  /** A reader with nothing remembered. */
  reader(): Reader;
  writer(): Writer;
  /** Everything a verb could have changed, with modes, inodes and mtimes. */
  picture(): Readonly<Record<string, string>>;
  /** Makes the world differ from what is desired, as a person or another program would; undefined where nobody can. */
  disturb?: () => void;
}

export interface Laws {
  readonly kind: Kind;
  /** By the name of its story. */
  readonly cases: Readonly<Record<string, () => LawCase | Promise<LawCase>>>;
}

/** Observes everything a case wants. @public */
export async function observeAll(kind: Kind, law: LawCase, records: ReadonlyMap<string, Recorded> = new Map()) {
  const queries: Query<unknown>[] = law.wants.map((want) => {
    const record = records.get(want.address);
    return { address: want.address, agent: want.agent, want, ...(record ? { record } : {}) };
  });
  const observation = await kind.observe(queries, law.fleet, law.reader());
  return new Map(observation.observed.map((one) => [one.address, one]));
}

/** Puts every part that differs, as an apply would. @public */
export async function putAll(kind: Kind, law: LawCase, haves: ReadonlyMap<string, Observed>): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (const want of law.wants) {
    const have = haves.get(want.address);
    const write = Object.keys(want.parts).filter(
      (path) => !have?.exists || (!have.same && have.parts[path]?.digest !== want.parts[path]?.digest),
    );
    const job = { want, have, record: undefined, write, drop: [] };
    await kind.put([job], law.fleet, law.writer(), (one) => settled.push(one));
  }
  return settled;
}

function differences(kind: Kind, law: LawCase, haves: ReadonlyMap<string, Observed>) {
  return law.wants.flatMap((want) => kind.diff(want, haves.get(want.address), { fleet: law.fleet }).changes);
}

function recordsOf(law: LawCase): Map<string, Recorded> {
  return new Map(
    law.wants.map((want) => {
      const parts = Object.fromEntries(Object.entries(want.parts).map(([path, part]) => [path, part.digest]));
      return [want.address, { parts, portable: want.portable, at: want.at }];
    }),
  );
}

async function removeAll(kind: Kind, law: LawCase, haves: ReadonlyMap<string, Observed>): Promise<Settled[]> {
  const settled: Settled[] = [];
  const records = recordsOf(law);
  for (const want of law.wants) {
    const have = haves.get(want.address);
    const record = records.get(want.address);
    if (!have || !record) continue;
    await kind.remove([{ address: want.address, have, record }], law.fleet, law.writer(), (one) => settled.push(one));
  }
  return settled;
}

/** As an apply looks that is about to remove: only the record is left. */
async function lookAtRecorded(kind: Kind, law: LawCase) {
  const records = recordsOf(law);
  const queries = law.wants.map(({ address, agent }): Query<unknown> => {
    const record = records.get(address);
    return { address, agent, ...(record ? { record } : {}) };
  });
  const observation = await kind.observe(queries, law.fleet, law.reader());
  return new Map(observation.observed.map((one) => [one.address, one]));
}

/** A reader whose doors have a write half that throws: a kind that reaches for it while it observes is found out. */
function trapped(reader: Reader, writer: Writer): Reader {
  const writes: readonly (keyof FileWriter)[] = [
    "replace",
    "remove",
    "removeEmptyFolder",
    "chmod",
    "makeFolder",
    "move",
    "removeFolder",
  ];
  const files = new Proxy(writer.files, {
    get(target, name) {
      if (writes.some((one) => one === name)) throw new Error(`observe called ${String(name)}`);
      const own: unknown = Reflect.get(reader.files, name) ?? Reflect.get(target, name);
      return own;
    },
  });
  return { ...reader, files };
}

/** Tries every law on every case. */
export function kindLaws({ kind, cases }: Laws): void {
  for (const [story, open] of Object.entries(cases)) {
    describe(`the laws of ${kind.name}: ${story}`, () => {
      const settledWell = (settled: readonly Settled[], law: LawCase) =>
        expect(settled, JSON.stringify(settled)).toMatchObject(law.wants.map(() => ({ result: "done" })));

      it("what is desired differs from nothing as long as it is not there", async () => {
        const law = await open();
        const haves = await observeAll(kind, law);
        for (const want of law.wants) {
          const have = haves.get(want.address);
          const delta = kind.diff(want, have, { fleet: law.fleet });
          if (!have?.same) expect(delta.changes, want.address).not.toEqual([]);
          expect(kind.diff(undefined, undefined, { fleet: law.fleet }).changes).toEqual([]);
        }
      });

      it("put, then observe: no difference", async () => {
        const law = await open();
        settledWell(await putAll(kind, law, await observeAll(kind, law)), law);
        const haves = await observeAll(kind, law);
        expect([...haves.values()].map((one) => one.same)).toEqual(law.wants.map(() => true));
        expect(differences(kind, law, haves)).toEqual([]);
      });

      it("put twice is put once, to the inode and the mtime", async () => {
        const law = await open();
        const first = await observeAll(kind, law);
        await putAll(kind, law, first);
        const once = law.picture();
        settledWell(await putAll(kind, law, first), law);
        expect(law.picture()).toEqual(once);
        await putAll(kind, law, await observeAll(kind, law));
        expect(law.picture()).toEqual(once);
      });

      it("what somebody changes is seen, and put again", async () => {
        const law = await open();
        if (!law.disturb) return;
        await putAll(kind, law, await observeAll(kind, law));
        law.disturb();
        const haves = await observeAll(kind, law);
        expect(differences(kind, law, haves)).not.toEqual([]);
        settledWell(await putAll(kind, law, haves), law);
        expect(differences(kind, law, await observeAll(kind, law))).toEqual([]);
      });

      it("remove of the absent succeeds, and remove twice is remove once", async () => {
        const law = await open();
        const absent = await lookAtRecorded(kind, law);
        if ([...absent.values()].every((one) => !one.exists)) {
          const before = law.picture();
          settledWell(await removeAll(kind, law, absent), law);
          expect(law.picture()).toEqual(before);
        }
        await putAll(kind, law, await observeAll(kind, law));
        const present = await lookAtRecorded(kind, law);
        settledWell(await removeAll(kind, law, present), law);
        const once = law.picture();
        settledWell(await removeAll(kind, law, await lookAtRecorded(kind, law)), law);
        expect(law.picture()).toEqual(once);
      });

      it("observe writes nothing, whatever lies there, even when it is handed a door that could", async () => {
        const law = await open();
        const planAll = async () => {
          const before = law.picture();
          const queries = law.wants.map(({ address, agent, ...rest }) => ({
            address,
            agent,
            want: { address, agent, ...rest },
          }));
          await kind.observe(queries, law.fleet, trapped(law.reader(), law.writer()));
          expect(law.picture()).toEqual(before);
        };
        await planAll();
        await putAll(kind, law, await observeAll(kind, law));
        await planAll();
        law.disturb?.();
        await planAll();
      });
    });
  }
}
