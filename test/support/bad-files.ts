// Bad inputs that are wrong as files or as YAML, before any field is looked at.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { agents, type BadInput, FLEET, fleet, planner, REGISTRY } from "./bad-inputs.ts";
import { CODER, PLANNER, type Project, registry } from "./spec-fixture.ts";

const deep = (levels: number): string => `agents: ${"[".repeat(levels)}`;
const makeFifo = (project: Project): void => {
  rmSync(project.path(REGISTRY));
  execFileSync("mkfifo", [project.path(REGISTRY)]);
};

export const FILES: readonly BadInput[] = [
  {
    row: 1,
    input: "the registry is missing",
    prepare: (project) => rmSync(project.path(REGISTRY)),
    files: fleet("version: 1"),
    errors: [`${REGISTRY}:1:1 E101`],
    message: "registry not found: desired/registry.yaml",
  },
  {
    row: 1,
    input: "the registry is a folder",
    prepare: (project) => {
      rmSync(project.path(REGISTRY));
      mkdirSync(project.path(REGISTRY));
    },
    errors: [`${REGISTRY}:1:1 E105`],
    message: /desired\/registry\.yaml .*not a regular file/,
  },
  {
    row: 1,
    input: "the registry is a FIFO that nobody writes to",
    prepare: makeFifo,
    errors: [`${REGISTRY}:1:1 E105`],
    message: /not a regular file/,
  },
  {
    row: 1,
    input: "the registry is a link",
    prepare: (project) => {
      rmSync(project.path(REGISTRY));
      symlinkSync("/etc/hostname", project.path(REGISTRY));
    },
    errors: [`${REGISTRY}:1:1 E105`],
    message: /is a link/,
  },
  {
    row: 2,
    input: "an empty registry",
    files: agents(""),
    errors: [`${REGISTRY}:1:1 E103`],
    message: "no agents declared",
  },
  {
    row: 2,
    input: "only comments",
    files: agents("# later\n"),
    errors: [`${REGISTRY}:1:1 E103`],
    message: "no agents declared",
  },
  {
    row: 2,
    input: "an empty agents map",
    files: agents("agents:\n"),
    errors: [`${REGISTRY}:1:1 E103`],
    message: "no agents declared",
  },
  {
    row: 2,
    input: "agents: {}",
    files: agents("# x\nagents: {}\n"),
    errors: [`${REGISTRY}:2:1 E103`],
    hint: /never read as deleting all/,
  },
  {
    row: 2,
    input: "an empty registry folder",
    prepare: (project) => {
      rmSync(project.path(REGISTRY));
      mkdirSync(project.path("desired/registry"));
    },
    errors: ["desired/registry:1:1 E103"],
    message: "no agents declared",
  },
  {
    row: 3,
    input: "an unclosed quote",
    files: agents('agents:\n  planning-agent:\n    name: "planning-agent\n    model: opus\n'),
    errors: [`${REGISTRY}:3:11 E110`],
    message: /Missing closing/,
    related: [`${REGISTRY}:5:1`],
  },
  {
    row: 3,
    input: "an unclosed quote, and a line indented less behind it",
    files: agents('agents:\n  planning-agent:\n    model: "opus\n    tools: ["Read"]\n'),
    errors: [`${REGISTRY}:3:12 E110`],
    message: /Missing closing/,
    related: [`${REGISTRY}:3:17`],
  },
  {
    row: 3,
    input: "an unclosed quote that ends in an escaped one",
    files: agents("agents:\n  planning-agent:\n    description: 'it''\n    model: opus\n"),
    errors: [`${REGISTRY}:3:18 E110`],
    message: /Missing closing/,
    related: [`${REGISTRY}:5:1`],
  },
  {
    row: 3,
    input: "an unclosed bracket",
    files: agents("agents:\n  planning-agent:\n    tools: [Read,\n    model: opus\n"),
    errors: [`${REGISTRY}:3:12 E110`],
    related: [`${REGISTRY}:4:5`],
  },
  {
    row: 3,
    input: "a tab as indentation",
    files: agents("agents:\n\tplanning-agent: 1\n"),
    errors: [`${REGISTRY}:2:1 E110`],
    hint: "indent with spaces",
  },
  {
    row: 4,
    input: "a key that stands twice",
    files: planner("model: haiku"),
    errors: [`${REGISTRY}:8:5 E111`],
    message: /"model" stands twice: first at line 6, column 5/,
    related: [`${REGISTRY}:6:5`],
  },
  {
    row: 5,
    input: "one agent in two files of the registry folder",
    prepare: (project) => rmSync(project.path(REGISTRY)),
    files: { "desired/registry/a.yaml": registry(CODER), "desired/registry/b.yaml": registry(PLANNER, CODER) },
    errors: ["desired/registry/b.yaml:8:3 E131"],
    message: /"backend-agent" is declared twice: first at desired\/registry\/a\.yaml:2:3/,
    related: ["desired/registry/a.yaml:2:3"],
  },
  {
    row: 8,
    input: "an anchor and its alias",
    files: planner("cannot_access: &all [src/**]", "exclusive_access: *all"),
    errors: [`${REGISTRY}:8:20 E112`, `${REGISTRY}:9:23 E112`],
    message: 'anchor "&all"',
  },
  {
    row: 8,
    input: "a merge key",
    files: planner("<<: {model: haiku}"),
    errors: [`${REGISTRY}:8:5 E112`],
    message: "merge key <<",
  },
  {
    row: 9,
    input: "an alias bomb of nine to the eighth",
    files: agents(
      [
        "a: &a [x]",
        ..."bcdefghi".split("").map((name, i) => `${name}: &${name} [${`*${"abcdefghi"[i]},`.repeat(9)}]`),
      ].join("\n"),
    ),
    errors: [`${REGISTRY}:1:4 E112`],
  },
  {
    row: 10,
    input: "brackets 100,000 deep",
    files: agents(deep(100_000)),
    errors: [`${REGISTRY}:1:72 E108`],
    message: "nested deeper than 64",
  },
  {
    row: 10,
    input: "lists 100,000 deep on one line",
    files: agents("- ".repeat(100_000)),
    errors: [`${REGISTRY}:1:129 E108`],
  },
  {
    row: 10,
    input: "maps 1,000 deep by indentation",
    files: agents(Array.from({ length: 1000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")),
    errors: [`${REGISTRY}:65:66 E108`],
  },
  {
    row: 11,
    input: "a file of 100 MB",
    files: { [REGISTRY]: new Uint8Array(100 * 1024 * 1024) },
    errors: [`${REGISTRY}:1:1 E106`],
    message: "larger than 1 MiB",
  },
  {
    row: 11,
    input: "thousands of keys in one map",
    files: agents(`agents:\n${Array.from({ length: 6000 }, (_, n) => `  a${n}: 1\n`).join("")}`),
    errors: [`${REGISTRY}:5002:1 E107`],
    message: "more than 5,000 keys in one map",
  },
  {
    row: 12,
    input: "a second document",
    files: agents(`---\n${registry(PLANNER)}---\nagents: {}\n`),
    errors: [`${REGISTRY}:9:1 E114`],
  },
  {
    row: 12,
    input: "a second document after an end mark",
    files: agents(`${registry(PLANNER)}...\nagents: {}\n`),
    errors: [`${REGISTRY}:9:1 E114`],
  },
  {
    row: 13,
    input: "a tag that names a function",
    files: planner("labels: !!js/function x"),
    errors: [`${REGISTRY}:8:13 E113`, `${REGISTRY}:8:27 E121`],
  },
  {
    row: 13,
    input: "a tag of somebody's own",
    files: planner("labels: !mine [pilot]"),
    errors: [`${REGISTRY}:8:13 E113`],
    message: 'tag "!mine"',
  },
  ...["__proto__", "constructor", "prototype"].flatMap((key): BadInput[] => [
    {
      row: 14,
      input: `the key ${key} of an agent`,
      files: planner(`${key}: {enabled: true}`),
      errors: [`${REGISTRY}:8:5 E115`],
      message: `"${key}" is not allowed`,
    },
    {
      row: 14,
      input: `the key ${key} at the top`,
      files: agents(`${registry(PLANNER)}${key}: {}\n`),
      errors: [`${REGISTRY}:8:1 E115`],
    },
    {
      row: 14,
      input: `the key ${key} deep below`,
      files: fleet(`session: {env: {${key}: x}}`),
      errors: [`${FLEET}:1:17 E115`],
    },
  ]),
  {
    row: 15,
    input: "a byte that is not UTF-8",
    files: { [REGISTRY]: Buffer.concat([Buffer.from("agents:\n  caf"), Buffer.from([0xe9]), Buffer.from(":\n")]) },
    errors: [`${REGISTRY}:2:6 E109`],
    message: "byte 13 (0xe9)",
    hint: "UTF-8",
  },
  {
    row: 15,
    input: "UTF-16 with a byte order mark",
    files: { [REGISTRY]: Buffer.from(`\ufeff${registry(PLANNER)}`, "utf16le") },
    errors: [`${REGISTRY}:1:1 E109`],
    hint: /UTF-16.*UTF-8/,
  },
  {
    row: 15,
    input: "UTF-16 without a byte order mark",
    files: { [REGISTRY]: Buffer.from(registry(PLANNER), "utf16le") },
    errors: [`${REGISTRY}:1:1 E109`],
    hint: /UTF-16.*UTF-8/,
  },
  {
    row: 16,
    input: "a NUL in a value",
    files: planner("host: a\0b"),
    errors: [`${REGISTRY}:8:12 E116`],
    message: "\\u0000",
  },
  {
    row: 16,
    input: "an escaped control character",
    files: planner('host: "a\\u001bb"'),
    errors: [`${REGISTRY}:8:11 E116`],
    message: "\\u001b",
  },
];
