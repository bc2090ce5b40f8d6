// The depth of a JSON text is seen without parsing it, whatever stands in its strings and however long they are.
import fc from "fast-check";
import { expect, test } from "vitest";
import { isTooDeep } from "../../src/delta/depth.ts";
import { processorSeconds } from "../support/processor-time.ts";

const lists = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test.each([
  ["as deep as may be", lists(100), false],
  ["one deeper", lists(101), true],
  ["objects and lists in turn", `${'[{"a":'.repeat(51)}1${"}]".repeat(51)}`, true],
  ["many beside each other", `[${"[],".repeat(500)}[]]`, false],
  ["brackets in a string", JSON.stringify(lists(500)), false],
  ["brackets behind an escaped quote", `["\\"${lists(500)}"]`, false],
  ["brackets behind an escaped backslash", `["\\\\",${lists(100)}]`, true],
  ["a string that never ends", `["${"[".repeat(500)}`, false],
  ["no JSON at all", "}}}]]]", false],
  ["a string of ten million characters", JSON.stringify("[".repeat(10_000_000)), false],
  ["ten million backslashes", `"${"\\".repeat(10_000_000)}"`, false],
])("%s", async (_what, text, expected) => {
  const took = await processorSeconds(() => expect(isTooDeep(text)).toBe(expected));
  // A quadratic step over ten million characters takes hours.
  expect(took).toBeLessThan(10);
});

test("any document that is not deep itself is not too deep, also within others", () => {
  const wrapped = (value: unknown, depth: number): string =>
    `${"[".repeat(depth)}${JSON.stringify(value)}${"]".repeat(depth)}`;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(isTooDeep(wrapped(value, 90))).toBe(false);
      expect(isTooDeep(wrapped(value, 101))).toBe(true);
    }),
  );
});
