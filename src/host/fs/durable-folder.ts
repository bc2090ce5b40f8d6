// A folder of our own records, on disk when a call returns: ledger, run lock, journal, runs, and the lock file.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { HostError } from "../../model/errors.ts";
import type { FileReader, RecordFolder } from "../../model/world.ts";
import { liveStartTick } from "../process/procfs.ts";
import { IMAGES, writeAll } from "./before-images.ts";
import { createFolderDoor, type FolderDoor, type OpenFolder } from "./folders.ts";
import { createFileReader } from "./read.ts";
import { emptyFolder } from "./remove-tree.ts";
import { removeIfThere } from "./replace.ts";
import { CREATE_FLAGS, errnoOf, factsAt, hostError, ownUid } from "./stat.ts";

export interface RecordFolderOptions {
  /** Absolute and real; made when something is written. */
  readonly path: string;
  /** Permission bits of files and folders. Default 0600 and 0700, as for state; the agents folder has 0644 and 0755. */
  readonly fileMode?: number;
  readonly folderMode?: number;
  /** Takes from others what they may do in the folder itself: a clone made it as the umask said. */
  readonly ownersAlone?: boolean;
  readonly uid?: number;
}

const APPEND_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
/** A lock file of 10,000 agents has some 20 MB. */
const LIMIT = 512 * 1024 * 1024;
const flush = promisify(fsync);
let made = 0;

/** What every act in a record folder needs. */
interface FolderContext {
  readonly root: string;
  readonly fileMode: number;
  readonly folderMode: number;
  readonly ownersAlone: boolean;
  readonly door: FolderDoor;
}

export function createRecordFolder(options: RecordFolderOptions): RecordFolder {
  const { path: root, fileMode = 0o600, folderMode = 0o700, ownersAlone = false, uid = ownUid() } = options;
  const reader = createFileReader({ roots: [root], uid });
  const folderContext: FolderContext = {
    root,
    fileMode,
    folderMode,
    ownersAlone,
    door: createFolderDoor({ roots: [root], uid }),
  };
  return {
    path: root,
    read: (name) => readRecord(reader, join(root, name)),
    list: (name = "") => (reader.list(join(root, name)) ?? []).map((entry) => entry.name),
    write(name, content, wish = {}) {
      put(folderContext, { name, content }, (folder, temp, base) => {
        if (wish.backup !== undefined) keepAs(folder, base, wish.backup);
        renameSync(temp, folder.at(base));
        return true;
      });
    },
    create: (name, content) =>
      put(folderContext, { name, content }, (folder, temp, base) => linkFirst(temp, folder.at(base))),
    append: (name, text) => append(folderContext, name, text),
    appendTogether: createTogether((name, text) => appendLater(folderContext, name, text)),
    tidy() {
      for (const { name, type } of [{ name: "", type: "folder" }, ...(reader.list(root) ?? [])]) {
        // Before-images keep the names of strangers' files.
        if (type === "folder" && name !== IMAGES)
          within(folderContext, { name: join(name, "any"), make: false }, (folder) => tidyFolder(folder.fd));
      }
    },
    remove(name) {
      within(folderContext, { name, make: false }, (folder, base) => {
        removeEntry(folder, base);
        fsyncSync(folder.fd);
      });
    },
  };
}

function readRecord(reader: FileReader, path: string): Buffer | null {
  const found = reader.read(path, { limit: LIMIT });
  if (found.state === "absent") return null;
  if (found.state === "refused") throw new HostError("E503", `cannot read ${path}: ${found.message}`, { path });
  return found.bytes;
}

/** Acts in the folder of a name; null when it is not there and not to be made. */
function within<T>(
  { root, door, folderMode, ownersAlone }: FolderContext,
  { name, make }: { readonly name: string; readonly make: boolean },
  act: (folder: OpenFolder, base: string) => T,
): T | null {
  const path = join(root, name);
  const folder = door.open(dirname(path), make ? folderMode : undefined);
  if (folder.state === "absent") return null;
  if (folder.state === "refused") throw new HostError("E503", `cannot write ${path}: ${folder.message}`, { path });
  try {
    if (make && ownersAlone && folder.path === root) closeToOthers(folder.fd);
    return act(folder, basename(path));
  } catch (error) {
    throw hostError("E501", "write", path, error);
  } finally {
    folder.close();
  }
}

/** Puts a whole, flushed file in place by `place`, which may refuse it. */
function put(
  folderContext: FolderContext,
  { name, content }: { readonly name: string; readonly content: string },
  place: (folder: OpenFolder, temp: string, base: string) => boolean,
): boolean {
  const done = within(folderContext, { name, make: true }, (folder, base) => {
    const temp = folder.at(newName(base));
    try {
      writeNew(temp, content, folderContext.fileMode);
      const placed = place(folder, temp, base);
      fsyncSync(folder.fd);
      return placed;
    } finally {
      removeIfThere(temp);
    }
  });
  return done ?? false;
}

function append(folderContext: FolderContext, name: string, text: string): void {
  const fd = openToAppend(folderContext, name);
  try {
    appendAll(fd, text);
    fsyncSync(fd);
  } catch (error) {
    throw hostError("E501", "write", join(folderContext.root, name), error);
  } finally {
    closeSync(fd);
  }
}

async function appendLater(folderContext: FolderContext, name: string, text: string): Promise<void> {
  const fd = openToAppend(folderContext, name);
  try {
    appendAll(fd, text);
    await flush(fd);
  } catch (error) {
    throw hostError("E501", "write", join(folderContext.root, name), error);
  } finally {
    closeSync(fd);
  }
}

function openToAppend(folderContext: FolderContext, name: string): number {
  const fd = within(folderContext, { name, make: true }, (folder, base) => {
    const known = factsAt(folder.at(base)) !== null;
    const opened = openSync(folder.at(base), APPEND_FLAGS, folderContext.fileMode);
    if (!known) {
      fchmodSync(opened, folderContext.fileMode);
      fsyncSync(folder.fd);
    }
    return opened;
  });
  if (fd === null) throw new Error(`no folder for ${name}`);
  return fd;
}

function closeToOthers(fd: number): void {
  const mode = fstatSync(fd).mode & 0o7777;
  if ((mode & 0o077) !== 0) fchmodSync(fd, mode & ~0o077);
}

function writeNew(path: string, content: string, mode: number): void {
  const fd = openSync(path, CREATE_FLAGS, 0o600);
  try {
    writeAll(fd, Buffer.from(content));
    fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** All or nothing: what a full disk took of the text is cut off again, so that no torn line stands in the middle. */
function appendAll(fd: number, text: string): void {
  const { size } = fstatSync(fd);
  try {
    writeAll(fd, Buffer.from(text));
  } catch (error) {
    ftruncateSync(fd, size);
    throw error;
  }
}

/** Gives the present file a second name, then lets the new one take the first: no moment without a backup. */
function keepAs(folder: OpenFolder, base: string, backup: string): void {
  if (factsAt(folder.at(base)) === null) return;
  const temp = folder.at(newName(backup));
  try {
    linkSync(folder.at(base), temp);
    renameSync(temp, folder.at(backup));
  } finally {
    // Also after success: where both are one file already (a kill just here), rename(2) does nothing.
    removeIfThere(temp);
  }
}

/** A link fails where a rename would replace: of two only one succeeds. */
function linkFirst(temp: string, path: string): boolean {
  try {
    linkSync(temp, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

function removeEntry(folder: OpenFolder, base: string): void {
  const facts = factsAt(folder.at(base));
  if (facts === null) return;
  if (facts.type !== "folder") {
    unlinkSync(folder.at(base));
    return;
  }
  const fd = openSync(folder.at(base), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    emptyFolder(fd);
  } finally {
    closeSync(fd);
  }
  rmdirSync(folder.at(base));
}

/** Texts that come while one is being flushed wait and go together. */
function createTogether(append: (name: string, text: string) => Promise<void>): RecordFolder["appendTogether"] {
  const waiting = new Map<string, { text: string; readonly written: Promise<void> }>();
  const running = new Map<string, Promise<void>>();
  return (name, text) => {
    const next = waiting.get(name);
    if (next) {
      next.text += text;
      return next.written;
    }
    const before = running.get(name)?.catch(() => undefined) ?? Promise.resolve();
    const written: Promise<void> = before.then(() => {
      const all = waiting.get(name)?.text ?? "";
      waiting.delete(name);
      return append(name, all);
    });
    const batch = { text, written };
    waiting.set(name, batch);
    running.set(name, written);
    return written;
  };
}

let self: string | undefined;

/** The name of a temporary file says whose it is: pid and start tick. */
function newName(base: string): string {
  self ??= ownName();
  return `.${base}.rollcall-new-${self}-${++made}`;
}

function ownName(): string {
  const pid = Number(readlinkSync("/proc/self"));
  return `${pid}-${liveStartTick(pid)}`;
}

/** Removes what processes left that are gone. */
function tidyFolder(fd: number): void {
  const here = `/proc/self/fd/${fd}`;
  for (const name of readdirSync(here)) {
    const [, pid, startTick] = /^\..+\.rollcall-new-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
    if (pid !== undefined && liveStartTick(Number(pid)) !== startTick) unlinkSync(`${here}/${name}`);
  }
}
