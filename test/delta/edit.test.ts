// Editing settings in place: whoever else writes the file finds every one of his bytes again.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendAt, removeAt, setAt } from "../../src/delta/edit.ts";
import { readJson, sanitise } from "../../src/delta/edit-read.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";

const bytes = (text: string) => Buffer.from(text);
const parsed = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ""));

/** White space as people, formatters and clients leave it. */
const blank = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const key = fc.stringMatching(/^[a-zA-Z_$ /~.é"\\-]{1,8}$/).filter((name) => name !== "__proto__");
// Through JSON once: it has no -0.
const value = fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.parse(JSON.stringify(one)) as Json);
const document = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

/** Writes a value with arbitrary white space between its tokens. */
function layOut(json: Json, next: () => string): string {
  if (Array.isArray(json)) return `[${next()}${json.map((one) => layOut(one, next) + next()).join(`,${next()}`)}]`;
  if (typeof json === "object" && json !== null) {
    const entries = Object.entries(json as JsonObject).map(
      ([name, one]) => `${JSON.stringify(name)}${next()}:${next()}${layOut(one, next)}${next()}`,
    );
    return `{${next()}${entries.join(`,${next()}`)}}`;
  }
  return JSON.stringify(json);
}

const laidOut = fc.tuple(document, fc.array(blank, { minLength: 1, maxLength: 20 })).map(([json, blanks]) => {
  let at = 0;
  return { json, text: layOut(json, () => blanks[at++ % blanks.length] ?? "") };
});

describe("any layout a person or a client leaves", () => {
  it("keeps every byte outside a value that is set, and takes it back to the byte", () => {
    fc.assert(
      fc.property(laidOut, value, ({ json, text }, added) => {
        const once = setAt(text, ["rollcall key"], added);
        expect(parsed(once)).toEqual({ ...json, "rollcall key": added });
        if (Object.keys(json).length > 0) expect(removeAt(once, ["rollcall key"])).toBe(text);
        expect(setAt(once, ["rollcall key"], added)).toBe(once);
      }),
    );
  });

  it("replaces one value and leaves what stands before and behind it", () => {
    fc.assert(
      fc.property(laidOut, value, fc.nat(), ({ json, text }, added, choice) => {
        const names = Object.keys(json);
        const name = names[choice % names.length];
        if (name === undefined) return;
        const edited = setAt(text, [name], added);
        expect(parsed(edited)).toEqual({ ...json, [name]: added });
        const others = names.filter((one) => one !== name);
        for (const other of others) {
          const without = (source: string) => [other, name].reduce((rest, one) => removeAt(rest, [one]), source);
          expect(without(edited)).toBe(without(text));
        }
      }),
    );
  });

  it("adds and removes a list element and leaves the other elements' bytes", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 5 }),
        fc.array(blank, { minLength: 1, maxLength: 9 }),
        value,
        (list, blanks, added) => {
          let at = 0;
          const text = layOut({ deny: list, theme: "dark" }, () => blanks[at++ % blanks.length] ?? "");
          const longer = appendAt(text, ["deny"], added);
          expect(parsed(longer)).toEqual({ deny: [...list, added], theme: "dark" });
          expect(removeAt(longer, ["deny", list.length])).toBe(text);
        },
      ),
    );
  });
});

describe("a settings file somebody wrote by hand", () => {
  it("gets a new key in the indentation of its neighbours", () => {
    const tabs = '{\n\t"theme": "dark",\n\t"env": {\n\t\t"A": "1"\n\t}\n}\n';
    expect(setAt(tabs, ["env", "B"], "2")).toBe(
      '{\n\t"theme": "dark",\n\t"env": {\n\t\t"A": "1",\n\t\t"B": "2"\n\t}\n}\n',
    );
    expect(setAt(tabs, ["permissions", "deny"], ["Edit(x)"])).toBe(
      '{\n\t"theme": "dark",\n\t"env": {\n\t\t"A": "1"\n\t},\n\t"permissions": {\n\t\t"deny": [\n\t\t\t"Edit(x)"\n\t\t]\n\t}\n}\n',
    );
  });

  it("keeps Windows line ends, one-line files and a byte order mark", () => {
    expect(setAt('{\r\n    "a": 1\r\n}\r\n', ["b"], { c: 2 })).toBe(
      '{\r\n    "a": 1,\r\n    "b": {\r\n        "c": 2\r\n    }\r\n}\r\n',
    );
    expect(setAt('{"a":1}', ["b", "c"], [2])).toBe('{"a":1,"b":{"c":[2]}}');
    expect(setAt('\uFEFF{"a":1}', ["a"], 2)).toBe('\uFEFF{"a":2}');
    expect(setAt("{}", ["a"], 1)).toBe('{\n  "a": 1\n}');
  });

  it("gets containers where something else stood", () => {
    expect(parsed(setAt('{"permissions":null}', ["permissions", "deny"], []))).toEqual({ permissions: { deny: [] } });
    expect(parsed(appendAt('{"permissions":{"deny":"Write"}}', ["permissions", "deny"], "Edit(x)"))).toEqual({
      permissions: { deny: ["Edit(x)"] },
    });
  });

  it("loses the containers that our removal emptied, not those that were empty", () => {
    expect(removeAt('{"a":{"b":{"c":1}},"d":{}}', ["a", "b", "c"])).toBe('{"d":{}}');
    expect(removeAt('{"a":{"b":[1],"e":[]}}', ["a", "b", 0])).toBe('{"a":{"e":[]}}');
    expect(removeAt('{"a":1}', ["nobody"])).toBe('{"a":1}');
  });

  it("refuses to edit what is not strict JSON", () => {
    expect(() => setAt('{"a":1,}', ["a"], 2)).toThrow(/strict JSON/);
  });
});

describe("reading what lies there", () => {
  it("takes comments and trailing commas away and leaves every other byte", () => {
    const text = '{\n  // what I like\n  "theme": "dark", /* no // light */\n  "url": "http://x/*y*/", \n}\n';
    const strict = '{\n  \n  "theme": "dark", \n  "url": "http://x/*y*/" \n}\n';
    expect(sanitise(text)).toBe(strict);
    expect(readJson(bytes(text))).toMatchObject({
      state: "comments",
      strict,
      value: { theme: "dark", url: "http://x/*y*/" },
      why: "a comment in a JSON file",
      place: { line: 2, col: 3 },
    });
    expect(readJson(bytes('{"a": [1,],}'))).toMatchObject({
      state: "comments",
      strict: '{"a": [1]}',
      place: { col: 9 },
    });
  });

  it("never changes strict JSON when it is cleaned", () => {
    fc.assert(
      fc.property(laidOut, ({ text }) => {
        expect(sanitise(text)).toBe(text);
      }),
    );
  });

  it("finds a key that stands twice, and keeps the one a parser would take", () => {
    const read = readJson(bytes('{\n  "model": "opus",\n  "env": {"A": "1", "A": "2"},\n  "model": "haiku"\n}'));
    expect(read).toMatchObject({ state: "duplicates", value: { model: "haiku", env: { A: "2" } } });
    if (read.state !== "duplicates") return;
    expect(read.why).toContain("stands twice");
    expect(read.strict).toBe('{\n  "env": {"A": "2"},\n  "model": "haiku"\n}');
  });

  it.each([
    ["", "the file is empty", undefined],
    [" \n\n", "the file is empty", undefined],
    ['{\n  "a": 1\n  "b": 2\n}', "not JSON (comma expected)", { line: 3, col: 3 }],
    ['{"a": "b', "not JSON (unexpected end of string)", { line: 1, col: 7 }],
    ["[1]", "a list where an object has to be", { line: 1, col: 1 }],
    ["null", "null where an object has to be", { line: 1, col: 1 }],
    ['{"__proto__": {"x": 1}}', "the key __proto__ is refused", { line: 1, col: 2 }],
    [`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`, "nested deeper than 100", { line: 1, col: 105 }],
  ])("says what is wrong with %j", (text, why, place) => {
    const read = readJson(bytes(text));
    expect(read).toMatchObject({ state: "unreadable", why });
    expect(read.state === "unreadable" ? read.place : null).toEqual(place);
  });

  it("says that bytes are not UTF-8 and where", () => {
    expect(readJson(Buffer.from([0x7b, 0xff, 0x7d]))).toMatchObject({ why: "not UTF-8 at byte 1" });
    expect(readJson(Buffer.from('\uFEFF{"a":1}', "utf16le"))).toMatchObject({ why: "not UTF-8 but UTF-16" });
    expect(readJson(Buffer.from([0xff]))).toMatchObject({ why: "not UTF-8 at byte 0" });
  });

  it("tells a file that breaks off from one that is wrong", () => {
    const torn = (text: string | Buffer) => {
      const read = readJson(Buffer.from(text));
      return read.state === "unreadable" && read.torn === true;
    };
    const whole = '{\n  "model": "opus",\n  "env": {"A": "ü", "B": [1, true]}\n}\n';
    for (let length = 0; length < Buffer.byteLength(whole) - 2; length++) {
      expect(torn(Buffer.from(whole).subarray(0, length)), `cut at ${length}`).toBe(true);
    }
    for (const wrong of [whole.replace(",", " oops,"), "[1]", '{"a": 1}}', '{"a" 1}'])
      expect(torn(wrong), wrong).toBe(false);
  });

  it("never throws, whatever lies there", () => {
    const isAnswered = (content: Uint8Array): void => {
      expect(readJson(Buffer.from(content))).toHaveProperty("state", expect.any(String));
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), isAnswered));
    fc.assert(
      fc.property(laidOut, fc.nat(), ({ text }, at) => isAnswered(bytes(text.slice(0, at % (text.length + 1))))),
    );
  });
});
