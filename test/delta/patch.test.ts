// The machine's form of a difference: it fits only the document it was made for, and never reaches a prototype.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesBetween } from "../../src/delta/changes.ts";
import { applyPatch, makePatch, reservedSegment } from "../../src/delta/patch.ts";
import { textDifference } from "../../src/delta/text-diff.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { PatchOperation } from "../../src/model/plan.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const plain = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;
const named = (value: Json): boolean => /__proto__|constructor|prototype/.test(JSON.stringify(value));

describe("a patch", () => {
  it("turns the one document into the other, and leaves the one untouched", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        fc.pre(!named(a) && !named(b));
        const [before, after] = [plain(a), plain(b)];
        const frozen = JSON.stringify(before);
        expect(applyPatch(before, makePatch(before, after))).toEqual({ ok: true, value: after });
        expect(JSON.stringify(before)).toBe(frozen);
      }),
    );
  });

  it("fails on a document that moved since, and names the operation", () => {
    const patch = makePatch({ model: "opus", env: {} }, { model: "haiku", env: {} });
    expect(patch[0]).toEqual({ op: "test", path: "/model", value: "opus" });
    const moved = { model: "sonnet", env: {} };
    expect(applyPatch(moved, patch)).toMatchObject({ ok: false, code: "E661", index: 0 });
    expect(moved).toEqual({ model: "sonnet", env: {} });
  });

  it("is all or nothing: a late failure leaves no early change behind", () => {
    const document = { a: 1 };
    const patch: PatchOperation[] = [
      { op: "replace", path: "/a", value: 2 },
      { op: "remove", path: "/nobody" },
    ];
    expect(applyPatch(document, patch)).toMatchObject({ ok: false, code: "E661", index: 1 });
    expect(document).toEqual({ a: 1 });
  });

  it.each([
    [{ op: "add", path: "/__proto__/polluted", value: true }],
    [{ op: "add", path: "/constructor/prototype/polluted", value: true }],
    [{ op: "copy", from: "/constructor", path: "/x" }],
    [{ op: "add", path: "/a/~0/../prototype", value: 1 }],
  ])("refuses %j before anything is applied", (operation) => {
    const patch = [{ op: "add", path: "/first", value: 1 }, operation] as unknown as PatchOperation[];
    expect(applyPatch({}, patch)).toMatchObject({ ok: false, code: "E660", index: 1 });
    expect(reservedSegment(patch)).toMatchObject({ index: 1 });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("refuses operations it does not know", () => {
    const patch = [{ op: "explode", path: "/a" }] as unknown as PatchOperation[];
    expect(applyPatch({ a: 1 }, patch)).toMatchObject({ ok: false, code: "E661" });
  });
});

describe("changes for people", () => {
  it("are one per key, sorted, with both values", () => {
    const before: JsonObject = { "/model": "opus", "/env/A": "1", "/hooks/x": { matcher: "*", hook: { timeout: 5 } } };
    const after: JsonObject = { "/model": "haiku", "/env/B": "2", "/hooks/x": { matcher: "*", hook: { timeout: 10 } } };
    expect(changesBetween(before, after)).toEqual([
      { path: "/env/A", before: "1", after: null },
      { path: "/env/B", before: null, after: "2" },
      { path: "/hooks/x", before: before["/hooks/x"], after: after["/hooks/x"] },
      { path: "/model", before: "opus", after: "haiku" },
    ]);
    expect(changesBetween(before, before)).toEqual([]);
  });
});

describe("differences of texts", () => {
  it("are a unified diff with the number of lines", () => {
    const found = textDifference({ name: ".claude/CLAUDE.md", before: "a\nb\nc\n", after: "a\nB\nc\nd\n" });
    expect(found.lines).toBe(2);
    expect(found.unified).toBe(
      "--- a/.claude/CLAUDE.md\n+++ b/.claude/CLAUDE.md\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n",
    );
    expect(textDifference({ name: "x", before: null, after: "a\n" }).unified).toContain("--- /dev/null");
  });

  it("say so when two texts have nothing in common, instead of comparing for minutes", () => {
    const text = (seed: number) =>
      Array.from({ length: 20_000 }, (_, line) => `${seed} ${(line * 7919 * seed) % 9973}`).join("\n");
    const found = textDifference({ name: "big", before: text(3), after: text(5) });
    // A comparison that was carried through would count the lines.
    expect(found).toMatchObject({ lines: null });
    expect(found.unified).toContain("20000 lines become 20000");
  });
});
