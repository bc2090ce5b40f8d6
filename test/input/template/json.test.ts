// JSON templates: read before they are filled in, so that no value of a registry can break them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonText } from "../../../src/input/template/json-text.ts";
import { renderFleet } from "../../../src/input/template/render.ts";
import { placeOfPointer } from "../../../src/model/source-map.ts";
import { agentSpec, file, MACHINE, type SpecParts, specOf } from "../../support/spec-builders.ts";

const jsonOf = async (text: string, parts: SpecParts = {}) => {
  const { fleet, diagnostics } = await renderFleet(specOf("settings.json", text, parts));
  return { json: fleet?.agents[0]?.files[0]?.json, text: fleet?.agents[0]?.files[0]?.text, diagnostics };
};

const faultOf = async (text: string, parts: SpecParts = {}) => {
  const { fleet, diagnostics } = await renderFleet(specOf("settings.json", text, parts));
  expect(fleet).toBeNull();
  return diagnostics.map(({ code, line, col, message }) => ({ code, line, col, message }));
};

describe("an author of a JSON template", () => {
  test("writes a list, a flag, a number or a map as one expression in quotes", async () => {
    const template = `{
      "tools": "{{ agent.tools }}",
      "protect": "{{ agent.protect }}",
      "count": "{{ agent.tools.size }}",
      "env": "{{ agent.env }}",
      "host": "{{ agent.host }}",
      "first": ["{{ agent.tools.first }}", "{{- agent.model -}}"]
    }`;
    const { json } = await jsonOf(template, { agents: [agentSpec({ env: { LANG: "C", DESK: "night" } })] });
    expect(json).toEqual({
      tools: ["Bash", "Edit", "Read"],
      protect: false,
      count: 3,
      env: { DESK: "night", LANG: "C" },
      host: null,
      first: ["Bash", "opus"],
    });
  });

  test("gets text when there is more than the expression", async () => {
    const { json } = await jsonOf(
      '["{{ agent.tools.size }} tools", " {{ agent.protect }}", "{% if true %}yes{% endif %}"]',
    );
    expect(json).toEqual(["3 tools", " false", "yes"]);
  });

  test("gets two spaces of indent, LF and a last newline, from a template with CRLF and a byte order mark", async () => {
    const { text } = await jsonOf('\uFEFF{\r\n\t"name": "{{ agent.name }}",\r\n"list": []}\r\n');
    expect(text).toBe('{\n  "name": "editor",\n  "list": []\n}\n');
  });

  test("cannot leak what one string assigns into another", async () => {
    const faults = await faultOf('["{% assign desk = 1 %}", "{{ desk }}"]');
    expect(faults).toEqual([{ code: "E202", line: 1, col: 31, message: 'unknown variable "desk"' }]);
  });
});

describe("a JSON template that is wrong", () => {
  test.each([
    ["a comment", '{\n  // why\n  "a": 1\n}', 2, 3, "strict JSON has no comments"],
    ["a trailing comma", '{\n  "a": [1, 2,]\n}', 2, 13, "a comma before the closing bracket"],
    ["an expression outside of a string", '{\n  "tools": [{{ agent.tools }}]\n}', 2, 14, "a key in double quotes"],
    ["a tag outside of a string", '{\n  {% if agent.model %}"a": 1{% endif %}\n}', 2, 3, "a key in double quotes"],
    ["a string that is never closed", '{\n  "a": "x', 2, 8, "never closed"],
    ["a line break in a string", '{\n  "a": "x\n"}', 2, 10, "a line break inside a string"],
    ["single quotes", "{\n  'a': 1}", 2, 3, "a key in double quotes"],
    ["a word", '{"a": yes}', 1, 7, 'found "yes"'],
    ["nothing", "", 1, 1, "the file is empty"],
    ["two documents", "{}\n{}", 2, 1, "more text after the end"],
    ["a wrong escape", '["\\x41"]', 1, 3, "no such escape"],
    ["a number out of range", "[1e999]", 1, 2, "a number that JSON cannot hold"],
    ["a list 100,000 deep", "[".repeat(100_000), 1, 66, "nested deeper than 64"],
  ])("%s is an error with its place", async (_story, text, line, col, message) => {
    const [fault, ...more] = await faultOf(text);
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ code: "E210", line, col });
    expect(fault?.message).toContain(message);
  });

  test("the hint for a forgotten pair of quotes shows the way", async () => {
    const { diagnostics } = await renderFleet(specOf("settings.json", '{"tools": {{ agent.tools }} }'));
    expect(diagnostics[0]?.hint).toContain('"{{ agent.tools }}" becomes a list');
    expect(diagnostics[0]?.sourceLine).toBe('{"tools": {{ agent.tools }} }');
  });

  test("a key that stands twice, or reaches the prototype, or is an expression", async () => {
    expect(await faultOf('{\n "a": 1,\n "a": 2}')).toMatchObject([{ code: "E211", line: 3, col: 2 }]);
    expect(await faultOf('{"deep": {"__proto__": {"x": 1}}}')).toMatchObject([{ code: "E211", line: 1, col: 11 }]);
    expect(await faultOf('{"{{ agent.name }}": 1}')).toMatchObject([{ code: "E212", line: 1, col: 2 }]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test("places inside a string count its escapes as the file has them", async () => {
    const faults = await faultOf(
      '{\n  "say": "\\"caf\\u00e9\\" {{ agent.modle }}",\n  "b": "{{ agent.name | upcaze }}"\n}',
    );
    expect(faults).toEqual([
      { code: "E202", line: 2, col: 28, message: 'unknown variable "agent.modle"' },
      { code: "E203", line: 3, col: 25, message: 'unknown filter "upcaze"' },
    ]);
  });

  test("merge: keys needs an object and a .json target", async () => {
    const keys = { files: [file("settings.json", { merge: "keys" as const })] };
    expect(await faultOf('["a"]', keys)).toMatchObject([{ code: "E220", line: 1, col: 1 }]);
    const page = { files: [file("settings.json", { merge: "keys" as const, target: "settings.md" })] };
    expect(await faultOf("{}", page)).toMatchObject([{ code: "E220", line: 1, col: 1 }]);
  });
});

describe("a finding about a rendered value", () => {
  test("is led back to the line of the template, through escapes in pointers and lists that an expression made", async () => {
    const text = '{\n  "a/b": {\n    "deny": "{{ agent.tools }}",\n    "list": [1,\n      {"x": null}]\n  }\n}';
    const { fleet } = await renderFleet(specOf("settings.json", text));
    const at = (pointer: string) => fleet && placeOfPointer(fleet, "templates/settings.json", pointer);
    expect(at("/a~1b")).toEqual({ file: "templates/settings.json", line: 2, col: 10 });
    expect(at("/a~1b/deny/2")).toMatchObject({ line: 3, col: 13 });
    expect(at("/a~1b/list/1/x")).toMatchObject({ line: 5, col: 13 });
    expect(at("/hooks")).toMatchObject({ line: 1, col: 1 });
    expect(fleet && placeOfPointer(fleet, "templates/other.md", "/x")).toEqual({
      file: "templates/other.md",
      line: 1,
      col: 1,
    });
  });
});

describe("values from a registry that nobody should trust", () => {
  const hostile = [
    'a "quoted" word',
    "a back\\slash and \\n",
    "two\nlines\r\nand a tab\t",
    "{{ agent.model }} {% include 'x' %}",
    "#{pid} #(touch x) $(id) `id` ${HOME}",
    "\u001b[31mred\u001b]0;title\u0007",
    '"}, "hooks": {}, "x": {"',
    "\u2028\u2029\u0000\ud800",
  ];

  test.each(hostile)("%j stays the value it is, in JSON and in text", async (description) => {
    const parts = { agents: [agentSpec({ description })] };
    const { json, text } = await jsonOf(
      '{"whole": "{{ agent.description }}", "part": "> {{ agent.description }} <"}',
      parts,
    );
    expect(json).toEqual({ whole: description, part: `> ${description} <` });
    expect(JSON.parse(text ?? "")).toEqual(json);
    const page = await renderFleet(specOf("page.md", "{{ agent.description }}", parts));
    expect(page.fleet?.agents[0]?.files[0]?.text).toBe(description.replaceAll("\r\n", "\n"));
  });

  test("property: any description survives in every form of JSON template", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (description) => {
        const parts = { agents: [agentSpec({ description })] };
        const liquid = await jsonOf('{"d": "{{ agent.description }}"}', parts);
        expect(JSON.parse(liquid.text ?? "")).toEqual({ d: description });
        const dialect = await renderFleet(
          specOf("settings.json.template", '{"d": "${AGENT_DESCRIPTION}"}', {
            ...parts,
            files: [file("settings.json.template", { target: "settings.json" })],
            machine: MACHINE,
          }),
        );
        expect(JSON.parse(dialect.fleet?.agents[0]?.files[0]?.text ?? "")).toEqual({ d: description });
      }),
      { numRuns: 200 },
    );
  });

  test("property: without expressions a template renders to the value it is", async () => {
    const plain = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
    const safe = plain.filter((text) => !/\{\{|\{%|\$\{|__proto__|constructor|prototype/.test(text));
    await fc.assert(
      fc.asyncProperty(safe, async (text) => {
        expect(JSON.parse((await jsonOf(text)).text ?? "")).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  test("property: our reader accepts exactly what JSON.parse accepts", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"b\\n"',
      "1",
      "-0.5e3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
      '"',
      "\\",
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((parts) => parts.join(""));
    const accepts = (read: () => unknown) => {
      try {
        read();
        return true;
      } catch {
        return false;
      }
    };
    // Two things we refuse and JSON.parse takes: a key that stands twice, a number that becomes Infinity.
    const huge = (value: string) => /e3\d/.test(value);
    const twice = (value: string) => /"(a|b\\n)"[^"]*:[\s\S]*"\1"[^"]*:/.test(value);
    fc.assert(
      fc.property(
        text.filter((value) => !twice(value) && !huge(value)),
        (value) => {
          expect(accepts(() => parseJsonText(value))).toBe(accepts(() => JSON.parse(value)));
        },
      ),
      { numRuns: 5000 },
    );
  });
});
