// Replacing one file so that no moment shows half of it and no writer in between is lost.
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsync,
  futimesSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";
import type { Edit, EditResult, FileFacts, Refused, ReplaceJob } from "../../model/world.ts";
import { besideName, type Image, type ImageLog, type ImageStore, linkImage, writeAll } from "./before-images.ts";
import type { FolderDoor, OpenFolder } from "./folders.ts";
import type { Contents } from "./read-buffer.ts";
import { wasJustModified } from "./recently-written.ts";
import {
  CREATE_FLAGS,
  digestOf,
  errnoOf,
  factsAt,
  factsOf,
  hostError,
  INSPECT_FLAGS,
  refused,
  sameThing,
} from "./stat.ts";

const LIMIT = 64 * 1024 * 1024;
/** How long one replacement tries before it gives way, and how long it waits between two looks at a writer. */
const TRYING_MS = 5000;
const PAUSE_MS = 10;

const syncToDisk = promisify(fsync);

/** The present content of a target, its descriptor held so that what happens to the inode later can be seen. */
export interface OldFile {
  readonly fd: number;
  readonly bytes: Buffer;
  readonly facts: FileFacts;
  readonly mtimeMs: number;
}

export interface Swapped {
  readonly state: "swapped";
  readonly path: string;
  readonly run: string;
  /** What lies there now; null after a removal. */
  readonly bytes: Buffer | null;
  readonly old: OldFile | null;
  readonly image: Image | null;
}

export type SwapResult =
  | Swapped
  | { readonly state: "kept" }
  | { readonly state: "moved"; readonly reason: string }
  | Refused;

export interface SwapJob {
  readonly path: string;
  readonly run: string;
  readonly edit: Edit;
  /** Permission bits of the new file; null: take the file away instead. */
  readonly mode: ReplaceJob["mode"] | null;
  readonly mtimeMs?: number | undefined;
}

export interface SwapTools {
  readonly uid: number;
  readonly shown: (path: string) => string;
  readonly contents: Contents;
  readonly door: FolderDoor;
  readonly log: ImageLog;
  readonly sleep: (ms: number) => Promise<void>;
  readonly images: ImageStore;
}

/** Reads the target in an open folder; refuses what is not a plain file of ours with one name. */
export function openOld(tools: SwapTools, folder: OpenFolder, path: string): OldFile | Refused | null {
  const through = folder.at(basename(path));
  const shown = tools.shown(path);
  let fd: number;
  try {
    fd = openSync(through, INSPECT_FLAGS);
  } catch (error) {
    const facts = factsAt(through);
    if (facts === null) return null;
    if (facts.type === "link") return refused("link", `${shown} is a link`);
    if (facts.type !== "file") return refused("not-a-file", `${shown} is not a regular file`);
    if (facts.uid !== tools.uid) return refused("owner", `${shown} belongs to another user (uid ${facts.uid})`);
    if (errnoOf(error) === "EACCES") return refused("unreadable", `${shown} cannot be read`);
    throw hostError("E500", "read", path, error);
  }
  const result = inspectTarget(tools, fd, path);
  if ("state" in result) closeSync(fd);
  return result;
}

function inspectTarget(tools: SwapTools, fd: number, path: string): OldFile | Refused {
  const shown = tools.shown(path);
  const stats = fstatSync(fd);
  const facts = factsOf(stats);
  if (facts.type !== "file") return refused("not-a-file", `${shown} is not a regular file`);
  if (facts.uid !== tools.uid) return refused("owner", `${shown} belongs to another user (uid ${facts.uid})`);
  if (facts.links > 1) return refused("hard-link", `${shown} has ${facts.links} names (hard links)`);
  const bytes = tools.contents.all(fd, LIMIT);
  if (bytes === null) return refused("too-large", `${shown} is larger than ${LIMIT} bytes`);
  return { fd, bytes, facts, mtimeMs: stats.mtimeMs };
}

/** Does the old inode still hold what was read from it? */
function unchanged(tools: SwapTools, old: OldFile): boolean {
  return tools.contents.equal(old.fd, old.bytes);
}

/**
 * Reads, lets `edit` decide, writes beside, and renames over, again and again until nothing moved in between.
 * The caller closes `old.fd` and keeps the image.
 */
export async function swap(tools: SwapTools, folder: OpenFolder, job: SwapJob): Promise<SwapResult> {
  const started = performance.now();
  while (performance.now() - started < TRYING_MS) {
    const done = await attempt(tools, folder, job, performance.now() - started);
    if (typeof done !== "string") return done;
    if (done === "wait") await tools.sleep(PAUSE_MS);
  }
  return { state: "moved", reason: `${tools.shown(job.path)} is being written all the time` };
}

async function attempt(
  tools: SwapTools,
  folder: OpenFolder,
  job: SwapJob,
  waited: number,
): Promise<SwapResult | "again" | "wait"> {
  const old = openOld(tools, folder, job.path);
  if (old && "state" in old) return old;
  if (old === null && job.mode === null) return { state: "kept" };
  let held = false;
  try {
    const result = job.edit(old && { bytes: old.bytes, facts: old.facts });
    if (result.do === "keep") return { state: "kept" };
    if (result.do === "moved") return { state: "moved", reason: result.reason };
    const done = await tryOnce(tools, folder, job, old, result, waited);
    held = typeof done !== "string" && done.state === "swapped";
    return done;
  } finally {
    if (old && !held) closeSync(old.fd);
  }
}

type WriteResult = Extract<EditResult, { do: "write" }>;

async function tryOnce(
  tools: SwapTools,
  folder: OpenFolder,
  job: SwapJob,
  old: OldFile | null,
  result: WriteResult,
  waited: number,
): Promise<SwapResult | "again" | "wait"> {
  if (old && wasJustModified(old, result, waited)) return "wait";
  const name = basename(job.path);
  const image = old && imageOf(folder, job, old);
  const fresh = job.mode === null ? null : { mode: job.mode, bytes: result.bytes, mtimeMs: job.mtimeMs };
  const temp = fresh && freeName(folder, name, job.run, ".tmp");
  try {
    // A state folder that takes nothing is found out before anything is exchanged.
    if (image) tools.images.prepare(image);
    const noted = image ? tools.log.note(image) : undefined;
    await Promise.all([noted, fresh && temp ? writeBeside(folder.at(temp), fresh) : undefined]);
    return exchange(tools, folder, { job, name, temp, old, image, bytes: fresh?.bytes ?? null });
  } catch (error) {
    throw hostError("E501", job.mode === null ? "remove" : "write", job.path, error);
  } finally {
    if (temp) removeIfThere(folder.at(temp));
  }
}

interface Fresh {
  readonly mode: number;
  readonly bytes: Buffer;
  readonly mtimeMs: number | undefined;
}

/** The new content, whole and on disk, under a name nobody looks at. */
async function writeBeside(path: string, fresh: Fresh): Promise<void> {
  const { mode, bytes, mtimeMs } = fresh;
  const fd = openSync(path, CREATE_FLAGS, 0o600);
  try {
    writeAll(fd, bytes);
    fchmodSync(fd, mode);
    if (mtimeMs !== undefined) futimesSync(fd, mtimeMs / 1000, mtimeMs / 1000);
    await syncToDisk(fd);
  } finally {
    closeSync(fd);
  }
}

function imageOf(folder: OpenFolder, job: SwapJob, old: OldFile): Image {
  const name = freeName(folder, basename(job.path), job.run, "");
  const { dev, ino, mode } = old.facts;
  return { path: job.path, name, run: job.run, dev, ino, digest: digestOf(old.bytes), mode };
}

function freeName(folder: OpenFolder, target: string, run: string, kind: "" | ".tmp"): string {
  for (let count = 1; ; count++) {
    const ending = kind === "" ? (count === 1 ? "" : `.${count}`) : `.tmp${count}`;
    const name = besideName(target, run, ending);
    if (factsAt(folder.at(name)) === null) return name;
  }
}

interface Exchange {
  readonly job: SwapJob;
  readonly name: string;
  /** null: the file is taken away. */
  readonly temp: string | null;
  readonly old: OldFile | null;
  readonly image: Image | null;
  readonly bytes: Buffer | null;
}

/** The moment itself: no await in here, and nothing between the last look and the rename. */
function exchange(
  tools: SwapTools,
  folder: OpenFolder,
  { job, name, temp, old, image, bytes }: Exchange,
): SwapResult | "again" {
  const swapped = { state: "swapped", path: job.path, run: job.run, bytes } as const;
  if (old === null || image === null) {
    const gone = tools.door.stillThere(folder);
    if (gone) return gone;
    return temp !== null && linkNew(folder, temp, name) ? { ...swapped, old: null, image: null } : "again";
  }
  if (!linkIfThere(folder, name, image)) return "again";
  let done = false;
  try {
    const gone = tools.door.stillThere(folder);
    if (gone) return gone;
    const now = factsOf(fstatSync(old.fd));
    if (now.links !== 2 || now.mode !== old.facts.mode || !unchanged(tools, old)) return "again";
    const there = factsAt(folder.at(name));
    if (!there || !sameThing(there, old.facts)) return "again";
    if (temp === null) unlinkSync(folder.at(name));
    else renameSync(folder.at(temp), folder.at(name));
    done = true;
  } finally {
    if (!done) removeIfThere(folder.at(image.name));
  }
  return { ...swapped, old, image };
}

/** A new file comes by link, which fails where a rename would silently replace what somebody just put there. */
function linkNew(folder: OpenFolder, temp: string, name: string): boolean {
  try {
    linkSync(folder.at(temp), folder.at(name));
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
  // It is there: a disk that will not let the other name go makes no failure of that.
  removeIfThere(folder.at(temp));
  return true;
}

function linkIfThere(folder: OpenFolder, name: string, image: Image): boolean {
  try {
    return linkImage(folder, name, image);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Removes a file of ours; its being gone is fine, and so is a disk that refuses (the error before it is the one told). */
export function removeIfThere(path: string): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      unlinkSync(path);
      return;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
    }
  }
}

export { syncToDisk };
