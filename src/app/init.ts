// Making a fleet project: folders found, files put down, nothing that is there is touched.
import { basename, dirname, join } from "node:path";
import { createFileReader } from "../host/fs/files.ts";
import { createWriter } from "../host/world.ts";
import { RollcallError } from "../model/errors.ts";
import type { FileReader, FileWriter } from "../model/world.ts";
import type { Caller } from "./caller.ts";
import { fleetName, fleetText, IGNORED, ignoreText, registryText } from "./scaffold.ts";

const REGISTRY = "desired/registry.yaml";
const IGNORE = ".gitignore";
/** Where a registry of this layout or of the one before may lie. */
const REGISTRIES = [REGISTRY, "desired/registry", "agents/registry.yaml"];

export interface Scaffolded {
  /** Absolute. */
  readonly target: string;
  /** Below the target. */
  readonly made: readonly string[];
  readonly left: readonly string[];
  /** Lines that an existing .gitignore lacks: it is a person's, so they are named and not written. */
  readonly toIgnore: readonly string[];
}

/** Makes a project in the folder. Throws E340 when there already is one, E341 when something is in the way. */
export async function scaffold(wish: string, { env }: Pick<Caller, "env">): Promise<Scaffolded> {
  const reader = createFileReader({ roots: ["/"] });
  const target = targetFolder(wish, reader);
  refuseRegistry(target, reader);
  const { files } = createWriter({
    roots: [target],
    state: join(target, "state"),
    env,
    run: "init",
    note: () => {},
    kill: () => false,
  });
  const outcome = await makeFiles(target, await projectFiles(target, reader), files);
  const toIgnore = outcome.left.includes(IGNORE) ? missingIgnores(join(target, IGNORE), reader) : [];
  return { target, ...outcome, toIgnore };
}

function missingIgnores(path: string, reader: FileReader): string[] {
  const read = reader.read(path);
  const lines = read.state === "file" ? read.bytes.toString("utf8").split(/\r?\n/) : [];
  const present = new Set(lines.map((line) => line.trim()));
  return IGNORED.filter((line) => !present.has(line));
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
  const { jsonSchemas } = await import("../input/spec/schema/json-schema.ts");
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
): Promise<Pick<Scaffolded, "made" | "left">> {
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
