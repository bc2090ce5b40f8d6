// Emptying a folder that has to go, through its descriptor and without following a link.
import { chmodSync, closeSync, fchmodSync, fstatSync, openSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { errnoOf, FOLDER_FLAGS, PATH_FLAGS } from "./stat.ts";

/**
 * Empties the folder behind a descriptor, everything below it included; a link is removed, never followed. A folder that
 * its owner closed is opened for that: what has to go need not be writable.
 */
export function emptyFolder(fd: number): void {
  const here = `/proc/self/fd/${fd}`;
  if ((fstatSync(fd).mode & 0o300) !== 0o300) fchmodSync(fd, 0o700);
  for (const entry of readdirSync(here, { withFileTypes: true })) {
    const path = `${here}/${entry.name}`;
    if (!entry.isDirectory()) {
      unlinkSync(path);
      continue;
    }
    const below = openClosed(path);
    try {
      emptyFolder(below);
    } finally {
      closeSync(below);
    }
    rmdirSync(path);
  }
}

function openClosed(path: string): number {
  try {
    return openSync(path, FOLDER_FLAGS);
  } catch (error) {
    if (errnoOf(error) !== "EACCES") throw error;
  }
  const named = openSync(path, PATH_FLAGS);
  try {
    chmodSync(`/proc/self/fd/${named}`, 0o700);
  } finally {
    closeSync(named);
  }
  return openSync(path, FOLDER_FLAGS);
}
