// The plain changes to files and folders, each made through the descriptor of the parent folder.
import { chmodSync, closeSync, fstatSync, fsyncSync, openSync, renameSync, rmdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { HostError } from "../../model/errors.ts";
import type { FileWriter, Refused } from "../../model/world.ts";
import type { ImageStore } from "./before-images.ts";
import type { ModeBefore } from "./chmod-tree.ts";
import type { FolderDoor, OpenFolder } from "./folders.ts";
import { emptyFolder } from "./remove-tree.ts";
import { errnoOf, factsAt, factsOf, hostError, PATH_FLAGS } from "./stat.ts";

export type FolderChanges = Pick<
  FileWriter,
  "removeEmptyFolder" | "chmod" | "makeFolder" | "move" | "keepFolder" | "removeFolder"
>;

/** One folder that a run made (`mode` null) or took away empty (its permission bits). */
export interface FolderChange {
  readonly path: string;
  readonly mode: number | null;
}

/** One folder or file that a run moved as it was. */
export interface FolderMove {
  readonly from: string;
  readonly to: string;
  /** Of a folder that was kept as a before-image: the modes its files had. */
  readonly modes?: readonly ModeBefore[];
}

/** As it is noted in the run: `modes` null as long as they still are what they were. */
interface NotedMove extends Omit<FolderMove, "modes"> {
  readonly modes?: readonly ModeBefore[] | null;
}

/** What is told to whoever keeps the record of a run. */
export interface FolderChangeLog {
  readonly folders: FolderChange[];
  readonly moves: NotedMove[];
}

export function createFolderChanges(
  door: FolderDoor,
  images: Pick<ImageStore, "keepFolder">,
  trail: FolderChangeLog,
): FolderChanges {
  return {
    makeFolder: (path, mode) => makeFolder(door, path, mode),
    chmod: (path, mode) => changeMode(door, path, mode),
    move: (from, to) => move(door, from, to, () => trail.moves.push({ from, to })),
    keepFolder: ({ path, run }) => {
      const placed = (to: string): void => void trail.moves.push({ from: path, to, modes: null });
      return within(door, path, "remove the folder", (parent) => images.keepFolder(parent, { path, run, placed }));
    },
    removeEmptyFolder: (path) => {
      const mode = removeEmptyFolder(door, path);
      if (mode !== null) trail.folders.push({ path, mode });
    },
    removeFolder: (path) => removeFolder(door, path),
  };
}

function within<T>(door: FolderDoor, path: string, verb: string, act: (parent: OpenFolder, name: string) => T): T {
  const parent = door.open(dirname(path));
  if (parent.state === "refused") throw refusal(path, verb, parent);
  if (parent.state === "absent") throw notThere(path, verb);
  try {
    return act(parent, basename(path));
  } catch (error) {
    throw hostError("E501", verb, path, error);
  } finally {
    parent.close();
  }
}

function makeFolder(door: FolderDoor, path: string, mode: number): void {
  const folder = door.open(path, mode);
  if (folder.state === "refused") throw refusal(path, "create the folder", folder);
  if (folder.state === "open") folder.close();
}

function changeMode(door: FolderDoor, path: string, mode: number): void {
  within(door, path, "change the mode of", (parent, name) => {
    const fd = openSync(parent.at(name), PATH_FLAGS);
    try {
      const facts = factsOf(fstatSync(fd));
      if (facts.type === "link") throw notPlain(path, "change the mode of", "it is a link");
      if (facts.type === "file" && facts.links > 1) throw notPlain(path, "change the mode of", "it has two names");
      chmodSync(`/proc/self/fd/${fd}`, mode);
    } finally {
      closeSync(fd);
    }
  });
}

/** `moved` is told as soon as it is there, though flushing it may still fail. */
function move(door: FolderDoor, from: string, to: string, moved: () => void): void {
  within(door, from, "move", (source, name) =>
    within(door, to, "move to", (target, newName) => {
      if (factsAt(source.at(name))?.type === "link") throw notPlain(from, "move", "it is a link");
      if (factsAt(target.at(newName)) !== null) throw notPlain(to, "move to", "it exists already");
      renameSync(source.at(name), target.at(newName));
      moved();
      fsyncSync(target.fd);
      fsyncSync(source.fd);
    }),
  );
}

/** The permission bits it had; null when it is not there or not empty. */
function removeEmptyFolder(door: FolderDoor, path: string): number | null {
  const parent = door.open(dirname(path));
  if (parent.state !== "open") return null;
  try {
    const at = parent.at(basename(path));
    const mode = factsAt(at)?.mode ?? null;
    rmdirSync(at);
    return mode;
  } catch (error) {
    const left = ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"];
    if (!left.includes(errnoOf(error) ?? "")) throw hostError("E501", "remove the folder", path, error);
    return null;
  } finally {
    parent.close();
  }
}

function removeFolder(door: FolderDoor, path: string): void {
  const folder = door.open(path);
  if (folder.state === "absent") return;
  if (folder.state === "refused") throw refusal(path, "remove the folder", folder);
  try {
    emptyFolder(folder.fd);
  } catch (error) {
    throw hostError("E501", "remove the folder", path, error);
  } finally {
    folder.close();
  }
  within(door, path, "remove the folder", (parent, name) => {
    rmdirSync(parent.at(name));
    fsyncSync(parent.fd);
  });
}

function refusal(path: string, verb: string, why: Refused): HostError {
  return new HostError("E503", `cannot ${verb} ${path}: ${why.message}`, { path });
}

function notPlain(path: string, verb: string, why: string): HostError {
  return new HostError("E503", `cannot ${verb} ${path}: ${why}`, { path });
}

function notThere(path: string, verb: string): HostError {
  return new HostError("E501", `cannot ${verb} ${path}: its folder is not there (ENOENT)`, { path, errno: "ENOENT" });
}
