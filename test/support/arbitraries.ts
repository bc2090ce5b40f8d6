// Worlds for the laws: small fleets, and what people, clients and accidents do to them, as data that prints and shrinks.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { fleetFiles, registryText } from "./fleets.ts";
import type { Project } from "./project-fixture.ts";

const NAMES = ["anchor", "beacon", "cargo"] as const;
const TARGETS = ["CLAUDE.md", "settings.json", "settings.local.json", "hooks/auto-deny"] as const;
const OLD = ["attic", "rubbish"] as const;

const agent = fc.record({
  model: fc.constantFrom("opus", "haiku"),
  tools: fc.subarray(["Read", "Write", "Edit", "Bash"], { minLength: 1 }),
  closed: fc.subarray(["frontend/**", "*.test.*"]),
});
/** Who is in the registry, and as what; null: not in it. */
export const fleets = fc.record({ anchor: fc.option(agent), beacon: agent, cargo: fc.option(agent) });
export type FleetWorld = typeof fleets extends fc.Arbitrary<infer T> ? T : never;

const file = fc.record({ agent: fc.constantFrom(...NAMES), target: fc.constantFrom(...TARGETS) });
const texts = fc.constantFrom("", "mine\n", "{}\n", '{ "model": "sonnet" }\n', "{ torn", "\u0000\u0001", "# Words\r\n");
const settings = fc.constantFrom(
  { model: "sonnet" },
  { disableAllHooks: true },
  { theme: "dark", env: { PAGER: "less" } },
  { permissions: { allow: ["Bash(ls:*)"], deny: ["Edit(.claude/**)", "Read(secrets/**)"], defaultMode: "plan" } },
  { hooks: { PostToolUse: [{ matcher: "Edit", hooks: [{ type: "command", command: "true" }] }] } },
  { hooks: {} },
);
const fault = fc.oneof(
  file.chain((at) => fc.record({ does: fc.constant("write" as const), at: fc.constant(at), text: texts })),
  file.chain((at) => fc.record({ does: fc.constant("set" as const), at: fc.constant(at), keys: settings })),
  file.map((at) => ({ does: "append" as const, at })),
  file.map((at) => ({ does: "comment" as const, at })),
  file.map((at) => ({ does: "delete" as const, at })),
  file.map((at) => ({ does: "link" as const, at })),
  fc.record({ does: fc.constant("mode" as const), at: file, mode: fc.constantFrom(0o600, 0o640, 0o666, 0o700, 0o755) }),
  fc.record({ does: fc.constant("wipe" as const), agent: fc.constantFrom(...NAMES) }),
  fc.record({
    does: fc.constant("foreign" as const),
    agent: fc.constantFrom(...NAMES),
    where: fc.constantFrom("notes.md", ".claude/notes.md", ".claude/hooks/mine.sh"),
  }),
  fc.record({ does: fc.constant("old" as const), folder: fc.constantFrom(...OLD) }),
);
export const faults = fc.array(fault, { maxLength: 7 });
export type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

/** The project's files for a fleet. */
export function filesOf(world: FleetWorld): Record<string, string> {
  const agents = NAMES.flatMap((name) => {
    const one = world[name];
    return one === null
      ? []
      : [{ name, model: one.model, tools: one.tools, more: [`cannot_access: ${JSON.stringify(one.closed)}`] }];
  });
  const retire = "retire: { archive: [{ dir: attic, replaced_by: beacon }], delete: [rubbish] }";
  return { ...fleetFiles({ fleet: [retire] }), "desired/registry.yaml": registryText(agents) };
}

/** Does it to the project. What cannot be done (there is no such file) is left out. */
export function injectFault(project: Project, one: Fault): void {
  if (one.does === "wipe") rmSync(project.path(`agents/${one.agent}/.claude`), { recursive: true, force: true });
  else if (one.does === "foreign") put(project.path(`agents/${one.agent}/${one.where}`), "somebody's\n");
  else if (one.does === "old") oldFolder(project.path(`agents/${one.folder}`));
  else injectIntoFile(project.path(`agents/${one.at.agent}/.claude/${one.at.target}`), one);
}

type FileFault = Extract<Fault, { readonly at: unknown }>;

function injectIntoFile(path: string, one: FileFault): void {
  if (one.does === "write") put(path, one.text);
  else if (existsSync(path)) injectIntoPresent(path, one, readFileSync(path, "utf8"));
}

function injectIntoPresent(path: string, one: Exclude<FileFault, { readonly does: "write" }>, text: string): void {
  switch (one.does) {
    case "set":
      writeFileSync(path, withKeys(text, one.keys));
      break;
    case "append":
      writeFileSync(path, `${text}one more line\n`);
      break;
    case "comment":
      writeFileSync(path, text.replace("{\n", "{\n  // kept for later\n"));
      break;
    case "delete":
      rmSync(path);
      break;
    case "link":
      rmSync(path);
      symlinkSync("../elsewhere", path);
      break;
    case "mode":
      chmodSync(path, one.mode);
      break;
  }
}

function withKeys(text: string, keys: object): string {
  try {
    return `${JSON.stringify({ ...JSON.parse(text), ...keys }, null, 2)}\n`;
  } catch {
    return text;
  }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function oldFolder(path: string): void {
  if (existsSync(path)) return;
  put(join(path, "prompts/start.txt"), "go\n");
  mkdirSync(join(path, "empty"));
  symlinkSync("prompts", join(path, "link"));
}
