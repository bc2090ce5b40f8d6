// Finds the fleet project a command is meant for: the nearest folder, from here upwards, that is marked as one.
import { posix } from "node:path";
import type { FileReader } from "../../model/world.ts";

/** Names a configuration may have, in the order in which they are looked for. */
export const CONFIG_NAMES = ["rollcall.config.yaml", "rollcall.config.yml"] as const;

/** Any of these makes a folder a project. */
const MARKERS = [
  ...CONFIG_NAMES,
  "desired/registry.yaml",
  "desired/fleet.yaml",
  "desired/registry",
  "agents/registry.yaml",
  "scripts/native-orchestrator",
] as const;

export interface FoundRoot {
  /** Absolute; not yet resolved to its real path. */
  readonly root: string;
  readonly found: boolean;
  /** Marked folders that were passed by because a stranger owns the mark. */
  readonly strange: readonly string[];
}

/**
 * The project of a folder. A mark above the folder counts only when the folder's own owner or root made it: what a
 * stranger puts into /tmp must not tell our sessions what to run.
 */
export function findRoot(cwd: string, files: FileReader): FoundRoot {
  const owner = files.facts(cwd)?.uid;
  const strange: string[] = [];
  for (let folder = cwd; ; folder = posix.dirname(folder)) {
    const uid = markOwner(folder, files);
    if (uid !== null) {
      if (folder === cwd || uid === 0 || uid === owner) return { root: folder, found: true, strange };
      strange.push(folder);
    }
    if (folder === posix.dirname(folder)) return { root: cwd, found: false, strange };
  }
}

/** True when the folder itself is marked as a project. */
export function isProject(folder: string, files: FileReader): boolean {
  return markOwner(folder, files) !== null;
}

function markOwner(folder: string, files: FileReader): number | null {
  for (const mark of MARKERS) {
    const facts = files.facts(posix.join(folder, mark));
    if (facts !== null) return facts.uid;
  }
  return null;
}
