// Before-images: the old inode, first beside its target under a name of ours, then in the state folder, 0600.
import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { HostError } from "../../model/errors.ts";
import type { FileFacts } from "../../model/world.ts";
import { createFolderDoor, type FolderDoor, type OpenFolder, rootOf } from "./folders.ts";
import { createContents } from "./read-buffer.ts";
import { CREATE_FLAGS, errnoOf, factsAt, hostError, INSPECT_FLAGS, PATH_FLAGS } from "./stat.ts";

/** The folder of before-images in the state folder. */
export const IMAGES = "before";

/** A second name beside a target that a run of ours made, or is about to make. */
export interface Image {
  /** The target, absolute. */
  readonly path: string;
  /** The second name in the same folder. */
  readonly name: string;
  readonly run: string;
  readonly dev: number;
  readonly ino: number;
  /** Of its content when it was replaced: a later one was written by somebody in between. */
  readonly digest?: string;
  /** Its permission bits then. */
  readonly mode?: number;
}

/** Where before-images are journalled. The ledger's journal is one; `createMemoryImageLog` serves where no run is. */
export interface ImageLog {
  /** Durable when the promise is fulfilled. */
  note(image: Image): Promise<void>;
  /** True when a run of ours journalled this very name and inode, or (a temporary file) is an unfinished run. */
  isOwn(image: Image): boolean;
}

export function createMemoryImageLog(): ImageLog {
  const names = new Map<string, Image>();
  return {
    note: async (image) => void names.set(join(dirname(image.path), image.name), image),
    isOwn(image) {
      if (parseBeside(image.name)?.temporary) return true;
      const noted = names.get(join(dirname(image.path), image.name));
      return noted !== undefined && noted.ino === image.ino && noted.dev === image.dev;
    },
  };
}

/** `.settings.json.rollcall-0007-3f2a`, with a number behind it when that is taken. */
export function besideName(target: string, run: string, ending = ""): string {
  return `.${target}.rollcall-${run}${ending}`;
}

export function parseBeside(
  name: string,
): { readonly target: string; readonly run: string; readonly temporary: boolean } | null {
  const match = /^\.(.+)\.rollcall-([0-9A-Za-z-]+)(?:\.(tmp)?\d+)?$/.exec(name);
  if (!match) return null;
  const [, target = "", run = "", temporary] = match;
  return { target, run, temporary: temporary !== undefined };
}

/** The names of ours beside a target: `inode` given, only those of that inode that the log vouches for. */
function namesBeside(
  folder: string,
  target: string,
  path: string,
  log: Pick<ImageLog, "isOwn">,
  facts: FileFacts,
): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder)) {
    const parsed = parseBeside(name);
    if (parsed?.target !== target) continue;
    const seen = factsAt(join(folder, name));
    if (seen?.ino !== facts.ino || seen.dev !== facts.dev) continue;
    if (log.isOwn({ path, name, run: parsed.run, dev: seen.dev, ino: seen.ino })) found.push(name);
  }
  return found;
}

/** Are all other names of the file journalled ones of ours? */
export function hasOnlyOurNames(path: string, facts: FileFacts, log: Pick<ImageLog, "isOwn">): boolean {
  try {
    return namesBeside(dirname(path), basename(path), path, log, facts).length === facts.links - 1;
  } catch {
    return false;
  }
}

export interface ImageStore {
  /** Takes names of an unfinished run away from a target that still is that inode (killed before the rename). */
  tidy(folder: OpenFolder, path: string): void;
  /** Where the first image of a file in a run is kept. */
  keptAt(image: Pick<Image, "path" | "run">): string;
  /** Makes the folder it will be kept in. */
  prepare(image: Image): void;
  /**
   * Moves an image to `before/<run>/…` of the state folder, 0600; its new path, or null on another device. `placed` is
   * told as soon as it is there, though flushing it may still fail.
   */
  keep(folder: OpenFolder, image: Image, placed?: (path: string) => void): string | null;
  /** Copies it there instead and removes it beside: for another device, once nobody writes to it any more. */
  copy(folder: OpenFolder, image: Image): string;
  /** Moves a whole folder there, as it is; its new path, or null on another device. `placed` as for `keep`. */
  keepFolder(parent: OpenFolder, job: KeepFolder): string | null;
}

interface KeepFolder extends Pick<Image, "path" | "run"> {
  readonly placed: (path: string) => void;
}

export function createImageStore(options: {
  readonly roots: readonly string[];
  readonly state: string;
  readonly uid: number;
  readonly log: ImageLog;
}): ImageStore {
  const door = createFolderDoor({ roots: [options.state], uid: options.uid });

  function placeFolder(image: Pick<Image, "path" | "run">): string {
    const root = rootOf(options.roots, image.path) ?? dirname(image.path);
    const nth = options.roots.indexOf(root);
    const below = relative(root, dirname(image.path));
    return join(options.state, IMAGES, image.run, ...(nth > 0 ? [`root-${nth}`] : []), below);
  }

  function place(image: Pick<Image, "path" | "run">): KeptPlace {
    const folder = openPrivate(door, placeFolder(image));
    const name = basename(image.path);
    for (let count = 1; ; count++) {
      const candidate = count === 1 ? name : `${name}~${count}`;
      if (factsAt(folder.at(candidate)) === null) return { folder, name: candidate };
    }
  }

  return {
    tidy(folder, path) {
      const name = basename(path);
      const facts = factsAt(folder.at(name));
      if (facts?.type !== "file" || facts.links < 2) return;
      const isOwn = namesBeside(`/proc/self/fd/${folder.fd}`, name, path, options.log, facts);
      for (const one of isOwn) unlinkSync(folder.at(one));
    },
    keptAt: (image) => join(placeFolder(image), basename(image.path)),
    prepare: (image) => openPrivate(door, placeFolder(image)).close(),
    keep: (folder, image, placed) => moveTo(place(image), folder, image, placed),
    copy: (folder, image) => copyTo(place(image), folder, image),
    keepFolder: (parent, job) => moveWhole(place(job), parent, job),
  };
}

interface KeptPlace {
  readonly folder: OpenFolder;
  readonly name: string;
}

function moveTo(to: KeptPlace, folder: OpenFolder, image: Image, placed?: (path: string) => void): string | null {
  const path = join(to.folder.path, to.name);
  try {
    // Private before it is in its place, so that no kill leaves it there as it was.
    makePrivate(folder.at(image.name));
    renameSync(folder.at(image.name), to.folder.at(to.name));
    placed?.(path);
    fsyncSync(to.folder.fd);
    return path;
  } catch (error) {
    if (errnoOf(error) === "EXDEV") return null;
    throw hostError("E501", "keep the before-image", path, error);
  } finally {
    to.folder.close();
  }
}

function moveWhole(to: KeptPlace, parent: OpenFolder, { path, placed }: KeepFolder): string | null {
  const kept = join(to.folder.path, to.name);
  try {
    renameSync(parent.at(basename(path)), to.folder.at(to.name));
    placed(kept);
    fsyncSync(to.folder.fd);
    fsyncSync(parent.fd);
    return kept;
  } catch (error) {
    if (errnoOf(error) === "EXDEV") return null;
    throw hostError("E501", "keep the folder", path, error);
  } finally {
    to.folder.close();
  }
}

function copyTo(to: KeptPlace, folder: OpenFolder, image: Image): string {
  try {
    copyPrivate(folder.at(image.name), to.folder.at(to.name));
    fsyncSync(to.folder.fd);
    unlinkSync(folder.at(image.name));
    return join(to.folder.path, to.name);
  } catch (error) {
    throw hostError("E501", "keep the before-image", join(to.folder.path, to.name), error);
  } finally {
    to.folder.close();
  }
}

/** Opens a folder of the state folder, made 0700 where missing. A refusal is an error here: nothing works without it. */
function openPrivate(door: FolderDoor, path: string): OpenFolder {
  const folder = door.open(path, 0o700);
  if (folder.state === "open") return folder;
  const why = folder.state === "refused" ? folder.message : `${path} is not there`;
  throw new HostError("E501", `cannot keep before-images: ${why}`, {
    path,
    hint: "the state folder must be a plain folder of your own",
  });
}

/** 0600 by a descriptor that does not follow a link. */
function makePrivate(path: string): void {
  const fd = openSync(path, PATH_FLAGS);
  try {
    chmodSync(`/proc/self/fd/${fd}`, 0o600);
  } finally {
    closeSync(fd);
  }
}

function copyPrivate(from: string, to: string): void {
  const source = openSync(from, INSPECT_FLAGS);
  try {
    const bytes = createContents().all(source, Number.MAX_SAFE_INTEGER) ?? Buffer.alloc(0);
    const target = openSync(to, CREATE_FLAGS, 0o600);
    try {
      writeAll(target, bytes);
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Writes all bytes; the kernel may take fewer at a time than it is given. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
}

/** Gives a file a second name; false when its inode is not the one expected (it was exchanged meanwhile). */
export function linkImage(folder: OpenFolder, target: string, image: Image): boolean {
  linkSync(folder.at(target), folder.at(image.name));
  const seen = lstatSync(folder.at(image.name));
  if (seen.ino === image.ino && seen.dev === image.dev && (seen.mode & constants.S_IFMT) === constants.S_IFREG)
    return true;
  unlinkSync(folder.at(image.name));
  return false;
}
