// The registry: one file, or a folder of files each with its own agents map, read into entries with their places.
import { posix } from "node:path";
import type { Place } from "../../model/diagnostic.ts";
import type { FileReader } from "../../model/world.ts";
import type { Findings } from "./findings.ts";
import { checkDocument } from "./schema/issues.ts";
import { looseAgents } from "./schema/partial.ts";
import { type AgentEntry, registryShape } from "./schema/schema.ts";
import type { Path } from "./schema/schema-port.ts";
import { readYaml, type SpecDocument } from "./yaml/read.ts";
import { lineOf, readText, show } from "./yaml/source-text.ts";

/** What every reading of the spec needs. */
export interface LoadContext {
  readonly files: FileReader;
  readonly findings: Findings;
  /** Every path whose content or absence counts, absolute. A folder stands for its list of names. */
  readonly inputs: Set<string>;
  /** An absolute path as diagnostics name it: relative to the project root. */
  shown(path: string): string;
}

/** One agent as declared. */
export interface RegistryEntry {
  readonly name: string;
  readonly declared: AgentEntry;
  readonly document: SpecDocument;
}

/** A name in a registry, whether its entry is sound or not. */
export interface DeclaredName {
  readonly name: string;
  readonly place: Place;
  readonly sourceLine: string | undefined;
}

export interface RegistryEntries {
  readonly entries: readonly RegistryEntry[];
  /** Every name that stands as a key, also of entries that are not sound. */
  readonly named: readonly DeclaredName[];
  /** False when a file could not be read: names may be missing, so nothing is said of unknown ones. */
  readonly whole: boolean;
}

/** Where something of an entry lies, with its line: `placed(entry, ["tools", 2])`. */
export function placed(
  { document, name }: Pick<RegistryEntry, "document" | "name">,
  path: Path,
  which?: "key" | "value",
): { readonly place: Place; readonly sourceLine: string | undefined } {
  const place = document.place(["agents", name, ...path], which);
  return { place, sourceLine: lineOf(document.source, place.line) };
}

const HOW_TO_BEGIN = "rollcall init makes one; rollcall.config.yaml can name another place";

/** Reads the registry at an absolute path. Findings are added; an empty one is an error, never an empty fleet. */
export function readRegistry(path: string, reading: LoadContext): RegistryEntries {
  const facts = reading.files.facts(path);
  const folder = facts?.type === "folder" && !/\.ya?ml$/i.test(path);
  const paths = folder ? folderFiles(path, reading) : [path];
  const entries: RegistryEntry[] = [];
  const named: DeclaredName[] = [];
  let whole = true;
  for (const file of paths) {
    const read = readRegistryFile(file, reading);
    if (read === null) whole = false;
    else {
      entries.push(...read.entries);
      named.push(...read.named);
    }
  }
  const unique = withoutDoubles(entries);
  return { entries: unique.sort((a, b) => (a.name < b.name ? -1 : 1)), named, whole };
}

function withoutDoubles(entries: readonly RegistryEntry[]): RegistryEntry[] {
  const seen = new Map<string, RegistryEntry>();
  for (const entry of entries) if (!seen.has(entry.name)) seen.set(entry.name, entry);
  return [...seen.values()];
}

function folderFiles(path: string, { files, findings, inputs, shown }: LoadContext): string[] {
  inputs.add(path);
  const found: string[] = [];
  const folded = new Map<string, string>();
  for (const { name, type } of files.list(path) ?? []) {
    const file = posix.join(path, name);
    const place = { file: shown(file), line: 1, col: 1 };
    if (type === "folder") {
      findings.add("W155", () => ({
        place,
        message: `${shown(file)} is a folder and is not read`,
        hint: "move its files up",
      }));
      continue;
    }
    if (!/\.ya?ml$/.test(name) || name.startsWith(".")) continue;
    const fold = name.normalize("NFC").toLowerCase();
    const twin = folded.get(fold);
    if (twin !== undefined) {
      const other = { file: twin, line: 1, col: 1, message: "the other one" };
      const message = `two registry files differ only in case or in the form of their letters: ${show(twin)} and ${show(shown(file))}`;
      findings.add("E132", () => ({ place, message, hint: "rename one of them", related: [other] }));
    }
    folded.set(fold, shown(file));
    found.push(file);
  }
  if (found.length === 0) {
    const place = { file: shown(path), line: 1, col: 1 };
    findings.add("E103", () => ({
      place,
      message: `no agents declared: ${shown(path)} has no .yaml file`,
      hint: HOW_TO_BEGIN,
    }));
  }
  return found;
}

function readRegistryFile(path: string, reading: LoadContext): Pick<RegistryEntries, "entries" | "named"> | null {
  const { files, findings, inputs, shown } = reading;
  inputs.add(path);
  const file = shown(path);
  const absent = { code: "E101", message: `registry not found: ${file}`, hint: HOW_TO_BEGIN };
  const source = readText({ files, path, file, findings, absent });
  if (source === null) return null;
  const document = readYaml(source, findings);
  if (document === null || !declaresAgents(document, findings)) return null;
  const declared = checkDocument(document, registryShape, findings);
  const agents = declared === null ? looseAgents(document.value) : Object.entries(declared.agents);
  const names = Object.keys(agentsOf(document.value) ?? {});
  const named = names.map((name) => ({ name, ...placed({ document, name }, [], "key") }));
  const entries = agents.map(([name, entry]) => ({ name, declared: entry, document }));
  return { entries, named };
}

/** An empty registry is told by name: it must never be read as "delete all agents". */
function declaresAgents(document: SpecDocument, findings: Findings): boolean {
  const agents = agentsOf(document.value);
  const empty =
    document.value === null || agents === null || (agents !== undefined && Object.keys(agents).length === 0);
  if (!empty) return true;
  if (document.spoiled(["agents"])) return false;
  const place = document.place(["agents"], "key");
  findings.add("E103", () => ({
    place,
    message: `no agents declared in ${document.source.file}`,
    hint: "write at least one agent below `agents:`; an empty registry is never read as deleting all",
    sourceLine: lineOf(document.source, place.line),
  }));
  return false;
}

/** The agents map of a document; null when it is empty or not there, undefined when it is something else. */
function agentsOf(value: unknown): Readonly<Record<string, unknown>> | null | undefined {
  if (value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const agents: unknown = Object.hasOwn(value, "agents") ? Reflect.get(value, "agents") : noAgents(value);
  if (agents === null || agents === undefined) return agents;
  return typeof agents === "object" && !Array.isArray(agents)
    ? (agents as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Without an `agents` key: nothing is declared, unless another key is there that may be a mistyped one. */
function noAgents(value: object): null | undefined {
  return Object.keys(value).some((key) => key !== "version") ? undefined : null;
}

/** The agent's folder below the agents folder. A renamed agent keeps its old one: conversations belong to folders. */
export function folderOf({ name, declared }: Pick<RegistryEntry, "name" | "declared">): string {
  return declared.dir ?? declared.renamed_from ?? name;
}
