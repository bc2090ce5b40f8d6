// Liquid pages: what a template's author sees when a name, a filter, a tag or an include is wrong, and at which place.
import { describe, expect, test } from "vitest";
import { renderFleet } from "../../src/template/render.ts";
import { agentSpec, buildSpec, file, MACHINE, type SpecParts, specOf } from "./build-spec.ts";

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

describe("includes", () => {
  const withPartials = (page: string, partials: Record<string, string>) =>
    renderFleet(buildSpec({ agents: newsroom, files: [file("page.md")], templates: { "page.md": page, ...partials } }));

  test("reach other templates, which see the same roots and what they are given", async () => {
    const { fleet, diagnostics } = await withPartials(
      "{% render 'rules.md', who: agent.name %}{% include 'foot.md' %}{% render 'one.md' for agents as a %}",
      {
        "rules.md": "{{ who }} of {{ fleet.name }} ({{ agent.model }}){% render 'foot.md' %}",
        "foot.md": "\n--\n",
        "one.md": "{{ forloop.index }}{{ a.name }} ",
      },
    );
    expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
    expect(fleet?.agents[1]?.files[0]?.text).toBe("printer of newsroom (opus)\n--\n\n--\n1editor 2printer 3reporter ");
  });

  test("a loop is an error that names the chain and the tags", async () => {
    const { fleet, diagnostics } = await withPartials("# x\n{% render 'a.md' %}", {
      "a.md": "{% if agent.protect %}\n {% render 'b.md' %}{% endif %}",
      "b.md": "{% include 'a.md' %}",
    });
    expect(fleet).toBeNull();
    expect(diagnostics).toMatchObject([
      {
        code: "E206",
        file: "templates/b.md",
        line: 1,
        col: 1,
        message: "a loop of includes: a.md → b.md → a.md",
        related: [
          { file: "templates/page.md", line: 2, col: 1, message: "includes a.md" },
          { file: "templates/a.md", line: 2, col: 2, message: "includes b.md" },
        ],
      },
    ]);
    const self = await withPartials("{% render 'page.md' %}", {});
    expect(self.diagnostics).toMatchObject([{ code: "E206", message: "a loop of includes: page.md → page.md" }]);
  });

  test.each([
    ["a file outside", "{% render '../../etc/passwd' %}", "E205", "template not found: ../../etc/passwd"],
    ["an absolute path", "{% include '/etc/passwd' %}", "E205", "template not found: /etc/passwd"],
    ["a relative path", "{% include './page.md' %}", "E205", "template not found: ./page.md"],
    ["a mistyped name", "{% render 'rule.md' %}", "E205", "template not found: rule.md"],
    ["a prototype's name", "{% render 'constructor' %}", "E205", "template not found: constructor"],
    ["a computed name", "{% render agent.name %}", "E205", "an include names its template in plain quotes"],
    [
      "the other dialect",
      "{% render 'old.template' %}",
      "E205",
      "old.template speaks the ${NAME} dialect and cannot be included",
    ],
  ])("%s is an error at the tag", async (_story, page, code, message) => {
    const { diagnostics } = await withPartials(`\n  ${page}`, { "rules.md": "x", "old.template": "${AGENT_NAME}" });
    expect(diagnostics).toMatchObject([{ code, message, file: "templates/page.md", line: 2, col: 3 }]);
  });

  test("a fault inside a partial names the partial's line, found before and while rendering", async () => {
    const { diagnostics } = await withPartials("{% render 'a.md' %} {% render 'b.md' %} {% render 'c.md' %}", {
      "a.md": "\n{{ agent.nope }}",
      "b.md": "ok\n ok {{ variables.nope }}",
      "c.md": "{% endif %}",
    });
    expect(diagnostics.map((one) => `${one.file}:${one.line}:${one.col} ${one.code}`)).toEqual([
      "templates/c.md:1:1 E201",
    ]);
    const later = await withPartials("{% render 'a.md' %} {% render 'b.md' %}", {
      "a.md": "{% if variables.nope == 'x' %}{% endif %}",
      "b.md": "ok\n ok {{ variables.nope }}",
    });
    expect(later.diagnostics.map((one) => `${one.file}:${one.line}:${one.col} ${one.code}`)).toEqual([
      "templates/b.md:2:8 E202",
    ]);
    const early = await withPartials("{% render 'a.md' %}", { "a.md": "\n{{ agent.nope }}" });
    expect(early.diagnostics).toMatchObject([{ file: "templates/a.md", line: 2, col: 4, code: "E202" }]);
  });
});

describe("a template that never ends or grows without bounds", () => {
  const many = Array.from({ length: 300 }, (_, index) => agentSpec({ name: `reporter-${index}` }));
  const each = (name: string, body: string) => `{% for ${name} in agents %}${body}{% endfor %}`;

  test("stops after two seconds, once, not once per agent", async () => {
    const begin = performance.now();
    const text = each("a", each("b", each("c", each("d", "{% assign n = d.name %}"))));
    expect(await faultsOf(text, { agents: many })).toMatchObject([
      { code: "E207", message: "rendering took longer than 2 s (for reporter-0)" },
    ]);
    expect(performance.now() - begin).toBeLessThan(6_000);
  });

  test.each([
    ["a long output", each("a", each("b", "{{ a.description }}")), 1],
    ["a long range", "{% for i in (1..100000000) %}x{% endfor %}", 1],
    [
      "a text that doubles",
      `{% assign s = '0123456789' %}${"{% assign s = s | append: s %}".repeat(30)}{{ s.size }}`,
      1,
    ],
  ])("%s is an error", async (_story, text, line) => {
    expect((await faultsOf(text, { agents: many }))[0]).toMatchObject({ code: "E208", line });
  });

  test("a JSON document counts all its strings together", async () => {
    const long = "x".repeat(300_000);
    const spec = specOf("list.json", `[${'"{{ agent.description }}",'.repeat(4)}""]`, {
      agents: [agentSpec({ description: long })],
    });
    expect((await renderFleet(spec)).diagnostics).toMatchObject([{ code: "E208", line: 1, col: 81 }]);
  });
});
