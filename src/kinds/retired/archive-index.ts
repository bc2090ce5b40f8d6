// The index of an archive folder: Markdown for people, one section of `- key: value` lines per folder for programs.
import type { Tree } from "./tree-digest.ts";

export interface ArchiveEntry {
  /** The folder's name; the title of its section. */
  readonly folder: string;
  readonly from: string;
  readonly why: string;
  readonly replacedBy?: string;
  /** Of the tree as it was archived; see tree.ts. */
  readonly digest: string;
  readonly restore: string;
}

/** What makes the entry of a folder; no clock and no machine path, so that writing it twice gives the same bytes. */
export interface EntryInput {
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  readonly replacedBy: string | undefined;
  /** How fleet.yaml is called in this project. */
  readonly spec: string;
  readonly tree: Tree;
}

export function entryOf({ folder, from, to, replacedBy, spec, tree }: EntryInput): ArchiveEntry {
  const files = `${tree.files} file${tree.files === 1 ? "" : "s"}`;
  return {
    folder,
    from,
    why: `listed under retire.archive in ${spec}: no agent of the registry lives in it`,
    ...(replacedBy === undefined ? {} : { replacedBy }),
    digest: `${tree.digest} (${files})`,
    restore: `take ${folder} out of retire.archive in ${spec}, then: mv ${to} ${from}`,
  };
}

const preamble = (label: string): string => `# Retired folders: ${label}

Folders that left the agents folder, one section each: where it was, why it went, what took its place, the digest of
what was in it, and how to bring it back. Rollcall writes the sections; what else stands here is left alone.
`;

const HEADING = /^## (\S+)\s*$/;
const FIELD = /^- (?:from|why|replaced by|digest|restore): /;

interface Section {
  /** undefined: what stands before the first section. */
  readonly folder: string | undefined;
  readonly text: string;
}

function sectionsOf(text: string): Section[] {
  const sections: { folder: string | undefined; lines: string[] }[] = [{ folder: undefined, lines: [] }];
  for (const line of text.split("\n")) {
    const heading = HEADING.exec(line);
    if (heading) sections.push({ folder: heading[1], lines: [line] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ folder, lines }) => ({ folder, text: lines.join("\n") }));
}

/** The entries of an index, by folder. Sections that are not entries are left out. */
export function parseIndex(text: string): ReadonlyMap<string, ArchiveEntry> {
  const entries = new Map<string, ArchiveEntry>();
  for (const { folder, text: body } of sectionsOf(text)) {
    if (folder === undefined) continue;
    const field = (name: string): string | undefined =>
      new RegExp(`^- ${name}: (.*)$`, "m").exec(body)?.[1]?.trim() || undefined;
    const from = field("from");
    const digest = field("digest");
    const replacedBy = field("replaced by");
    if (from === undefined || digest === undefined) continue;
    entries.set(folder, {
      folder,
      from,
      why: field("why") ?? "",
      ...(replacedBy === undefined ? {} : { replacedBy }),
      digest,
      restore: field("restore") ?? "",
    });
  }
  return entries;
}

/**
 * The index with these entries: their sections put in place or added at the end, everything else as it was, also what a
 * person wrote below the fields of a section.
 */
export function withEntries(text: string | null, label: string, entries: readonly ArchiveEntry[]): string {
  const open = new Map(entries.map((entry) => [entry.folder, entry]));
  const blocks: string[] = [];
  for (const section of sectionsOf(text ?? preamble(label))) {
    const entry = section.folder === undefined ? undefined : open.get(section.folder);
    if (entry) open.delete(entry.folder);
    blocks.push(entry ? [entryText(entry), ...notesIn(section.text)].join("\n") : section.text);
  }
  blocks.push(...[...open.values()].map(entryText));
  return `${blocks.map((block) => block.trimEnd()).join("\n\n")}\n`;
}

function notesIn(section: string): string[] {
  const lines = section.split("\n").slice(1);
  const notes = lines
    .filter((line) => !FIELD.test(line))
    .join("\n")
    .trim();
  return notes === "" ? [] : ["", notes];
}

function entryText({ folder, from, why, replacedBy, digest, restore }: ArchiveEntry): string {
  const lines = [`## ${folder}`, "", `- from: ${from}`, `- why: ${why}`];
  if (replacedBy !== undefined) lines.push(`- replaced by: ${replacedBy}`);
  return [...lines, `- digest: ${digest}`, `- restore: ${restore}`].join("\n");
}
