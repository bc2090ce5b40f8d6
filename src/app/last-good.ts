// state/last-good/: the spec of the last apply without errors, so that hooks and files go on being healed while the
// spec has errors. One folder per state of it, named by the digest that the ledger remembers: nothing else is believed.
import { posix } from "node:path";
import { canonicalJson, digestBytes } from "../delta/digest.ts";
import type { LastGood } from "../ledger/schema.ts";
import type { RecordStore } from "../ledger/store.ts";
import type { Config } from "../model/config.ts";
import type { Folders } from "../model/fleet.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { FileReader, RecordFolder } from "../model/world.ts";
import type { Project } from "./project.ts";

declare const ROLLCALL_VERSION: string;

const VERSION = typeof ROLLCALL_VERSION === "string" ? ROLLCALL_VERSION : "source";
const FOLDER = "last-good";
const LIST = "list.json";
const LIMIT = 512 * 1024 * 1024;

/** Files by their name in the folder. */
type Files = Readonly<Record<string, Buffer>>;

interface Kept {
  readonly lastGood: LastGood;
  readonly list: string;
  readonly files: Files;
}

/** True when what is kept is what the project was compiled from. Reads the spec files once more. */
export function isLastGoodFresh(project: Project): boolean {
  const now = specNow(project);
  return now === null || isKept(now, project);
}

/**
 * Writes the spec files of the project beside the ones that are kept: what the ledger is to remember, or null when all of
 * it is kept already. Under the run lock. Until the ledger remembers it, the one before counts and is whole.
 */
export function writeLastGood(project: Project, state: RecordFolder): LastGood | null {
  const now = specNow(project);
  if (now === null || isKept(now, project)) return null;
  const { lastGood, files, list } = now;
  const folder = `${FOLDER}/${lastGood.digest}`;
  // What a killed run left in it, temporary files too. Nobody believes this folder now, or all of it would be kept already.
  if (state.list(FOLDER).includes(lastGood.digest)) state.remove(folder);
  for (const [name, bytes] of Object.entries(files)) state.write(`${folder}/${name}`, asText(bytes));
  state.write(`${folder}/${LIST}`, list);
  return lastGood;
}

/** The spec files as they are now; null while the spec has errors. */
function specNow({ config, compiled, reader }: Project): Kept | null {
  if (!compiled.fleet) return null;
  const inputs = compiled.inputs.map(([path]) => path);
  return keptNow({ config, inputs, fleet: compiled.fleet.name }, reader.files);
}

function isKept({ lastGood }: Kept, { config, store, reader }: Project): boolean {
  if (store.lastGood?.digest !== lastGood.digest || store.lastGood.version !== VERSION) return false;
  return reader.files.facts(posix.join(config.folders.state, FOLDER, lastGood.digest, LIST)) !== null;
}

/** Removes what was kept before. */
export function tidyLastGood({ digest }: LastGood, state: RecordFolder): void {
  for (const name of state.list(FOLDER)) if (name !== digest) state.remove(`${FOLDER}/${name}`);
}

/** Spec files are UTF-8, which their reader has checked. */
const asText = (bytes: Buffer): string => bytes.toString("utf8");

interface SpecFiles {
  readonly config: Config;
  readonly inputs: readonly string[];
  readonly fleet: string;
}

function keptNow({ config, inputs, fleet }: SpecFiles, reader: FileReader): Kept {
  const files: Record<string, Buffer> = {};
  for (const path of inputs) {
    const name = keptName(path, config);
    if (name === null) continue;
    const found = reader.read(reader.real(path) ?? path, { limit: LIMIT });
    if (found.state === "file") files[name] = found.bytes;
  }
  const digests = Object.entries(files).map(([name, bytes]): [string, string] => [name, digestBytes(bytes)]);
  const { folders, layout, named, socket, prefix, session, variables } = config;
  const relative = Object.entries(folders).map(([name, path]) => [name, posix.relative(folders.root, path)]);
  const kept = { layout, named: [...named].sort(), socket, prefix, session, variables };
  const value = { config: { ...kept, folders: Object.fromEntries(relative) }, files: Object.fromEntries(digests) };
  const list = `${canonicalJson(JSON.parse(JSON.stringify(value)) as Json)}\n`;
  return { lastGood: { version: VERSION, digest: digestBytes(list), fleet }, list, files };
}

/** What a spec file is called in the folder; null for what is no spec file. */
function keptName(path: string, { folders, file }: Config): string | null {
  const { registry, fleet, templates } = folders;
  if (path === file) return "rollcall.config.yaml";
  if (path === registry) return "registry.yaml";
  if (path === fleet) return "fleet.yaml";
  if (path.startsWith(`${registry}/`)) return `registry/${path.slice(registry.length + 1)}`;
  return path.startsWith(`${templates}/`) ? `templates/${path.slice(templates.length + 1)}` : null;
}

/** What is kept, when all of it has the digest that the ledger remembers; a clause that says why not otherwise. */
function readKept(lastGood: LastGood, state: string, reader: FileReader): Record<string, Json> | string {
  const folder = posix.join(state, FOLDER, lastGood.digest);
  const list = reader.read(posix.join(folder, LIST), { limit: LIMIT, owned: true });
  if (list.state !== "file") return `${folder} is not there`;
  if (digestBytes(list.bytes) !== lastGood.digest) return `${folder} was changed by something else`;
  const value = JSON.parse(list.bytes.toString("utf8")) as Json;
  if (!isJsonObject(value) || !isJsonObject(value["files"])) return `${folder} was changed by something else`;
  for (const [name, digest] of Object.entries(value["files"])) {
    const found = reader.read(posix.join(folder, name), { limit: LIMIT, owned: true });
    if (found.state !== "file") return `${posix.join(folder, name)} is not there`;
    if (digestBytes(found.bytes) !== digest) return `${posix.join(folder, name)} was changed by something else`;
  }
  return value;
}

/** The configuration that is kept with a spec, as it holds below the root; null when it cannot be believed. */
export function keptConfigOf(
  lastGood: LastGood,
  { root, state }: Pick<Folders, "root" | "state">,
  reader: FileReader,
): Config | null {
  const value = readKept(lastGood, state, reader);
  return typeof value === "string" ? null : configIn(value, root);
}

/** Its digest was checked: it is what a Rollcall wrote, and of this version where a fleet is made from it. */
function configIn(value: Record<string, Json>, root: string): Config {
  const { folders, named, ...kept } = value["config"] as unknown as Omit<Config, "named"> & { named: string[] };
  const placed = Object.entries(folders).map(([name, path]) => [name, posix.join(root, path)]);
  const absolute = Object.fromEntries(placed) as unknown as Folders;
  return { ...kept, folders: absolute, named: new Set(named), found: true, inputs: [], warnings: [] };
}

export type OpenedLastGood =
  | { readonly state: "open"; readonly config: Config; readonly files: FileReader }
  | { readonly state: "unusable"; readonly why: string };

/** The configuration of the last good spec, and a reader that finds the kept files in the places of the spec's own. */
export function openLastGood(
  { lastGood }: Pick<RecordStore, "lastGood">,
  { root, state }: Pick<Folders, "root" | "state">,
  reader: FileReader,
): OpenedLastGood {
  if (!lastGood) return { state: "unusable", why: "no apply without errors has kept its spec yet" };
  if (lastGood.version !== VERSION)
    return { state: "unusable", why: `it was kept by Rollcall ${lastGood.version}, and this is ${VERSION}` };
  const value = readKept(lastGood, state, reader);
  if (typeof value === "string") return { state: "unusable", why: value };
  const config = configIn(value, root);
  return {
    state: "open",
    config,
    files: redirected(reader, config.folders, posix.join(state, FOLDER, lastGood.digest)),
  };
}

/** A reader for which the kept files lie where the spec's own do. */
function redirected(reader: FileReader, { registry, fleet, templates }: Folders, folder: string): FileReader {
  const isFolder = reader.facts(posix.join(folder, "registry")) !== null;
  const places = [
    [registry, posix.join(folder, isFolder ? "registry" : "registry.yaml")],
    [fleet, posix.join(folder, "fleet.yaml")],
    [templates, posix.join(folder, "templates")],
  ] as const;
  const kept = (path: string): string => {
    for (const [from, to] of places)
      if (path === from || path.startsWith(`${from}/`)) return `${to}${path.slice(from.length)}`;
    return path;
  };
  return {
    ...reader,
    read: (path, options) => reader.read(kept(path), options),
    compare: (path, expected) => reader.compare(kept(path), expected),
    facts: (path) => reader.facts(kept(path)),
    list: (path) => reader.list(kept(path)),
    // A template that is a link was kept as what it led to.
    real: (path) => (kept(path) === path ? reader.real(path) : reader.facts(kept(path)) && path),
  };
}
