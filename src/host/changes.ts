// The plain changes to files and folders, each made through the descriptor of the parent folder.
import { chmodSync, closeSync, fstatSync, fsyncSync, openSync, renameSync, rmdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { HostError } from "../model/errors.ts";
import type { FileWriter, Refused } from "../model/world.ts";
import { errnoOf, factsAt, factsOf, hostError, PATH_FLAGS } from "./facts.ts";
import { emptyFolder, type FolderDoor, type OpenFolder } from "./folders.ts";

export type FolderChanges = Pick<FileWriter, "removeEmptyFolder" | "chmod" | "makeFolder" | "move" | "removeFolder">;

export function createFolderChanges(door: FolderDoor): FolderChanges {
  return {
    makeFolder: (path, mode) => makeFolder(door, path, mode),
    chmod: (path, mode) => changeMode(door, path, mode),
    move: (from, to) => move(door, from, to),
    removeEmptyFolder: (path) => removeEmptyFolder(door, path),
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

function move(door: FolderDoor, from: string, to: string): void {
  within(door, from, "move", (source, name) =>
    within(door, to, "move to", (target, newName) => {
      if (factsAt(source.at(name))?.type === "link") throw notPlain(from, "move", "it is a link");
      if (factsAt(target.at(newName)) !== null) throw notPlain(to, "move to", "it exists already");
      renameSync(source.at(name), target.at(newName));
      fsyncSync(target.fd);
      fsyncSync(source.fd);
    }),
  );
}

function removeEmptyFolder(door: FolderDoor, path: string): void {
  const parent = door.open(dirname(path));
  if (parent.state !== "open") return;
  try {
    rmdirSync(parent.at(basename(path)));
  } catch (error) {
    const left = ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"];
    if (!left.includes(errnoOf(error) ?? "")) throw hostError("E501", "remove the folder", path, error);
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
