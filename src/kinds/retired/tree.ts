// A folder and all below it in one digest: what the plan was made from, and what the index says was archived.
import { join } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { FileReader } from "../../model/world.ts";

export interface Tree {
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
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
  const total = { files: 0, bytes: 0 };
  const visit = (path: string, shown: string): void => {
    for (const { name, type } of files.list(path) ?? []) {
      const at = join(path, name);
      const as = shown === "" ? name : `${shown}/${name}`;
      if (type === "folder") {
        lines.push(`folder ${as}`);
        visit(at, as);
      } else if (type === "link") lines.push(`link ${as} -> ${files.link(at) ?? ""}`);
      else if (type === "file") lines.push(fileLine(files, at, as, total));
      else lines.push(`other ${as}`);
    }
  };
  visit(folder, "");
  return { digest: digestBytes(lines.join("\n")), ...total };
}

function fileLine(files: FileReader, path: string, shown: string, total: { files: number; bytes: number }): string {
  const facts = files.facts(path);
  const size = facts?.size ?? 0;
  total.files++;
  total.bytes += size;
  const word = facts && (facts.mode & 0o100) !== 0 ? "exec" : "file";
  if (total.bytes > CONTENT_BYTES) return `${word} ${shown} size ${size}`;
  const read = files.read(path);
  if (read.state === "file") return `${word} ${shown} ${digestBytes(read.bytes)}`;
  return `${word} ${shown} size ${size}`;
}
