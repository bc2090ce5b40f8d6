// A folder that is kept as a before-image: its files become the owner's alone, and what they were before is remembered.
import { chmodSync, closeSync, openSync, readdirSync } from "node:fs";
import { factsAt, PATH_FLAGS } from "./stat.ts";

/** Permission bits a file had before it was kept; `path` relative to the folder it was kept in. */
export interface ModeBefore {
  readonly path: string;
  readonly mode: number;
}

/**
 * Makes every file below 0600. A file with a second name elsewhere keeps its mode, for the other name has the same; so
 * does what is not ours or has a name that is no text. Links are not followed. The folders above are the owner's alone.
 */
export function makeTreePrivate(folder: string): ModeBefore[] {
  const before: ModeBefore[] = [];
  const visit = (at: string, shown: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const below = shown === "" ? entry.name : `${shown}/${entry.name}`;
      const path = `${at}/${entry.name}`;
      if (entry.isDirectory()) ignoreErrors(() => visit(path, below));
      else if (entry.isFile()) ignoreErrors(() => before.push(...closeToOthers(path, below)));
    }
  };
  ignoreErrors(() => visit(folder, ""));
  return before;
}

function closeToOthers(path: string, shown: string): ModeBefore[] {
  const facts = factsAt(path);
  if (facts?.type !== "file" || facts.links > 1 || facts.mode === 0o600) return [];
  const fd = openSync(path, PATH_FLAGS);
  try {
    chmodSync(`/proc/self/fd/${fd}`, 0o600);
  } finally {
    closeSync(fd);
  }
  return [{ path: shown, mode: facts.mode }];
}

/** What cannot be looked into or changed is no reason to stop: nobody but the owner comes here anyway. */
function ignoreErrors(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
