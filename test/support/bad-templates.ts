// Bad inputs in templates: what Liquid cannot read, what never ends, and what the client would not take.
import { agents, type BadInput, FLEET, fleet } from "./bad-inputs.ts";
import { type Files, registry } from "./spec-fixture.ts";

const MEMORY = "templates/CLAUDE.md";
const SETTINGS = "templates/settings.json";
const memory = (text: string): Files => ({ [MEMORY]: text });
const settings = (text: string): Files => ({ [SETTINGS]: text });

/** Loops over all agents, one inside the other. */
const each = (names: readonly string[], body: string): string =>
  names.reduceRight((inner, name) => `{% for ${name} in agents %}${inner}{% endfor %}`, body);
const CROWD = agents(registry(...Array.from({ length: 300 }, (_, index) => ({ name: `agent-${index}` }))));

export const TEMPLATE_INPUTS: readonly BadInput[] = [
  {
    row: 29,
    input: "an unknown variable",
    files: memory("# x\n\nSee {{ agent.modle }}.\n"),
    errors: [`${MEMORY}:3:8 E202`],
    message: 'unknown variable "agent.modle"',
    hint: "model",
  },
  {
    row: 29,
    input: "a variable that reaches for the prototype",
    files: memory("{{ agent.__proto__ }} {{ agent.constructor }}\n"),
    errors: [`${MEMORY}:1:4 E202`, `${MEMORY}:1:26 E202`],
  },
  {
    row: 29,
    input: "an unknown filter and an unknown tag",
    files: { ...memory("{{ agent.name | upcaze }}\n"), ...settings('{\n  "a": "{% nosuch %}"\n}\n') },
    errors: [`${MEMORY}:1:17 E203`, `${SETTINGS}:2:9 E204`],
    hint: "upcase",
  },
  {
    row: 29,
    input: "includes that go in a circle",
    files: {
      ...memory("# x\n{% render 'a.md' %}\n"),
      "templates/a.md": "\n {% render 'b.md' %}\n",
      "templates/b.md": "{% include 'a.md' %}\n",
    },
    errors: ["templates/b.md:1:1 E206"],
    message: "a loop of includes: a.md → b.md → a.md",
    related: [`${MEMORY}:2:1`, "templates/a.md:2:2"],
  },
  {
    row: 25,
    input: "an include above the templates folder",
    files: memory("{% render '../../etc/passwd' %}\n"),
    errors: [`${MEMORY}:1:1 E140`, `${MEMORY}:1:1 E205`],
    message: "../../etc/passwd",
  },
  {
    row: 26,
    input: "a target that leads out once its words are filled in",
    files: fleet("files:", "  - template: CLAUDE.md", '    target: "{{ agent.dir }}/../../{{ agent.name }}.md"'),
    errors: [`${FLEET}:3:13 E136`],
  },
  {
    row: 30,
    input: "a template that never ends",
    files: { ...CROWD, ...memory(`# x\n${each(["a", "b", "c", "d"], "{% assign n = d.name %}")}\n`) },
    errors: [`${MEMORY}:2:* E207`],
    message: "rendering took longer than 2 s",
  },
  {
    row: 30,
    input: "a range of a hundred million",
    files: memory("\n{% for i in (1..100000000) %}x{% endfor %}\n"),
    errors: [`${MEMORY}:2:1 E208`],
  },
  {
    row: 30,
    input: "a text that doubles thirty times",
    files: memory(`{% assign s = '0123456789' %}${"{% assign s = s | append: s %}".repeat(30)}{{ s }}\n`),
    errors: [`${MEMORY}:1:600 E208`],
  },
  {
    row: 31,
    input: "a JSON template with a comma too many",
    files: settings('{\n  "model": "opus",\n}\n'),
    errors: [`${SETTINGS}:2:18 E210`],
  },
  {
    row: 31,
    input: "a JSON template that forgot the quotes around an expression",
    files: settings('{"tools": {{ agent.tools }} }\n'),
    errors: [`${SETTINGS}:1:12 E210`],
    hint: "becomes a list",
  },
  {
    row: 31,
    input: "settings that the client would drop",
    files: settings('{\n  "model": "opus",\n  "permissions": {\n    "deny": "Bash"\n  }\n}\n'),
    errors: [`${SETTINGS}:4:13 E650`],
    message: "/permissions/deny",
  },
  {
    row: 14,
    input: "a JSON template with a key that reaches the prototype",
    files: settings('{"env": {"__proto__": {"polluted": "yes"}}}\n'),
    errors: [`${SETTINGS}:1:10 E211`],
  },
];
