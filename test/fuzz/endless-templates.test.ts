// Templates that are small in bytes and endless in pieces: reported or rendered in good time, at most fifty errors at once.
import { expect, test } from "vitest";
import { renderFleet } from "../../src/input/template/render.ts";
import { processorSeconds } from "../support/processor-time.ts";
import { agentSpec, buildSpec, file, specOf } from "../support/spec-builders.ts";

const MIB = 1024 * 1024;
/** As often as a template may hold it. */
const full = (piece: string): string => piece.repeat(Math.floor((MIB - 1000) / piece.length));
const nested = (count: number, open: string, close: string): string => `${open.repeat(count)}x${close.repeat(count)}`;

const ENDLESS: readonly (readonly [what: string, text: string, codes: readonly string[]])[] = [
  ["variables", full("{{ agent.name }}"), ["E201"]],
  ["assignments", full("{% assign a = 1 %}"), ["E201"]],
  ["short ifs", full("{% if agent.name %}x{% endif %}"), ["E201"]],
  ["variables, as many as there may be", "{{ agent.name }}\n".repeat(10_000), []],
  ["unknown variables, as many as there may be", "{{ x }}\n".repeat(10_000), ["E199", "E202"]],
  ["assignments, as many as there may be", "{% assign a = 1 %}".repeat(10_000), []],
  ["ifs, as many as there may be", `${" ".repeat(800_000)}${"{% if agent.name %}x{% endif %}".repeat(5_000)}`, []],
  ["ifs inside of ifs", nested(30_000, "{% if agent.name %}", "{% endif %}"), ["E201"]],
  ["loops inside of loops", nested(200, "{% for a in agents %}", "{% endfor %}"), ["E201"]],
  ["ends of nothing", full("{% endif %}"), ["E201"]],
  ["ifs that never end", full("{% if agent.name %}"), ["E201"]],
  ["unknown tags", full("{% nosuch %}"), ["E201"]],
  ["unknown filters", "{{ agent.name | nosuch }}".repeat(4_000), ["E199", "E203"]],
  ["filters one behind the other", `{{ agent.name${" | upcase".repeat(100_000)} }}`, []],
  ["conditions one behind the other", `{% if 1${" or 1".repeat(150_000)} %}x{% endif %}`, []],
  ["indices inside of indices", `{{ agent${"[agent".repeat(80_000)}${"]".repeat(80_000)} }}`, ["E201"]],
  ["openings", full("{{"), ["E201"]],
  ["openings of tags", full("{% "), ["E201"]],
  ["comments", "{% comment %}{% endcomment %}".repeat(5_000), []],
  ["raw stretches", "{% raw %}{{{% endraw %}".repeat(2_500), []],
  ["includes", "{% render 'x.md' %}".repeat(10_000), ["E199", "E205"]],
  ["captures", "{% capture a %}{{ b }}{% endcapture %}".repeat(3_000), ["E199", "E202"]],
  ["empty lines", full("\n"), []],
];

test.each(ENDLESS)("%s", async (_what, text, codes) => {
  const took = await processorSeconds(async () => {
    const { diagnostics } = await renderFleet(specOf("page.md", text));
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect([...new Set(errors.map(({ code }) => code))].sort()).toEqual([...codes].sort());
    expect(errors.length).toBeLessThanOrEqual(51);
  });
  // Usually less than one; a quadratic step over a hundred thousand pieces takes many minutes.
  expect(took).toBeLessThan(10);
});

test("the same inside of a JSON document", async () => {
  const deep = nested(30_000, "{% if agent.name %}", "{% endif %}");
  const { diagnostics } = await renderFleet(specOf("list.json", `[${JSON.stringify(deep)}]`));
  expect(diagnostics).toMatchObject([{ code: "E201", line: 1, message: expect.stringContaining("deeper than 64") }]);
});

test("what is told is counted over all templates, errors and warnings each by themselves", async () => {
  const page = (count: number): string => Array.from({ length: count }, (_, at) => `{{ agent.nope${at} }}`).join("\n");
  const spec = buildSpec({
    agents: [agentSpec({ name: "editor" })],
    files: [file("a.md"), file("b.md")],
    templates: { "a.md": page(40), "b.md": page(40) },
  });
  const { diagnostics } = await renderFleet(spec);
  expect(diagnostics).toHaveLength(51);
  expect(diagnostics.at(-1)).toMatchObject({ code: "E199", message: "and 30 more errors of these templates" });
});
