// Liquid pages: what a template's author sees when a name, a filter, a tag or an include is wrong, and at which place.
import { describe, expect, test } from "vitest";
import { renderFleet } from "../../../src/input/template/render.ts";
import { agentSpec, buildSpec, file, MACHINE, type SpecParts, specOf } from "../../support/spec-builders.ts";

const pageOf = async (text: string, parts: SpecParts = {}) => {
  const { fleet, diagnostics } = await renderFleet(specOf("page.md", text, parts));
  return { text: fleet?.agents[0]?.files[0]?.text, diagnostics };
};

const faultsOf = async (text: string, parts: SpecParts = {}) => {
  const { fleet, diagnostics } = await renderFleet(specOf("page.md", text, parts));
  expect(fleet).toBeNull();
  return diagnostics;
};

const newsroom = ["editor", "printer", "reporter"].map((name) =>
  agentSpec({ name, displayName: name, labels: ["desk"] }),
);

describe("a mistyped name", () => {
  test.each([
    [
      "a field",
      "# Page\n  {{ agent.modle }}",
      "E202",
      2,
      6,
      'unknown variable "agent.modle"',
      "did you mean agent.model?",
    ],
    ["a root", "{{ agnet.name }}", "E202", 1, 4, 'unknown variable "agnet"', "did you mean agent?"],
    [
      "a deep field",
      "{{ fleet.hook.pth }}",
      "E202",
      1,
      4,
      'unknown variable "fleet.hook.pth"',
      "did you mean fleet.hook.path?",
    ],
    [
      "a field in brackets",
      "{{ agent['nmae'] }}",
      "E202",
      1,
      4,
      'unknown variable "agent.nmae"',
      "did you mean agent.name?",
    ],
    ["a prototype's name", "{{ agent.constructor }}", "E202", 1, 4, 'unknown variable "agent.constructor"', undefined],
    [
      "a variable",
      "é: {{ variables.desk }}",
      "E202",
      1,
      7,
      'unknown variable "variables.desk" (for editor)',
      undefined,
    ],
    [
      "a loop over nothing",
      "{% for a in agent.tolls %}{% endfor %}",
      "E202",
      1,
      13,
      'unknown variable "agent.tolls"',
      "did you mean agent.tools?",
    ],
    ["an argument", "{{ agent.tools | join: komma }}", "E202", 1, 24, 'unknown variable "komma"', undefined],
    [
      "a branch nobody takes",
      "{% if false %}{{ agent.nope }}{% endif %}",
      "E202",
      1,
      18,
      'unknown variable "agent.nope"',
      undefined,
    ],
    ["a filter", "x\n{{ agent.name | upcas }}", "E203", 2, 17, 'unknown filter "upcas"', "did you mean upcase?"],
    [
      "a filter in a tag",
      "{% assign x = agent.name | dwncase %}",
      "E203",
      1,
      28,
      'unknown filter "dwncase"',
      "did you mean downcase?",
    ],
    ["a tag", "{% fro a in agents %}", "E204", 1, 1, 'unknown tag "fro"', "did you mean for?"],
    [
      "an end without a beginning",
      "a {% endif %}",
      "E201",
      1,
      3,
      "{% endif %} without the tag it belongs to",
      "open it first, or take it out",
    ],
  ])("%s is an error with its place and a hint", async (_story, text, code, line, col, message, hint) => {
    const [fault, ...more] = await faultsOf(text);
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ code, severity: "error", file: "templates/page.md", line, col, message });
    expect(fault?.hint).toBe(hint);
    expect(fault?.sourceLine).toBe(text.split("\n")[line - 1]);
  });

  test.each([
    ["an output that is not closed", "a\n b {{ agent.name", 2, 4],
    ["a tag that is not closed", "{% if agent.name", 1, 1],
    ["an if without its end", "a {% if agent.name %} b", 1, 3],
    ["an empty output", "a {{ }}", 1, 6],
  ])("%s is a syntax error with its place", async (_story, text, line, col) => {
    expect(await faultsOf(text)).toMatchObject([{ code: "E201", file: "templates/page.md", line, col }]);
  });

  test("all mistakes of all templates are told at once, sorted by place, and once for all agents", async () => {
    const { fleet, diagnostics } = await renderFleet(
      buildSpec({
        agents: newsroom,
        files: [file("b.md"), file("a.json")],
        templates: {
          "b.md": "{{ agent.x }}\n{{ y }} {{ agent.name | z }}",
          "a.json": '{"u": "{{ agent.u }}",\n"v": "{{ v }}"}',
        },
      }),
    );
    expect(fleet).toBeNull();
    expect(diagnostics.map((one) => `${one.file}:${one.line}:${one.col} ${one.code}`)).toEqual([
      "templates/a.json:1:11 E202",
      "templates/a.json:2:10 E202",
      "templates/b.md:1:4 E202",
      "templates/b.md:2:4 E202",
      "templates/b.md:2:25 E203",
    ]);
  });

  test("places hold behind a byte order mark and CRLF, and the output has LF", async () => {
    expect(await faultsOf("\uFEFFone\r\ntwo {{ agent.nope }}\r\n")).toMatchObject([
      { line: 2, col: 8, sourceLine: "two {{ agent.nope }}" },
    ]);
    expect((await pageOf("\uFEFFone\r\n{{ agent.name }}\r\n")).text).toBe("one\neditor\n");
  });
});

describe("what may be missing", () => {
  test("is tested with if, or given a value with default; optional fields are there and empty", async () => {
    const text =
      "{% if variables.desk %}{{ variables.desk }}{% else %}none{% endif %} {{ variables.x | default: 'd' }} [{{ agent.host }}]";
    expect((await pageOf(text)).text).toBe("none d []");
    const machine = { ...MACHINE, variables: { desk: "night" } };
    expect((await pageOf(text, { machine })).text).toBe("night d []");
  });
});

describe("what a template cannot reach", () => {
  test.each(["date: '%Y'", "sample", "where_exp: 'a', 'a'", "strip_html", "base64_decode", "raw", "shuffle"])(
    "the filter %s is not there: it depends on more than its input, or runs code",
    async (filter) => {
      expect(await faultsOf(`{{ agent.name | ${filter} }}`)).toMatchObject([{ code: "E203" }]);
    },
  );

  test.each(["layout 'x'", "increment i", "cycle 'a', 'b'", "tablerow a in agents", "liquid echo 1", "block b"])(
    "the tag %s is not there",
    async (tag) => {
      expect((await faultsOf(`{% ${tag} %}`))[0]).toMatchObject({ code: "E204", line: 1, col: 1 });
    },
  );

  test("the machine's paths, unless the target is this machine's own", async () => {
    const text = "a\n{{ project.root }}";
    expect(await faultsOf(text)).toMatchObject([{ code: "E214", line: 2, col: 4 }]);
    const local = await renderFleet(
      buildSpec({ files: [file("p.md", { target: ".claude/p.local.md" })], templates: { "p.md": text } }),
    );
    expect(local.fleet?.agents[0]?.files[0]).toMatchObject({ text: "a\n/srv/newsroom", portable: false });
  });

  test("a name that a loop or a partial gives may hide a root", async () => {
    const text = "{% for agent in agents %}{{ agent.name }} {% endfor %}{% assign project = 'p' %}{{ project }}";
    expect((await pageOf(text, { agents: newsroom })).text).toBe("editor printer reporter p");
  });
});

describe("a list or an object in a text", () => {
  test("a list of several elements is a warning with its place, and still printed", async () => {
    const { text, diagnostics } = await pageOf(
      "May use:\n {{ agent.tools }}.{% capture x %}{{ agent.labels }}{% endcapture %}",
    );
    expect(text).toBe("May use:\n BashEditRead.");
    const found = diagnostics.filter((one) => one.code !== "W203");
    expect(found).toMatchObject([{ code: "W201", severity: "warning", line: 2, col: 2 }]);
    expect(found[0]?.hint).toContain("| join");
  });

  test("an object is an error: its text would say nothing", async () => {
    expect(await faultsOf("x {{ agent.env }}")).toMatchObject([{ code: "E213", line: 1, col: 3 }]);
  });
});
