// The laws of every kind, held against `retired`; and what a plan without retired folders costs.
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIndex, withEntries } from "../../../src/kinds/retired/archive-index.ts";
import { retired } from "../../../src/kinds/retired/index.ts";
import { kindLaws, type LawCase } from "../../support/kind-laws.ts";
import { snapshot } from "../../support/project-fixture.ts";
import { INDEX, RetiredFixture } from "../../support/retired-fixture.ts";

const FILES = { "agents/planning/a.md": "a\n", "agents/planning/deep/b.sh": "b\n", "agents/xyz-999/c": "c\n" };

/** A world of the laws: `disturb` does what a person might do after the folders have left. */
function lawCase(files: Readonly<Record<string, string>>, disturb: (fixture: RetiredFixture) => void): LawCase {
  const archive = { planning: "planning-agent", never: undefined };
  const fixture = new RetiredFixture({ files, archive, delete: ["xyz-999", "gone"] });
  return {
    fleet: fixture.fleet(),
    wants: retired.desireFleet?.(fixture.fleet()) ?? [],
    reader: () => fixture.reader(),
    writer: () => fixture.writer(),
    picture: () => snapshot(fixture.root, { except: ["state"] }),
    disturb: () => disturb(fixture),
  };
}

kindLaws({
  kind: retired,
  cases: {
    "folders that are there, and one comes back": () =>
      lawCase(FILES, (fixture) => fixture.write("agents/xyz-999/again.md", "back\n")),
    "an archive that loses its index": () => lawCase(FILES, (fixture) => rmSync(join(fixture.root, INDEX))),
    "nothing there, until somebody makes one": () =>
      lawCase({ "agents/planning-agent/x": "" }, (fixture) => fixture.write("agents/planning/new.md", "new\n")),
  },
});

test("a plan with nothing to retire costs one listing, however many agents there are", async () => {
  const agents = Array.from({ length: 500 }, (_, index) => `agent-${index}`);
  const fixture = new RetiredFixture({ files: {}, agents, archive: { planning: undefined }, delete: ["xyz-999"] });
  for (const agent of agents) fixture.write(`agents/${agent}/x`, "");
  const reader = fixture.reader();
  const calls: string[] = [];
  const files = new Proxy(reader.files, {
    get(target, name, receiver) {
      if (typeof name === "string") calls.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
  const wants = retired.desireFleet?.(fixture.fleet()) ?? [];
  const queries = wants.map((want) => ({ address: want.address, agent: "-", want }));
  const observation = await retired.observe(queries, fixture.fleet(), { ...reader, files });
  expect(observation.unmanaged).toEqual([]);
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
