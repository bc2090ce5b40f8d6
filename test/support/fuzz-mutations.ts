// What chance does to a file: bytes flipped, cut out and put in, lines swapped and doubled, values of a JSON document
// exchanged; and how long a campaign of it lasts.
import fc from "fast-check";
import { expect } from "vitest";
import { isJsonObject, type Json } from "../../src/model/json.ts";

const isLong = process.env["ROLLCALL_FUZZ"] === "long";
const seed = process.env["ROLLCALL_FUZZ_SEED"];
const MINUTE = 60_000;

export interface Attack<T> {
  readonly values: fc.Arbitrary<T>;
  /** Fails when something does not hold of the value. */
  readonly check: (value: T) => Promise<void>;
  /** Puts everything back, whatever came of the check. */
  readonly mend: () => void;
  /** Less than 1 where a case costs much. */
  readonly share?: number;
}

/**
 * Checks many values: a few dozen in CI, as many as a minute allows with ROLLCALL_FUZZ=long. Fails with the seed and the
 * smallest value that breaks it; a long one tells its figures.
 */
export async function attack<T>({ values, check, mend, share = 1 }: Attack<T>): Promise<void> {
  let end = isLong ? Date.now() + MINUTE * share : Number.POSITIVE_INFINITY;
  let tried = 0;
  const property = fc.asyncProperty(values, async (value) => {
    if (Date.now() > end) return;
    tried++;
    try {
      await check(value);
    } catch (error) {
      // However late it was found: it is worth the time to find the smallest.
      end = Number.POSITIVE_INFINITY;
      throw error;
    } finally {
      mend();
    }
  });
  const numRuns = Math.ceil((isLong ? 20_000 : 30) * share);
  const details = await fc.check(property, seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) });
  const { failed, errorInstance } = details;
  if (failed) throw new Error((await fc.asyncDefaultReportMessage(details)) ?? "", { cause: errorInstance });
  if (isLong) console.log(`fuzz: ${tried} cases of "${expect.getState().currentTestName}", seed ${details.seed}`);
}

/** Fragments that have broken parsers before. */
const HOSTILE: readonly string[] = [
  ..."{}[]:,-?&*!|>'\"%@`#~\t\n\r\0\\ ".split(""),
  ...["<<: ", "&a ", "*a", "!!js/function ", "---\n", "...\n", "? ", "|+2", "%YAML 1.1\n", "0644", "1e999", "null"],
  ...["__proto__", "constructor", "prototype", "__proto__: {polluted: 1}\n", '"__proto__": {"polluted": 1},'],
  ...["\ufeff", "\u202e", "\u200b", "\u2028", "\u001b[2J", "\u0007", "\ud800", "\\u0000", "\\ud800"],
  ...[
    "../../",
    "/etc/passwd",
    "$(touch pwned)",
    "#{pid}",
    "'; touch pwned; '",
    "{{",
    "}}",
    "{%",
    "%}",
    "[[[[[[",
    "}}}}}}",
  ],
  ...["-1", "1e308", "9007199254740993", "0x10", "NaN", "Infinity", "true", "[]", "{}", '""', "//", "/* "],
];

/** What Liquid trips over besides. */
const LIQUID: readonly string[] = [
  "{{ agent }}",
  "{{ agents }}",
  "{{ agent.__proto__ }}",
  "{{ agent.constructor.constructor }}",
  "{% for a in (1..1000000000) %}x{% endfor %}",
  "{% for a in agents %}{% for b in agents %}{{ b.name }}{% endfor %}{% endfor %}",
  "{% render 'CLAUDE.md' %}",
  "{% include '../../etc/passwd' %}",
  "{% if agent.name %}",
  "{% endif %}",
  "{% raw %}",
  "{% liquid",
  "{% comment %}",
  "{{ agent.name | append: agent.name | replace: '', 'xxxxxxxx' }}",
  "{{ 'x' | repeat: 100000000 }}",
  "{{ 1 | divided_by: 0 }}",
  "{% assign s = '0123456789' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
  "{{ agent.tools | map: 'constructor' | first }}",
  "{% case agent %}{% when 1 %}",
  "<!-- rollcall:begin -->",
  "<!-- rollcall:end -->",
];

type Cut = { readonly at: number; readonly length: number; readonly put: Buffer };
type Edit =
  | { readonly kind: "cut"; readonly cut: Cut }
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "lines"; readonly from: number; readonly to: number; readonly how: "swap" | "double" | "drop" }
  | { readonly kind: "short"; readonly share: number };

function edits(fragments: readonly string[]): fc.Arbitrary<Edit> {
  const put = fc.oneof(
    fc.constantFrom(...fragments).map((text) => Buffer.from(text)),
    fc.string({ maxLength: 8, unit: "binary" }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  );
  const cut = fc.record({ at: fc.nat(), length: fc.nat(40), put });
  return fc.oneof(
    { weight: 6, arbitrary: cut.map((one): Edit => ({ kind: "cut", cut: one })) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat(7) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("lines" as const),
        from: fc.nat(),
        to: fc.nat(),
        how: fc.constantFrom("swap" as const, "double" as const, "drop" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("short" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
  );
}

function withEdit(bytes: Buffer, edit: Edit): Buffer {
  switch (edit.kind) {
    case "cut": {
      const at = edit.cut.at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), edit.cut.put, bytes.subarray(at + edit.cut.length)]);
    }
    case "flip": {
      const copy = Buffer.from(bytes);
      const at = edit.at % Math.max(1, bytes.length);
      if (bytes.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << edit.bit);
      return copy;
    }
    case "lines":
      return withLines(bytes, edit);
    case "short":
      return bytes.subarray(0, Math.floor(bytes.length * edit.share));
  }
}

function withLines(bytes: Buffer, { from, to, how }: Extract<Edit, { kind: "lines" }>): Buffer {
  const lines = bytes.toString("latin1").split("\n");
  const [one, other] = [from % lines.length, to % lines.length];
  const [first = "", second = ""] = [lines[one], lines[other]];
  if (how === "swap") lines.splice(one, 1, second);
  if (how === "swap") lines.splice(other, 1, first);
  if (how === "double") lines.splice(other, 0, first);
  if (how === "drop") lines.splice(one, 1);
  return Buffer.from(lines.join("\n"), "latin1");
}

export interface Mutation {
  /** The bytes after it. */
  of(bytes: Buffer): Buffer;
}

function mutations(fragments: readonly string[]): fc.Arbitrary<Mutation> {
  return fc.array(edits(fragments), { minLength: 1, maxLength: 4 }).map((list) => ({
    of: (bytes) => list.reduce(withEdit, bytes),
    [fc.toStringMethod]: () => fc.stringify(list),
  }));
}

/** A mutation of any text; of a template. */
export const mutation = mutations(HOSTILE);
export const templateMutation = mutations([...HOSTILE, ...LIQUID, ...LIQUID]);

const KEYS = ["__proto__", "constructor", "prototype", "", "/", "~", "hooks", "permissions", "actions", "version"];

/** Values that do not belong where they are put. */
export const anyJson: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1, 1e308, 2 ** 53, "", "__proto__", "../../x", [], {}, [null], [[]], {
    a: null,
  }),
  fc.constantFrom<Json>("\u001b[2J", "\u202e", "x".repeat(5_000), JSON.parse('{"__proto__": {"polluted": 1}}') as Json),
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json),
);

export interface JsonMutation {
  of(document: Json): Json;
}

/** Exchanges, removes or adds one value somewhere in a document. */
export const jsonMutation: fc.Arbitrary<JsonMutation> = fc
  .record({
    walk: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    how: fc.constantFrom("exchange" as const, "remove" as const, "add" as const, "double" as const),
    key: fc.constantFrom(...KEYS),
    value: anyJson,
  })
  .map((change) => ({
    of: (document: Json) => changed(document, change.walk, change),
    [fc.toStringMethod]: () => fc.stringify(change),
  }));

interface Change {
  readonly how: "exchange" | "remove" | "add" | "double";
  readonly key: string;
  readonly value: Json;
}

/** Goes down by the numbers of the walk, as deep as there is something, and makes the change there. */
function changed(at: Json, [step = 0, ...walk]: readonly number[], change: Change): Json {
  const entries: [string, Json][] = Array.isArray(at)
    ? at.map((one: Json, index): [string, Json] => [String(index), one])
    : isJsonObject(at)
      ? Object.entries(at)
      : [];
  const nth = step % Math.max(1, entries.length);
  const chosen = entries[nth];
  if (chosen === undefined) return change.value;
  const [key, inner] = chosen;
  const isLeaf = walk.length === 0 || typeof inner !== "object" || inner === null;
  if (!isLeaf) entries.splice(nth, 1, [key, changed(inner, walk, change)]);
  else if (change.how === "exchange") entries.splice(nth, 1, [key, change.value]);
  else if (change.how === "remove") entries.splice(nth, 1);
  else if (change.how === "add") entries.splice(nth, 0, [change.key, change.value]);
  else entries.splice(nth, 0, [key, inner]);
  if (Array.isArray(at)) return entries.map(([, value]) => value);
  // Entries become properties of the object's own, also one that is called __proto__.
  return Object.fromEntries(entries);
}
