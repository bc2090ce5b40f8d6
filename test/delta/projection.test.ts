// One projection for what is desired and for what lies on disk: a file as we write it projects to what was rendered.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { blockFile } from "../../src/delta/block.ts";
import { projectRendered } from "../../src/delta/projection.ts";
import { projectBytes } from "../../src/delta/projection-read.ts";
import type { Merge, RenderedFile } from "../../src/model/fleet.ts";
import type { Json } from "../../src/model/json.ts";

const LIVE = new Set(["hooks", "permissions"]);
const NONE = new Set<string>();

function fileOf(merge: Merge, text: string, json?: Json): RenderedFile {
  const common = { target: "f", mode: "0644", portable: true, template: "t" };
  return { ...common, merge, text, ...(json === undefined ? {} : { json }) };
}

const key = fc.stringMatching(/^[a-z/~ ]{1,6}$/);
const document = fc.dictionary(fc.oneof(key, fc.constantFrom(...LIVE)), fc.jsonValue({ maxDepth: 3 }), {
  noNullPrototype: true,
});
const sound = (value: unknown): boolean => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value));

test("whatever is rendered, the file as it is written projects to the same", () => {
  void fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const whole = fileOf("whole", text);
      expect(projectBytes(whole, Buffer.from(text), NONE)).toEqual(projectRendered(whole, NONE));
      const plain = text.replaceAll("<!--", "");
      const block = fileOf("block", plain);
      const around = Buffer.from(`# Mine\n${blockFile(plain)}More\n`);
      expect(projectBytes(block, around, NONE)).toEqual(projectRendered(block, NONE));
    }),
  );
  void fc.assert(
    fc.property(document.filter(sound), document.filter(sound), (ours, theirs) => {
      const json = JSON.parse(JSON.stringify(ours)) as Json;
      const text = JSON.stringify(json);
      const keys = fileOf("keys", text, json);
      const beside = Buffer.from(JSON.stringify({ ...theirs, ...ours }, null, 2));
      expect(projectBytes(keys, beside, LIVE)).toEqual(projectRendered(keys, LIVE));
      const whole = fileOf("whole", text);
      expect(projectBytes(whole, Buffer.from(text), LIVE)).toEqual(projectRendered(whole, LIVE));
    }),
  );
});

test("what is read live does not count, and what cannot be read was not loaded", () => {
  const json = { model: "opus", permissions: { deny: ["x"] }, env: { A: "1" } };
  const keys = fileOf("keys", JSON.stringify(json), json);
  expect(projectRendered(keys, LIVE)).toEqual({ "/model": "opus", "/env/A": "1" });
  for (const bytes of [null, Buffer.from(""), Buffer.from('{ // mine\n "model": "opus" }')])
    expect(projectBytes(keys, bytes, LIVE)).toEqual({});
  expect(projectBytes(fileOf("whole", "x"), null, NONE)).toBeNull();
  expect(projectBytes(fileOf("block", "x"), Buffer.from("# Mine\n"), NONE)).toBeNull();
});
