// Whether a folder can be written to and how much fits: asked of the system, nothing is tried.
import { accessSync, constants, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { factsAt } from "./stat.ts";

export interface DiskSpace {
  /** The folder that was asked: the one named, or the nearest above it that exists. */
  readonly path: string;
  readonly writable: boolean;
  /** Bytes that an ordinary user may still write. */
  readonly freeBytes: number;
  /** Files that may still be made; null where the file system has no such limit. */
  readonly freeFiles: number | null;
}

/** The room of a folder, or of the nearest one above it. access(2) and statfs(2); throws what those throw. */
export function diskSpaceAt(path: string): DiskSpace {
  if (factsAt(path) === null && dirname(path) !== path) return diskSpaceAt(dirname(path));
  const { bavail, bsize, files, ffree } = statfsSync(path);
  return { path, writable: mayWrite(path), freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
