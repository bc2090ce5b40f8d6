// After a run that was killed: its temporary files and before-images, found by name and inode, are put away.
import { closeSync, fstatSync, openSync, readdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { type Image, type ImageStore, parseBeside } from "./before-images.ts";
import type { FileChange } from "./file-writer.ts";
import type { FolderMove } from "./folder-writer.ts";
import type { FolderDoor, OpenFolder } from "./folders.ts";
import { createContents } from "./read-buffer.ts";
import { digestOf, factsAt, factsOf, hostError, INSPECT_FLAGS, sameThing } from "./stat.ts";

/** What the journal of a run that did not end says about files. */
export interface LeftoverFiles {
  readonly run: string;
  /** The files it may have been writing, absolute. */
  readonly paths: readonly string[];
  /** The before-images it journalled. */
  readonly images: readonly Image[];
}

/** What it says besides about what was to be done. */
export interface RecoveryInput extends LeftoverFiles {
  /** Files among them that were not there before it. */
  readonly fresh: readonly string[];
  /** Folders it journalled to move; `to` null: to the before-images. */
  readonly moves: readonly { readonly from: string; readonly to: string | null }[];
}

/** What a run that did not end had done all the same. */
export interface RecoveredChanges {
  readonly files: readonly FileChange[];
  readonly moves: readonly FolderMove[];
}

interface Tools {
  readonly door: FolderDoor;
  readonly images: ImageStore;
  readonly shown: (path: string) => string;
}

/**
 * In every folder the run may have written to: temporary files go; an image of an inode that is still the target was
 * made just before the kill and goes; any other is the replaced content and is kept in the state folder. A name that
 * was not journalled is not ours and stays.
 */
export function tidyLeftovers(tools: Tools, leftovers: LeftoverFiles): string[] {
  const paths = [...leftovers.paths, ...leftovers.images.map((image) => image.path)];
  const folders = new Set(paths.map((path) => dirname(path)));
  return [...folders].flatMap((path) => {
    const folder = tools.door.open(path);
    if (folder.state !== "open") return [];
    try {
      return tidyFolder(tools, folder, leftovers);
    } catch (error) {
      throw hostError("E501", "clear up in", path, error);
    } finally {
      folder.close();
    }
  });
}

/**
 * The files a killed run replaced, took away or made, and the folders it moved, as far as its journal tells; `after` is
 * the digest of what lies there now. An image that was never kept belongs to a replacement that did not come about.
 */
export function recoveredChanges(
  images: ImageStore,
  { run, images: journalled, fresh, moves }: RecoveryInput,
): RecoveredChanges {
  const replaced = journalled.flatMap((image): FileChange[] => {
    const kept = images.keptAt(image);
    if (factsAt(kept) === null) return [];
    const after = contentDigest(image.path) ?? null;
    return [{ path: image.path, run, modeBefore: image.mode ?? null, image: kept, after }];
  });
  const known = new Set(replaced.map(({ path }) => path));
  const made = fresh.flatMap((path): FileChange[] => {
    const after = known.has(path) ? undefined : contentDigest(path);
    return after === undefined ? [] : [{ path, run, modeBefore: null, image: null, after }];
  });
  const moved = moves.flatMap(({ from, to }) => {
    const place = to ?? images.keptAt({ path: from, run });
    return factsAt(from) === null && factsAt(place) !== null ? [{ from, to: place }] : [];
  });
  return { files: [...replaced, ...made], moves: moved };
}

function tidyFolder(tools: Tools, folder: OpenFolder, leftovers: LeftoverFiles): string[] {
  const notes: string[] = [];
  for (const name of readdirSync(`/proc/self/fd/${folder.fd}`)) {
    const parsed = parseBeside(name);
    if (parsed?.run !== leftovers.run) continue;
    if (parsed.temporary) unlinkSync(folder.at(name));
    else notes.push(...keepImage(tools, folder, name, leftovers.images));
  }
  return notes;
}

function keepImage(tools: Tools, folder: OpenFolder, name: string, images: readonly Image[]): string[] {
  const facts = factsAt(folder.at(name));
  const image = images.find(
    (one) => one.name === name && dirname(one.path) === folder.path && one.ino === facts?.ino && one.dev === facts.dev,
  );
  if (!facts || !image) return [];
  const target = factsAt(`/proc/self/fd/${folder.fd}/${image.path.slice(folder.path.length + 1)}`);
  if (target && sameThing(target, facts)) {
    unlinkSync(folder.at(name));
    return [];
  }
  const written = image.digest !== undefined && contentDigest(folder.at(name)) !== image.digest;
  const kept = tools.images.keep(folder, image) ?? tools.images.copy(folder, image);
  if (!written) return [];
  return [
    `${tools.shown(image.path)} was written to by somebody just as it was replaced; what they wrote is in ${kept}`,
  ];
}

/** Undefined for what cannot be read as a file. */
function contentDigest(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, INSPECT_FLAGS);
  } catch {
    return undefined;
  }
  try {
    if (factsOf(fstatSync(fd)).type !== "file") return undefined;
    const bytes = createContents().all(fd, Number.MAX_SAFE_INTEGER);
    return bytes === null ? undefined : digestOf(bytes);
  } finally {
    closeSync(fd);
  }
}
