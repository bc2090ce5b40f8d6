// The lines of the spec: where registry, fleet.yaml and configuration say something, with the line's own text.
import { posix } from "node:path";
import { Findings } from "../../input/spec/findings.ts";
import { type LoadContext, placed, type RegistryEntry, readRegistry } from "../../input/spec/registry.ts";
import { readYaml, type SpecDocument } from "../../input/spec/yaml/read.ts";
import { lineOf, readText } from "../../input/spec/yaml/source-text.ts";
import type { Place } from "../../model/diagnostic.ts";
import type { Project } from "../project.ts";

/** A line that somebody wrote; `text` is left out where the line is too long to show. */
export interface SpecLine extends Place {
  readonly text?: string;
}

export interface Sources {
  /** Where an agent's entry says something; null where it does not. */
  agent(name: string, path: readonly (string | number)[]): SpecLine | null;
  /** What its entry has in a list, as written; empty where it has none. */
  list(name: string, field: string): readonly string[];
  /** Where its entry begins. */
  entry(name: string): SpecLine | null;
  fleet(path: readonly (string | number)[]): SpecLine | null;
  config(path: readonly (string | number)[]): SpecLine | null;
  /** How fleet.yaml and the configuration are called here. */
  readonly names: { readonly fleet: string; readonly config: string };
  /** The lines of a template; empty when it is gone. */
  template(file: string): readonly string[];
}

/** Reads the spec once more, with the place of everything in it. */
export function openSources({ config, fleet, reader }: Project): Sources {
  const { root, registry, fleet: fleetFile } = fleet.machine.folders;
  const findings = new Findings();
  const shown = (path: string): string => posix.relative(root, path) || ".";
  const reading: LoadContext = { files: reader.files, findings, inputs: new Set(), shown };
  const entries = new Map(readRegistry(registry, reading).entries.map((entry) => [entry.name, entry]));
  const document = (path: string | undefined): SpecDocument | null => {
    if (path === undefined || reader.files.facts(path) === null) return null;
    const file = shown(path);
    const source = readText({ files: reader.files, path, file, findings, absent: { code: "E127", message: file } });
    return source === null ? null : readYaml(source, findings);
  };
  const ofFleet = document(fleetFile);
  const ofConfig = document(config.file);
  return {
    agent: (name, path) => inEntry(entries.get(name), path),
    list: (name, field) => {
      const found: unknown = Reflect.get(entries.get(name)?.declared ?? {}, field);
      return Array.isArray(found) ? found.map(String) : [];
    },
    entry: (name) => lineAt(entries.get(name), []),
    fleet: (path) => inDocument(ofFleet, path),
    config: (path) => inDocument(ofConfig, path),
    names: { fleet: shown(fleetFile), config: config.file === undefined ? "rollcall.config.yaml" : shown(config.file) },
    template: (file) => {
      const found = reader.files.read(posix.resolve(root, file), { limit: 1024 * 1024 });
      return found.state === "file"
        ? found.bytes
            .toString("utf8")
            .replace(/^\uFEFF/, "")
            .split(/\r?\n/)
        : [];
    },
  };
}

function inEntry(entry: RegistryEntry | undefined, path: readonly (string | number)[]): SpecLine | null {
  return entry !== undefined && has(entry.declared, path) ? lineAt(entry, path) : null;
}

function lineAt(entry: RegistryEntry | undefined, path: readonly (string | number)[]): SpecLine | null {
  if (entry === undefined) return null;
  const { place, sourceLine } = placed(entry, path, "key");
  return specLine(place, sourceLine);
}

function inDocument(document: SpecDocument | null, path: readonly (string | number)[]): SpecLine | null {
  if (document === null || !has(document.value, path)) return null;
  const place = document.place(path, "key");
  return specLine(place, lineOf(document.source, place.line));
}

function specLine({ file, line, col }: Place, text: string | undefined): SpecLine {
  return { file, line, col, ...(text === undefined ? {} : { text }) };
}

/** Whether something is written at a path. */
function has(value: unknown, path: readonly (string | number)[]): boolean {
  let here: unknown = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return false;
    here = Reflect.get(here, step);
  }
  return here !== undefined;
}
