// What the host rooms share: facts of a thing on disk, typed refusals, and errors that name path and errno.
import { createHash } from "node:crypto";
import { constants, lstatSync, type Stats, statSync } from "node:fs";
import { HostError } from "../../model/errors.ts";
import type { FileFacts, Refused, RefusedWhy } from "../../model/world.ts";

/** Opening to look: never through a link in the last component, never waiting for the other end of a FIFO. */
export const INSPECT_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** Opening a folder to work in it through its descriptor. */
export const FOLDER_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Creating a file that must not exist yet. */
export const CREATE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Linux O_PATH (not in node:fs): names a thing without opening its content, whatever its mode. */
export const PATH_FLAGS = 0o10000000 | constants.O_NOFOLLOW;

export function factsOf(stats: Stats): FileFacts {
  return {
    type: typeOf(stats),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    links: stats.nlink,
    size: stats.size,
    dev: stats.dev,
    ino: stats.ino,
  };
}

function typeOf(stats: Stats): FileFacts["type"] {
  switch (stats.mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return "file";
    case constants.S_IFDIR:
      return "folder";
    case constants.S_IFLNK:
      return "link";
    default:
      return "other";
  }
}

/** Facts of the thing itself (lstat); null when it, or a folder above it, is not there. */
export function factsAt(path: string): FileFacts | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : factsOf(stats);
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR" || errnoOf(error) === "ENAMETOOLONG") return null;
    throw hostError("E500", "look at", path, error);
  }
}

/** The user this process acts as: the owner of its own entry in procfs (proc(5)). */
export function ownUid(): number {
  return statSync("/proc/self").uid;
}

/** SHA-256 of a file's bytes, 32 hex digits: the same as delta/digest.ts, which the host may not import. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}

export function sameThing(a: FileFacts, b: FileFacts): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export function refused(why: RefusedWhy, message: string): Refused {
  return { state: "refused", why, message };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EIO: "input/output error",
  EMFILE: "too many open files",
  ENFILE: "too many open files in the system",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  ENOTEMPTY: "the folder is not empty",
  EEXIST: "it exists already",
  ENOENT: "it is not there",
  EXDEV: "it lies on another device",
  ENAMETOOLONG: "the name is too long",
};

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * An error of the system as ours: "cannot write agents/a/x: no space left on the device (ENOSPC)".
 * A HostError passes through, so that the innermost path is the one that is named.
 */
export function hostError(code: "E500" | "E501", verb: string, path: string, error: unknown): HostError {
  if (error instanceof HostError) return error;
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  const full = FULL.has(errno);
  return new HostError(full ? "E502" : code, `cannot ${verb} ${path}: ${REASONS[errno] ?? "failed"} (${errno})`, {
    path,
    errno,
    cause: error,
    retryable: full || errno === "EIO" || errno === "EMFILE" || errno === "ENFILE",
    hint: full
      ? "make room on the disk and run the command again; the old file is as it was"
      : `see to the owner and the permissions of ${path}, then run the command again`,
  });
}
