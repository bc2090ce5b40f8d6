// Bad inputs that are wrong in a field, a name, or between two agents.
import { rmSync } from "node:fs";
import { agents, type BadInput, FLEET, fleet, named, planner, REGISTRY } from "./bad-inputs.ts";
import { CODER, PLANNER, registry } from "./spec-fixture.ts";

export const FIELDS: readonly BadInput[] = [
  {
    row: 6,
    input: "a mistyped field",
    files: planner("responsibilites: [plans]"),
    errors: [`${REGISTRY}:8:5 E120`],
    hint: "did you mean `responsibilities`?",
  },
  {
    row: 6,
    input: "descripton for description",
    files: agents(registry(PLANNER).replace("description:", "descripton:")),
    errors: [`${REGISTRY}:2:3 E122`, `${REGISTRY}:5:5 E120`],
    message: '"description" is missing in planning-agent',
  },
  {
    row: 7,
    input: "tools: yes",
    files: agents(registry(PLANNER).replace("[Read, Write]", "yes")),
    errors: [`${REGISTRY}:7:12 E121`],
    message: 'planning-agent.tools: expected a list, found the text "yes"',
  },
  {
    row: 7,
    input: "a number for a name",
    files: agents(registry(PLANNER).replace("Of The Story", "42")),
    errors: [`${REGISTRY}:4:19 E121`],
    hint: 'quote it: "42"',
  },
  {
    row: 7,
    input: "nothing where a list belongs",
    files: planner("forbidden:"),
    errors: [`${REGISTRY}:8:5 E121`],
    hint: "write [] for none",
  },
  {
    row: 7,
    input: "a list for the agents",
    files: agents("agents: [planner]\n"),
    errors: [`${REGISTRY}:1:9 E121`],
    message: "expected a map, found a list",
  },
  {
    row: 18,
    input: "a bidirectional character in a display name",
    files: agents(registry(PLANNER).replace("Of The", "Of\u202e The")),
    errors: [`${REGISTRY}:4:19 E117`],
    message: /U\+202E/,
  },
  {
    row: 18,
    input: "a zero-width space in a command",
    files: fleet('session: {command: ["clau\u200bde"]}'),
    errors: [`${FLEET}:1:21 E117`],
    message: /U\+200B.*clau\\u200bde/,
  },
  {
    row: 18,
    input: "a zero-width joiner in an agent's name",
    files: agents(named('"plan\u200dner"')),
    errors: [`${REGISTRY}:2:3 E117`, `${REGISTRY}:3:11 E117`],
    message: /U\+200D/,
  },
  ...[
    "../x",
    "/etc",
    "a/b",
    ".",
    "..",
    "-rf",
    "--help",
    "#(touch x)",
    "#{pid}",
    "a:b",
    "a.b",
    "x;",
    "a\\nb",
    "Planner",
    "x".repeat(300),
    "",
  ].map(
    (name): BadInput => ({
      row: name.startsWith("-")
        ? 20
        : name.includes("#") || /[:.;]/.test(name)
          ? 21
          : name.length > 200 || name.includes("\\n")
            ? 22
            : 19,
      input: `an agent named ${JSON.stringify(name.slice(0, 20))}`,
      files: agents(named(`"${name}"`)),
      errors: [`${REGISTRY}:2:3 E126`, `${REGISTRY}:3:11 E126`],
      message: "^[a-z0-9][a-z0-9-]{0,62}$",
    }),
  ),
  {
    row: 23,
    input: "names that differ in case",
    files: agents(registry({ name: "planner" }, { name: "Planner" })),
    errors: [`${REGISTRY}:8:3 E126`, `${REGISTRY}:8:3 E132`, `${REGISTRY}:9:11 E126`],
  },
  {
    row: 23,
    input: "folders that differ in case",
    files: agents(registry({ ...PLANNER, lines: ["dir: Backend-Agent"] }, CODER)),
    errors: [`${REGISTRY}:8:10 E132`],
    related: [`${REGISTRY}:9:3`],
  },
  {
    row: 23,
    input: "registry files whose names differ in the form of a letter",
    prepare: (project) => rmSync(project.path(REGISTRY)),
    files: {
      "desired/registry/caf\u00e9.yaml": registry(PLANNER),
      "desired/registry/cafe\u0301.yaml": registry(CODER),
    },
    errors: ["desired/registry/caf\u00e9.yaml:1:1 E132"],
    related: ["desired/registry/cafe\u0301.yaml:1:1"],
  },
  {
    row: 34,
    input: "a command as text",
    files: fleet("session:", "  command: claude --model opus"),
    errors: [`${FLEET}:2:12 E125`],
    hint: "use a list: command: [claude, --model, opus]",
  },
  {
    row: 34,
    input: "a command as text, of one agent",
    files: planner("session: {command: claude}"),
    errors: [`${REGISTRY}:8:24 E125`],
    hint: "use a list",
  },
  {
    row: 63,
    input: "a mode as a number",
    files: fleet("files:", "  - template: CLAUDE.md", "    target: .claude/CLAUDE.md", "    mode: 0644"),
    errors: [`${FLEET}:4:11 E124`],
    hint: /quote it: mode: "0644"/,
  },
  {
    row: 65,
    input: "two owners of one exclusive path",
    files: agents(
      registry(
        { ...PLANNER, lines: ["exclusive_access: [tests/**]"] },
        { ...CODER, lines: ["exclusive_access: [src/**, ./tests/**]"] },
      ),
    ),
    // Sorted by name, the backend agent comes first.
    errors: [`${REGISTRY}:8:24 E134`],
    related: [`${REGISTRY}:15:32`],
  },
  {
    row: 65,
    input: "two owners of one path, one of them in braces",
    files: agents(
      registry(
        { ...PLANNER, lines: ["exclusive_access: [/docs/]"] },
        { ...CODER, lines: ["exclusive_access: ['{src,docs}/**']"] },
      ),
    ),
    errors: [`${REGISTRY}:8:24 E134`],
    related: [`${REGISTRY}:15:24`],
  },
  {
    row: 0,
    input: "globs that would close nothing, all told at once",
    files: planner(
      "cannot_access:",
      ...["~/.ssh/**", "$HOME/x", "${HOME}/x", "~"].map((glob) => `  - '${glob}'`),
      ...["!src/keep/**", " !x", "C:\\x\\**", "\\\\server\\x", '"src/**"', "  ", "*/../x"].map(
        (glob) => `  - '${glob}'`,
      ),
      `  - '${"{a,b}".repeat(12)}'`,
      `  - '${"a".repeat(5000)}'`,
    ),
    errors: [
      ...[9, 10, 11, 12].map((line) => `${REGISTRY}:${line}:9 E141`),
      ...[13, 14].map((line) => `${REGISTRY}:${line}:9 E142`),
      ...[15, 16].map((line) => `${REGISTRY}:${line}:9 E143`),
      `${REGISTRY}:17:9 E144`,
      ...[18, 19].map((line) => `${REGISTRY}:${line}:9 E145`),
      ...[20, 21].map((line) => `${REGISTRY}:${line}:9 E146`),
    ],
    message: '"~/.ssh/**": globs are relative to the project root, and ~ is not expanded',
    hint: 'write "src/**" without them',
  },
  {
    row: 0,
    input: "such a glob in exclusive_access",
    files: planner('exclusive_access: ["docs/**", "~/notes/**"]'),
    errors: [`${REGISTRY}:8:35 E141`],
  },
  {
    row: 65,
    input: "an agent that delegates to itself",
    files: planner("delegates_to: [planning-agent]"),
    errors: [`${REGISTRY}:8:20 E133`],
    related: [`${REGISTRY}:2:3`],
  },
  {
    row: 0,
    input: "delegation to an unknown agent",
    files: agents(registry({ ...PLANNER, lines: ["delegates_to: [backend-agnet]"] }, CODER)),
    errors: [`${REGISTRY}:8:20 E104`],
    message: 'delegates_to names an unknown agent "backend-agnet"',
    hint: "did you mean backend-agent?",
  },
  {
    row: 0,
    input: "a name that is not its key",
    files: agents(registry(PLANNER).replace("name: planning-agent", "name: planner")),
    errors: [`${REGISTRY}:3:11 E130`],
    related: [`${REGISTRY}:2:3`],
  },
  {
    row: 0,
    input: "a rename from an agent that is still there",
    files: agents(registry({ ...PLANNER, lines: ["renamed_from: backend-agent"] }, CODER)),
    errors: [`${REGISTRY}:8:19 E135`],
  },
  {
    row: 0,
    input: "a mistyped choice",
    files: fleet("session: {start: alway}"),
    errors: [`${FLEET}:1:18 E123`],
    hint: "did you mean `always`?",
  },
  {
    row: 0,
    input: "a duration without unit",
    files: fleet("policy: {attached_grace: ten}"),
    errors: [`${FLEET}:1:26 E123`],
    message: /10m/,
  },
  {
    row: 0,
    input: "a start that must live without a unit",
    files: fleet("session: {ready: {after: 1}}"),
    errors: [`${FLEET}:1:26 E121`],
  },
  {
    row: 0,
    input: "a start that must live longer than it is waited for",
    files: fleet("session:", "  ready: {after: 10s, timeout: 5s}"),
    errors: [`${FLEET}:2:10 E150`],
    message: "session.ready.after (10000 ms) is longer than session.ready.timeout (5000 ms)",
  },
  {
    row: 0,
    input: "one agent's start that must live longer than the fleet's is waited for",
    files: planner("session: {ready: {after: 1m}}"),
    errors: [`${REGISTRY}:8:22 E150`],
  },
  {
    row: 0,
    input: "a start that is waited for without an end",
    files: fleet("session: {ready: {timeout: 1h}}"),
    errors: [`${FLEET}:1:18 E151`],
    hint: /10m/,
  },
  {
    row: 0,
    input: "a secret reference that names nothing",
    files: fleet("session: {env: {TOKEN: 'env:'}}"),
    errors: [`${FLEET}:1:24 E123`],
  },
  {
    row: 0,
    input: "a registered agent among the folders that retire",
    files: fleet("retire:", "  label: old", "  delete: [planning-agent]"),
    errors: [`${FLEET}:3:12 E139`],
  },
];
