// `rollcall init [dir]`: makes a fleet project with two example agents. What is there already is never touched.
import { basename, dirname, join, relative, resolve } from "node:path";
import { fleetName, fleetText, IGNORED, ignoreText, registryText } from "../../app/scaffold.ts";
import { createFileReader } from "../../host/fs/files.ts";
import { createWriter } from "../../host/world.ts";
import { RollcallError, UsageError } from "../../model/errors.ts";
import type { FileReader, FileWriter } from "../../model/world.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

const REGISTRY = "desired/registry.yaml";
const IGNORE = ".gitignore";
/** Where a registry of this layout or of the one before may lie. */
const REGISTRIES = [REGISTRY, "desired/registry", "agents/registry.yaml"];

interface Made {
  readonly made: readonly string[];
  readonly left: readonly string[];
}

/** Exit 0 when the project is there; 1 when there already is a registry or something is in the way. */
export async function initCommand({ io, args }: CommandContext<object>): Promise<ExitCode> {
  if (args.length > 1) throw new UsageError("init takes one folder", "rollcall init DIR");
  const reader = createFileReader({ roots: ["/"] });
  const target = targetFolder(resolve(io.cwd, args[0] ?? "."), reader);
  refuseRegistry(target, reader);
  const { files } = createWriter({
    roots: [target],
    state: join(target, "state"),
    env: io.env,
    run: "init",
    note: () => {},
    kill: () => false,
  });
  const outcome = await makeFiles(target, await projectFiles(target, reader), files);
  tell(io, target, outcome);
  if (outcome.left.includes(IGNORE)) tellIgnore(io, target, reader);
  nextSteps(io, target);
  return EXIT.done;
}

/** The real path of the folder; one that is missing is made later, by the first file put into it. */
function targetFolder(wish: string, reader: FileReader): string {
  const real = reader.real(wish);
  if (real === null) {
    if (reader.facts(wish) !== null) throw new RollcallError("E341", `${wish} is a link that leads nowhere`);
    const above = dirname(wish);
    return above === wish ? wish : join(targetFolder(above, reader), basename(wish));
  }
  if (reader.facts(real)?.type === "folder") return real;
  throw new RollcallError("E341", `${wish} is not a folder`, { hint: "name a folder, or one that is yet to be made" });
}

function refuseRegistry(target: string, reader: FileReader): void {
  const there = REGISTRIES.find((path) => reader.facts(join(target, path)) !== null);
  if (there === undefined) return;
  throw new RollcallError("E340", `${join(target, there)} is there already: this is a fleet project`, {
    hint: "nothing was written; see it with `rollcall validate` and `rollcall plan`, or name another folder",
  });
}

/** Path below the project and text of every file, the registry last: with it the project counts as made. */
async function projectFiles(target: string, reader: FileReader): Promise<[path: string, bytes: Buffer][]> {
  const { jsonSchemas } = await import("../../input/spec/schema/json-schema.ts");
  const schemas = Object.entries(jsonSchemas()).map(([name, schema]): [string, string] => [
    `schema/${name}.schema.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]);
  const texts: [string, string][] = [
    [IGNORE, ignoreText()],
    ["desired/fleet.yaml", fleetText(fleetName(basename(target)))],
    ...schemas,
    [REGISTRY, registryText()],
  ];
  return [...shippedTemplates(reader), ...texts.map(([path, text]): [string, Buffer] => [path, Buffer.from(text)])];
}

/** The templates Rollcall comes with: in the package that this very file belongs to, bundled or not. */
function shippedTemplates(reader: FileReader): [path: string, bytes: Buffer][] {
  const folder = templatesFolder(import.meta.dirname, reader);
  const names = reader.list(folder)?.flatMap(({ name, type }) => (type === "file" ? [name] : [])) ?? [];
  return names.flatMap((name) => {
    const read = reader.read(join(folder, name));
    return read.state === "file" ? [[`templates/${name}`, forNewFleet(read.bytes)] as [string, Buffer]] : [];
  });
}

/** A new fleet has no personas kept elsewhere yet: a paragraph that points to them would only make warnings. */
function forNewFleet(template: Buffer): Buffer {
  const text = template.toString("utf8");
  if (!text.includes("TEF_ROOT")) return template;
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => !paragraph.includes("TEF_ROOT"));
  return Buffer.from(`${paragraphs.join("\n\n").trimEnd()}\n`);
}

function templatesFolder(from: string, reader: FileReader): string {
  const folder = join(from, "templates");
  const isPackage = reader.facts(join(from, "package.json"))?.type === "file";
  if (isPackage && reader.facts(join(folder, "settings.json"))?.type === "file") return folder;
  if (dirname(from) === from) {
    throw new RollcallError("E342", "the templates that Rollcall comes with are not there", {
      hint: "this installation is incomplete: install Rollcall again",
    });
  }
  return templatesFolder(dirname(from), reader);
}

/** Puts down what is missing. Whatever has one of the names, file, folder or link, is left as it is. */
async function makeFiles(
  target: string,
  wanted: readonly (readonly [path: string, bytes: Buffer])[],
  files: FileWriter,
): Promise<Made> {
  const made: string[] = [];
  const left: string[] = [];
  for (const [path, bytes] of wanted) {
    const at = join(target, path);
    if (files.facts(at) !== null) {
      left.push(path);
      continue;
    }
    const edit = (current: unknown) =>
      current === null ? ({ do: "write", bytes } as const) : ({ do: "keep" } as const);
    const result = await files.replace({ path: at, mode: 0o644, run: "init", parents: true, edit });
    if (result.state === "refused" || result.state === "moved") {
      const why = result.state === "refused" ? result.message : result.reason;
      const hint =
        made.length > 0 ? `made before that: ${made.join(", ")}; run init again when it is mended` : undefined;
      throw new RollcallError("E341", `cannot make ${at}: ${why}`, hint === undefined ? {} : { hint });
    }
    (result.state === "written" ? made : left).push(path);
  }
  return { made, left };
}

function tell(io: Terminal, target: string, { made, left }: Made): void {
  const { paint } = io.stdout;
  io.print(`A fleet project in ${target}`);
  for (const path of made) io.print(`  ${paint("green", "+")} ${path}`);
  for (const path of left) io.print(`  ${paint("dim", "=")} ${path} was there and is left as it is`);
}

/** An existing .gitignore is a person's: the lines it may need are told, not written. */
function tellIgnore(io: Terminal, target: string, reader: FileReader): void {
  const read = reader.read(join(target, IGNORE));
  const present = new Set(
    read.state === "file"
      ? read.bytes
          .toString("utf8")
          .split(/\r?\n/)
          .map((line) => line.trim())
      : [],
  );
  const missing = IGNORED.filter((line) => !present.has(line));
  if (missing.length > 0) io.print(["", `Add to ${IGNORE}:`, ...missing.map((line) => `  ${line}`)].join("\n"));
}

/** A path as a word of a shell line. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function nextSteps(io: Terminal, target: string): void {
  const here = relative(io.cwd, target);
  const steps = [
    ...(target === resolve(io.cwd) || here === "" ? [] : [[`cd ${quoted(here)}`, "the project"]]),
    ["$EDITOR desired/registry.yaml", "put your agents in place of the two examples"],
    ["rollcall validate", "is the spec right?"],
    ["rollcall plan", "what would be made, and why"],
    ["rollcall apply --files-only", "the agents' files; without the flag their sessions start as well"],
    ["rollcall status", "every agent: in sync, and alive?"],
  ];
  const width = Math.max(...steps.map(([command = ""]) => command.length));
  io.print(["", "Next:", ...steps.map(([command = "", what]) => `  ${command.padEnd(width)}  ${what}`)].join("\n"));
  const elsewhere = io.env["PROJECT_ROOT"];
  if (elsewhere) io.say(`note: PROJECT_ROOT is ${elsewhere}, and commands work there while it is set`);
}
