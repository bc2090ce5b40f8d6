// A folder and all below it in one digest: what the plan was made from, and what the index says was archived.
import { join } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { FileFacts, FileReader } from "../../model/world.ts";

export interface Tree {
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  /** Links, empty folders, special files, files with a second name or of another user: a copy file by file loses them. */
  readonly odd: number;
}

/** Beyond this many bytes in all, and for a file the door does not read at once, the size stands for the content. */
const CONTENT_BYTES = 256 * 1024 * 1024;

/**
 * The digest over a sorted list of lines: `folder PATH`, `link PATH -> TARGET`, `file|exec PATH DIGEST` (SHA-256, 32 hex
 * digits). Modes count only as the owner's execute bit and times not at all, so that a clone has the same digest.
 * Links are named, never followed. Throws a HostError where a folder cannot be listed.
 */
export function readTree(files: FileReader, folder: string): Tree {
  const lines: string[] = [];
  const total = { files: 0, bytes: 0, odd: 0 };
  const visit = (path: string, shown: string): void => {
    const entries = files.list(path) ?? [];
    if (entries.length === 0) total.odd++;
    for (const { name, type } of entries) {
      const at = join(path, name);
      const as = shown === "" ? name : `${shown}/${name}`;
      if (type === "file") lines.push(fileLine(files, at, as, total));
      else lines.push(otherLine(files, type, at, as));
      if (type === "folder") visit(at, as);
      else if (type !== "file") total.odd++;
    }
  };
  visit(folder, "");
  return { digest: digestBytes(lines.join("\n")), ...total };
}

function otherLine(files: FileReader, type: FileFacts["type"], path: string, shown: string): string {
  return type === "link" ? `link ${shown} -> ${files.link(path) ?? ""}` : `${type} ${shown}`;
}

type Total = { -readonly [Name in Exclude<keyof Tree, "digest">]: Tree[Name] };

function fileLine(files: FileReader, path: string, shown: string, total: Total): string {
  const facts = files.facts(path);
  const size = facts?.size ?? 0;
  total.files++;
  total.bytes += size;
  if (facts && facts.links > 1) total.odd++;
  const word = facts && (facts.mode & 0o100) !== 0 ? "exec" : "file";
  if (total.bytes > CONTENT_BYTES) return `${word} ${shown} size ${size}`;
  const read = files.read(path);
  if (read.state === "file") return `${word} ${shown} ${digestBytes(read.bytes)}`;
  if (read.state === "refused" && read.why !== "too-large") total.odd++;
  return `${word} ${shown} size ${size}`;
}
