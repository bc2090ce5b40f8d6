// Reading without being led astray: no link followed, no FIFO waited for, strangers' files told apart. The hot path.
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { FileCompared, FileFacts, FileRead, FileReader, FolderChecked, Refused } from "../../model/world.ts";
import { hasOnlyOurNames, type ImageLog } from "./before-images.ts";
import { createFolderWalk, shownPath } from "./folders.ts";
import { type Contents, createContents } from "./read-buffer.ts";
import { errnoOf, factsAt, factsOf, hostError, INSPECT_FLAGS, ownUid, refused } from "./stat.ts";

export interface FileReaderOptions {
  /** The folders everything of ours lies in, absolute: what `folder` walks down from, the outermost first. */
  readonly roots: readonly string[];
  /** Who knows the before-images that unfinished runs of ours journalled: a second name of that kind is no stranger. */
  readonly images?: Pick<ImageLog, "isOwn">;
  /** The user whose files are ours; default: the one this process acts as. */
  readonly uid?: number;
}

const DEFAULT_LIMIT = 16 * 1024 * 1024;

/** What one reader reads with. */
interface ReadJob {
  readonly uid: number;
  readonly images: FileReaderOptions["images"];
  readonly contents: Contents;
  readonly shown: (path: string) => string;
}

/** One reader has one buffer; nothing it returns points into it. */
export function createFileReader(options: FileReaderOptions): FileReader {
  const uid = options.uid ?? ownUid();
  const walk = createFolderWalk({ roots: options.roots, uid });
  const shown = (path: string): string => shownPath(options.roots, path);
  const reading: ReadJob = { uid, images: options.images, contents: createContents(), shown };

  return {
    read: (path, wish) => readWhole(reading, path, wish),
    compare: (path, expected) => compare(reading, path, expected),
    facts: factsAt,
    folder: (path): FolderChecked => walk.check(path),
    list: listFolder,
    link: readLink,
    real: realPath,
    find: findProgram,
    forget: () => walk.forget(),
  };
}

function open({ shown, uid }: ReadJob, path: string): number | { readonly state: "absent" } | Refused {
  try {
    return openSync(path, INSPECT_FLAGS);
  } catch (error) {
    return whyNotOpen(path, shown(path), error, uid);
  }
}

function ownershipRefusal({ shown, uid, images }: ReadJob, path: string, facts: FileFacts): Refused | null {
  if (facts.uid !== uid) return refused("owner", `${shown(path)} belongs to another user (uid ${facts.uid})`);
  if (facts.links > 1 && !(images && hasOnlyOurNames(path, facts, images))) {
    return refused("hard-link", `${shown(path)} has ${facts.links} names (hard links)`);
  }
  return null;
}

function readWhole(
  reading: ReadJob,
  path: string,
  wish: { readonly limit?: number; readonly owned?: boolean } = {},
): FileRead {
  const { shown, contents } = reading;
  const limit = wish.limit ?? DEFAULT_LIMIT;
  const fd = open(reading, path);
  if (typeof fd !== "number") return fd;
  try {
    const facts = factsOf(fstatSync(fd));
    if (facts.type !== "file") return refused("not-a-file", `${shown(path)} is not a regular file`);
    const refusal = wish.owned ? ownershipRefusal(reading, path, facts) : null;
    if (refusal) return refusal;
    const bytes = facts.size > limit ? null : contents.all(fd, limit);
    if (bytes === null) return refused("too-large", `${shown(path)} is larger than ${limit} bytes`);
    return { state: "file", bytes, facts };
  } catch (error) {
    throw hostError("E500", "read", path, error);
  } finally {
    closeSync(fd);
  }
}

function compare(reading: ReadJob, path: string, expected: Buffer): FileCompared {
  const { shown, contents } = reading;
  const fd = open(reading, path);
  if (typeof fd !== "number") return fd;
  try {
    const facts = factsOf(fstatSync(fd));
    if (facts.type !== "file") return refused("not-a-file", `${shown(path)} is not a regular file`);
    const refusal = ownershipRefusal(reading, path, facts);
    if (refusal) return refusal;
    return { state: "file", same: facts.size === expected.length && contents.equal(fd, expected), facts };
  } catch (error) {
    throw hostError("E500", "read", path, error);
  } finally {
    closeSync(fd);
  }
}

/** Why an open failed, as a state where it is one. */
function whyNotOpen(path: string, shown: string, error: unknown, uid: number): { readonly state: "absent" } | Refused {
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ESRCH":
      return { state: "absent" };
    case "ENAMETOOLONG":
      return { state: "absent" };
    case "ELOOP":
      return refused("link", `${shown} is a link`);
    case "ENOTDIR":
      return refused("not-a-folder", `a part of the path ${shown} is not a folder`);
    case "ENXIO":
    case "ENODEV":
      return refused("not-a-file", `${shown} is not a regular file`);
    case "EACCES": {
      const facts = factsAt(path);
      if (facts?.type === "link") return refused("link", `${shown} is a link`);
      if (facts && facts.uid !== uid) return refused("owner", `${shown} belongs to another user (uid ${facts.uid})`);
      if (facts) return refused("unreadable", `${shown} cannot be read (mode ${facts.mode.toString(8)})`);
      throw hostError("E500", "read", path, error);
    }
    default:
      throw hostError("E500", "read", path, error);
  }
}

function listFolder(path: string): readonly { readonly name: string; readonly type: FileFacts["type"] }[] | null {
  try {
    return readdirSync(path, { withFileTypes: true })
      .map(
        (entry) =>
          ({
            name: entry.name,
            type: entry.isFile() ? "file" : entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? "link" : "other",
          }) as const,
      )
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ESRCH") return null;
    throw hostError("E500", "list", path, error);
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

function findProgram(program: string, searchPath: string): string | null {
  const candidates = program.includes("/")
    ? [program]
    : searchPath
        .split(delimiter)
        .filter((folder) => isAbsolute(folder))
        .map((folder) => join(folder, program));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
