// Where folders are before and after they retire, and which folders never do.
import { basename, join, relative } from "node:path";
import type { Fleet, Folders } from "../../model/fleet.ts";
import type { RetiredProps } from "./types.ts";

/** The folder below the agents folder in which retired ones are kept; itself never retired, never unmanaged. */
export const ARCHIVE = "archive";
export const INDEX = "INDEX.md";

export interface Places {
  /** Absolute. */
  readonly source: string;
  readonly labelFolder: string;
  readonly target: string;
  readonly index: string;
  /** As people read them: relative to the project root, whatever lies outside of it absolute. */
  readonly shown: { readonly source: string; readonly target: string; readonly index: string };
}

/** Where one folder is, and where it goes. */
export function placesOf({ folder, label }: RetiredProps, folders: Folders): Places {
  const source = join(folders.agents, folder);
  const labelFolder = join(folders.agents, ARCHIVE, label);
  const target = join(labelFolder, folder);
  const index = join(labelFolder, INDEX);
  const shown = (path: string): string => shownIn(folders.root, path);
  return {
    source,
    labelFolder,
    target,
    index,
    shown: { source: shown(source), target: shown(target), index: shown(index) },
  };
}

/** A path relative to the root where it lies in it. */
export function shownIn(root: string, path: string): string {
  const below = relative(root, path);
  return below === "" || below.startsWith("..") ? path : below;
}

/** The folders of registered agents, in lower case: some file systems do not tell cases apart, and a lost agent is dear. */
export function registeredFolders(fleet: Fleet): ReadonlySet<string> {
  return new Set(fleet.agents.map((agent) => agent.dir.toLowerCase()));
}

/** Names below the agents folder that belong to the project itself: the archive, and what the configuration put there. */
export function ownFolders({ machine: { folders } }: Fleet): ReadonlySet<string> {
  const names = [ARCHIVE];
  for (const path of [folders.state, folders.registry, folders.fleet, folders.templates]) {
    const below = relative(folders.agents, path);
    if (below !== "" && !below.startsWith("..")) names.push(below.split("/")[0] ?? basename(path));
  }
  return new Set(names);
}
