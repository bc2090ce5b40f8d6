// Reading without being led astray: no link followed, no FIFO waited for, strangers' files told apart. The hot path.
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { FileCompared, FileFacts, FileRead, FileReader, FolderChecked, Refused } from "../model/world.ts";
import { errnoOf, factsAt, factsOf, hostError, LOOK_FLAGS, ownUid, refused } from "./facts.ts";
import { createFolderWalk, shownPath } from "./folders.ts";

export interface FileReaderOptions {
  /** The folders everything of ours lies in, absolute: what `folder` walks down from, the outermost first. */
  readonly roots: readonly string[];
  /** Is the second name of this file a before-image that an unfinished run of ours journalled? */
  readonly ownImage?: (path: string, facts: FileFacts) => boolean;
  /** The user whose files are ours; default: the one this process acts as. */
  readonly uid?: number;
}

const DEFAULT_LIMIT = 16 * 1024 * 1024;

/** One reader has one buffer; nothing it returns points into it. */
export function createFileReader(options: FileReaderOptions): FileReader {
  const uid = options.uid ?? ownUid();
  const walk = createFolderWalk({ roots: options.roots, uid });
  const shown = (path: string): string => shownPath(options.roots, path);
  const contents = createContents();

  function open(path: string): number | { readonly state: "absent" } | Refused {
    try {
      return openSync(path, LOOK_FLAGS);
    } catch (error) {
      return whyNotOpen(path, shown(path), error, uid);
    }
  }

  function ownedTrouble(path: string, facts: FileFacts): Refused | null {
    if (facts.uid !== uid) return refused("owner", `${shown(path)} belongs to another user (uid ${facts.uid})`);
    if (facts.links > 1 && !options.ownImage?.(path, facts)) {
      return refused("hard-link", `${shown(path)} has ${facts.links} names (hard links)`);
    }
    return null;
  }

  function read(path: string, wish: { readonly limit?: number; readonly owned?: boolean } = {}): FileRead {
    const limit = wish.limit ?? DEFAULT_LIMIT;
    const fd = open(path);
    if (typeof fd !== "number") return fd;
    try {
      const facts = factsOf(fstatSync(fd));
      if (facts.type !== "file") return refused("not-a-file", `${shown(path)} is not a regular file`);
      const trouble = wish.owned ? ownedTrouble(path, facts) : null;
      if (trouble) return trouble;
      const bytes = facts.size > limit ? null : contents.all(fd, limit);
      if (bytes === null) return refused("too-large", `${shown(path)} is larger than ${limit} bytes`);
      return { state: "file", bytes, facts };
    } catch (error) {
      throw hostError("E500", "read", path, error);
    } finally {
      closeSync(fd);
    }
  }

  function compare(path: string, expected: Buffer): FileCompared {
    const fd = open(path);
    if (typeof fd !== "number") return fd;
    try {
      const facts = factsOf(fstatSync(fd));
      if (facts.type !== "file") return refused("not-a-file", `${shown(path)} is not a regular file`);
      const trouble = ownedTrouble(path, facts);
      if (trouble) return trouble;
      return { state: "file", same: facts.size === expected.length && contents.equal(fd, expected), facts };
    } catch (error) {
      throw hostError("E500", "read", path, error);
    } finally {
      closeSync(fd);
    }
  }

  return {
    read,
    compare,
    facts: factsAt,
    folder: (path): FolderChecked => walk.check(path),
    list: listFolder,
    link: readLink,
    real: realPath,
    find: findProgram,
    forget: () => walk.forget(),
  };
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

/** Reads descriptors through one buffer that is used again and again. */
export function createContents(): {
  /** All bytes from the start, copied out; null when there are more than `limit`. Works where the size says 0 (procfs). */
  all(fd: number, limit: number): Buffer | null;
  equal(fd: number, expected: Buffer): boolean;
} {
  let buffer = Buffer.allocUnsafeSlow(64 * 1024);
  function fill(fd: number, atMost: number): number {
    let length = 0;
    while (length <= atMost) {
      if (length === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 4);
        buffer.copy(larger);
        buffer = larger;
      }
      const count = readSync(fd, buffer, length, buffer.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return length;
  }
  return {
    all(fd, limit) {
      const length = fill(fd, limit);
      return length > limit ? null : Buffer.from(buffer.subarray(0, length));
    },
    equal(fd, expected) {
      const wanted = expected.length;
      if (wanted >= buffer.length) {
        return fill(fd, wanted) === wanted && buffer.compare(expected, 0, wanted, 0, wanted) === 0;
      }
      // One byte more than expected: a file that grew since it was measured is not equal.
      const count = readSync(fd, buffer, 0, wanted + 1, 0);
      return count === wanted && buffer.compare(expected, 0, wanted, 0, wanted) === 0;
    },
  };
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
