// Partials and limits: includes that lead nowhere or in a circle, templates that never end or grow without bounds.
import { describe, expect, test } from "vitest";
import { renderFleet } from "../../../src/input/template/render.ts";
import { agentSpec, buildSpec, file, type SpecParts, specOf } from "../../support/spec-builders.ts";

const newsroom = ["editor", "printer", "reporter"].map((name) => agentSpec({ name, displayName: name }));

const faultsOf = async (text: string, parts: SpecParts = {}) => {
  const { fleet, diagnostics } = await renderFleet(specOf("page.md", text, parts));
  expect(fleet).toBeNull();
  return diagnostics;
};

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

  test("stops after two seconds, once, not once per agent", { timeout: 120_000 }, async () => {
    const begin = performance.now();
    const text = each("a", each("b", each("c", each("d", "{% assign n = d.name %}"))));
    expect(await faultsOf(text, { agents: many })).toMatchObject([
      { code: "E207", message: "rendering took longer than 2 s (for reporter-0)" },
    ]);
    // Two seconds for each of 300 agents are ten minutes.
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  test("what stands before and behind what never ends changes nothing: the fault is at the loop", async () => {
    const text = `# Words\n\n${each("a", each("b", each("c", each("d", "{% assign n = d.name %}"))))}\n\n{{ agent.name }}\n`;
    expect(await faultsOf(text, { agents: many })).toMatchObject([{ code: "E207", line: 3 }]);
  });

  test("in a JSON document the strings behind the endless one are not what took so long", async () => {
    const loop = each("a", each("b", each("c", each("d", "{% assign n = d.name %}"))));
    const text = `{\n "first": "{{ agent.name }}",\n "slow": "${loop}",\n "last": "{{ agent.name }}"\n}`;
    const { diagnostics } = await renderFleet(specOf("list.json", text, { agents: many }));
    expect(diagnostics).toMatchObject([{ code: "E207", line: 3 }]);
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
