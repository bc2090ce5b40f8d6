// Builders for the engine's tests: desired, observed and recorded views of invented resources.
import { digestBytes, digestParts } from "../../src/delta/digest.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { Desired, Observed, Parts, Recorded, Records } from "../../src/model/resource.ts";

/** Parts from plain contents: the digest of each content. */
export function partsOf(contents: Readonly<Record<string, string>>, enforced: readonly string[] = []): Parts {
  return Object.fromEntries(
    Object.entries(contents).map(([path, content]) => [
      path,
      { digest: digestBytes(content), value: content, ...(enforced.includes(path) ? { enforced: true as const } : {}) },
    ]),
  );
}

export function desiredAt(
  address: string,
  contents: Readonly<Record<string, string>>,
  more: Partial<Desired> = {},
): Desired {
  const [kind = "", agent = "", ...name] = address.split("/");
  const parts = partsOf(contents);
  const at = `${agent}/${name.join("/")}`;
  return {
    address,
    kind,
    agent,
    props: contents,
    parts,
    digest: digestParts(parts),
    needs: [],
    portable: true,
    at,
    ...more,
  };
}

export function observedAt(
  address: string,
  contents: Readonly<Record<string, string>> | null,
  more: Partial<Observed> = {},
): Observed {
  const parts = contents ? partsOf(contents) : {};
  return {
    address,
    seen: contents,
    exists: contents !== null,
    same: false,
    parts,
    digest: digestParts(parts),
    ...more,
  };
}

export function recordedAt(contents: Readonly<Record<string, string>>, more: Partial<Recorded> = {}): Recorded {
  const parts = Object.fromEntries(Object.entries(partsOf(contents)).map(([path, part]) => [path, part.digest]));
  return { parts, portable: true, at: "somewhere", ...more };
}

/** Records held in a plain object. */
export function recordsOf(entries: Readonly<Record<string, Recorded>>, more: Partial<Records> = {}): Records {
  return {
    lineage: "lineage",
    serial: 7,
    holds: {},
    get: (address) => entries[address],
    addresses: () => Object.keys(entries),
    elsewhere: () => [],
    unfinished: () => undefined,
    ...more,
  };
}

/** A kind whose resources live in a map: the engine's laws need no more. */
export function kindInMemory(
  name: string,
  store: Map<string, Readonly<Record<string, string>>>,
  wanted: readonly Desired[],
): Kind {
  const contents = (props: unknown) => props as Readonly<Record<string, string>>;
  return {
    name,
    describe: { owns: "an entry of a map", inSync: "the entry is equal", addresses: `${name}/<agent>/<name>` },
    live: false,
    removalRank: () => 0,
    capabilities: {},
    desire: (agent) => wanted.filter((want) => want.agent === agent.name && want.kind === name),
    observe: (queries) => ({
      observed: queries.map((query) => observedAt(query.address, store.get(query.address) ?? null)),
      unmanaged: [],
      warnings: [],
    }),
    diff: (want, have, { paths }) => ({
      changes: (paths ?? [""]).map((path) => ({
        path,
        before: have?.parts[path]?.value ?? null,
        after: want?.parts[path]?.value ?? null,
      })),
      reason: "it differs",
      strategy: "update",
      impact: "none",
      loses: [],
      widens: [],
      disruptive: have?.live !== undefined,
    }),
    put: async (jobs, _fleet, _world, settle) => {
      for (const { want, write, drop, have } of jobs) {
        const before = have?.exists ? { ...contents(have.seen) } : {};
        for (const path of drop) delete before[path];
        for (const path of write) before[path] = contents(want.props)[path] ?? "";
        store.set(want.address, before);
        const parts = Object.fromEntries(write.map((path) => [path, want.parts[path]?.digest ?? ""]));
        settle({ address: want.address, result: "done", parts });
      }
    },
    remove: async (jobs, _fleet, _world, settle) => {
      for (const { address } of jobs) {
        store.delete(address);
        settle({ address, result: "done", parts: {} });
      }
    },
  };
}
