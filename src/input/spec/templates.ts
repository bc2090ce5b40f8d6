// The templates the fleet uses, read once: from the templates folder and nowhere else, with the partials they include.
import { posix } from "node:path";
import type { Place } from "../../model/diagnostic.ts";
import type { Folders, TemplateSource } from "../../model/fleet.ts";
import type { FleetSpec } from "./fleet.ts";
import type { LoadContext } from "./registry.ts";
import { lineOf, placeIn, readText, type SourceText, show, showLine } from "./yaml/source-text.ts";

/** Who names a template: an entry of fleet.yaml, or an include of another template. */
interface Ask {
  readonly name: string;
  readonly from: { readonly place: Place; readonly sourceLine: string | undefined };
  /** A missing partial is told by those who render, with the chain of includes. */
  readonly partial: boolean;
}

const INCLUDE = /\{%-?\s*(?:render|include|layout)\s+(["'])([^"'{}]+)\1/g;

/** Reads every template that fleet.files names, and what those include by name. By the name used. */
export function readTemplates(
  fleet: FleetSpec,
  folders: Folders,
  reading: LoadContext,
): Readonly<Record<string, TemplateSource>> {
  const found = new Map<string, TemplateSource>();
  const asked = new Set<string>();
  const queue: Ask[] = fleet.files.map(({ template }, index) => {
    return { name: template, from: fleet.placed(["files", index, "template"]), partial: false };
  });
  for (let ask = queue.shift(); ask !== undefined; ask = queue.shift()) {
    if (ask.name === "" || asked.has(ask.name)) continue;
    asked.add(ask.name);
    const source = readTemplate(ask, folders, reading);
    if (source === null) continue;
    found.set(ask.name, { path: source.file, text: source.text });
    queue.push(...includesOf(source));
  }
  return Object.fromEntries(found);
}

function includesOf(source: SourceText): Ask[] {
  return [...source.text.matchAll(INCLUDE)].map((match) => {
    const place = placeIn(source, match.index);
    return { name: match[2] ?? "", from: { place, sourceLine: lineOf(source, place.line) }, partial: true };
  });
}

function readTemplate(ask: Ask, { templates }: Folders, reading: LoadContext): SourceText | null {
  const { files, findings, inputs, shown } = reading;
  const path = posix.resolve(templates, ask.name);
  if (posix.isAbsolute(ask.name) || !path.startsWith(`${templates}/`)) {
    outside(ask, path, reading);
    return null;
  }
  inputs.add(path);
  const file = shown(path);
  const real = files.real(path);
  if (real === null) {
    if (!ask.partial) findings.add("E102", () => notFound(ask, file));
    return null;
  }
  const root = files.real(templates) ?? templates;
  if (!real.startsWith(`${root}/`)) {
    outside(ask, real, reading);
    return null;
  }
  return readText({
    ...reading,
    path: real,
    file,
    absent: { code: "E102", message: `template not found: ${showLine(file)}` },
  });
}

function notFound(ask: Ask, file: string) {
  return {
    ...ask.from,
    message: `template not found: ${showLine(file)}`,
    hint: "write it, or take the entry out of `files`",
  };
}

function outside(ask: Ask, path: string, { findings, shown }: LoadContext): void {
  findings.add("E140", () => ({
    ...ask.from,
    message: `the template ${show(ask.name)} lies outside the templates folder: ${show(shown(path))}`,
    hint: "templates are files of the templates folder",
  }));
}
