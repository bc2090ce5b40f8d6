// Merging for any document and layout: what we want is in it, what others wrote stays, and taking ours out leaves theirs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carryKeys } from "../../../src/kinds/config/edits.ts";
import { type MergeJob, mergeKeys } from "../../../src/kinds/config/merge.ts";
import { type OwnedPart, ownedParts } from "../../../src/kinds/config/parts.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";

const HOOK = ".claude/hooks/auto-deny";
/** Settings in a vocabulary of their own: `names` of top-level keys, words, hook commands. */
function settingsOf(words: readonly string[], names: readonly [string, string], commands: readonly string[]) {
  const word = fc.constantFrom(...words);
  const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null));
  const tree = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.dictionary(word, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const rules = fc.uniqueArray(word, { maxLength: 4 });
  const hook = fc.record({ type: fc.constant("command"), command: fc.constantFrom(...commands) });
  const entry = fc.record({
    matcher: fc.constantFrom("*", "Write|Edit"),
    hooks: fc.uniqueArray(hook, { minLength: 1, maxLength: 2, selector: ({ command }) => command }),
  });
  const lists = fc.record({ deny: rules, allow: rules, [`${names[0]}Mode`]: word }, { requiredKeys: [] });
  const events = { PreToolUse: fc.array(entry, { maxLength: 2 }), Stop: fc.array(entry, { maxLength: 1 }) };
  return fc
    .record(
      {
        [names[0]]: word,
        env: fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true }),
        permissions: lists,
        hooks: fc.record(events, { requiredKeys: [] }),
        [names[1]]: tree,
      },
      { requiredKeys: [] },
    )
    .map((one) => JSON.parse(JSON.stringify(one)) as JsonObject);
}

const settings = settingsOf(
  ["a", "b/c", "d~e", "Edit(x)", "Bash(ls *)", "ü"],
  ["model", "other"],
  ["/bin/a", "/bin/b"],
);
const apart = settingsOf(["z", "y/x", "w~v", "Read(x)"], ["agent", "ours"], ["/bin/z"]);

const layout = fc.constantFrom<[string | number | undefined, string]>(
  [2, "\n"],
  [undefined, "\n"],
  ["\t", "\r\n"],
  [7, "\n"],
);

const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject;
const values = (document: JsonObject) => new Map(ownedParts(document).map(({ path, value }) => [path, value]));
const laidOut = (document: JsonObject, [indent, eol]: [string | number | undefined, string]) =>
  JSON.stringify(document, null, indent).replaceAll("\n", eol);

function job(want: JsonObject): MergeJob {
  const write = ownedParts(want).map(({ path }) => path);
  return { json: want, record: undefined, hookPath: HOOK, write, drop: [] };
}

/** Parts of the foreign document that ours do not touch: not the same path, nor one above or below it. */
function untouched(foreign: JsonObject, want: JsonObject): OwnedPart[] {
  const ours = ownedParts(want).map(({ path }) => path);
  return ownedParts(foreign).filter(
    ({ path }) => !ours.some((own) => own === path || own.startsWith(`${path}/`) || path.startsWith(`${own}/`)),
  );
}

function withoutEmpty(value: Json): Json | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  const entries = Object.entries(value).map(([key, one]) => [key, withoutEmpty(one as Json)] as const);
  const full = entries.filter(([, one]) => one !== undefined && JSON.stringify(one) !== "{}");
  return Object.fromEntries(full) as JsonObject;
}

/** The same document with the keys of every object the other way round. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => reversed(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one as Json)]),
  );
}

describe("for any two documents and any layout", () => {
  it("all we want is there, all that is foreign stays, and a second merge changes no byte", () => {
    fc.assert(
      fc.property(settings, settings, layout, (foreign, want, style) => {
        const once = mergeKeys(laidOut(foreign, style), job(want));
        const after = values(parsed(once));
        for (const { path, value } of ownedParts(want)) expect(after.get(path), path).toEqual(value);
        for (const { path, value } of untouched(foreign, want)) expect(after.get(path), path).toEqual(value);
        expect(mergeKeys(once, job(want))).toBe(once);
      }),
    );
  });

  it("what was added and taken out again leaves the foreign document to the byte", () => {
    fc.assert(
      fc.property(settings, apart, layout, (document, want, style) => {
        // A list or object that is empty in the foreign file goes with the last of ours: nobody's entry is lost.
        const foreign = { theme: "dark", ...(withoutEmpty(document) as JsonObject) };
        const text = laidOut(foreign, style);
        const merged = mergeKeys(text, job(want));
        const drop = [...values(want).keys()];
        expect(mergeKeys(merged, { json: undefined, record: undefined, hookPath: HOOK, write: [], drop })).toBe(text);
      }),
    );
  });

  it("the parts are the same whatever the order of keys", () => {
    fc.assert(
      fc.property(settings, (document) => {
        expect(values(reversed(document) as JsonObject)).toEqual(values(document));
      }),
    );
  });

  it("a change of theirs is carried over into what we wrote, and what is newer there stays", () => {
    fc.assert(
      fc.property(settings, settings, settings, (from, to, onto) => {
        const after = values(parsed(carried(from, to, onto)));
        const [was, is, there] = [values(from), values(to), values(onto)];
        const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
        const changed = [...is].filter(([path, value]) => !same(was.get(path), value));
        for (const [path, value] of changed) {
          expect(after.get(path), path).toEqual(same(there.get(path), was.get(path)) ? value : there.get(path));
        }
      }),
    );
  });

  it("of a key that is ours the edit decides, and a state that was torn tells nothing", () => {
    const ours = new Set(["/model"]);
    expect(carried({ model: "a" }, { model: "b" }, { model: "c" }, ours)).toBe('{"model":"b"}');
    expect(carried({ theme: 1 }, { theme: 2 }, { theme: 3 }, ours)).toBe('{"theme":3}');
    const torn = Buffer.from('{ "theme": ');
    const [to, onto] = [{ theme: 2, env: { A: "1" } }, { theme: 3 }].map((one) => Buffer.from(JSON.stringify(one)));
    if (!to || !onto) return;
    expect(JSON.parse(String(carryKeys({ from: torn, to, onto }, ours)))).toEqual({ theme: 3, env: { A: "1" } });
    expect(carryKeys({ from: to, to: torn, onto }, ours)).toBeNull();
    expect(carryKeys({ from: to, to: onto, onto: torn }, ours)).toBeNull();
  });
});

function carried(from: object, to: object, onto: object, ours: ReadonlySet<string> = new Set()): string {
  const [a, b, c] = [from, to, onto].map((one) => Buffer.from(JSON.stringify(one)));
  return String(a && b && c && carryKeys({ from: a, to: b, onto: c }, ours));
}
