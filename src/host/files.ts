// The door to files, whole: the reader, and the writer that adds to it what changes something.
import { chmodSync, closeSync, fstatSync, fsyncSync, openSync, renameSync, rmdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { HostError } from "../model/errors.ts";
import type { FileWriter, Refused, ReplaceJob, ReplaceResult } from "../model/world.ts";
import { errnoOf, factsAt, factsOf, hostError, ownUid, PATH_FLAGS } from "./facts.ts";
import { createFolderDoor, emptyFolder, type OpenFolder, shownPath } from "./folders.ts";
import { createImageStore, createMemoryImageLog, createOwnImage, type Image, type ImageLog } from "./images.ts";
import { lateBytes, mergeEdit, openKept, tornBy, whenComplete, whenReleased } from "./late.ts";
import { createContents, createFileReader, type FileReaderOptions } from "./read.ts";
import { type OldFile, type SwapJob, type Swapped, type SwapTools, swap, syncToDisk } from "./replace.ts";

export { createFileReader, type FileReaderOptions };

export interface FileWriterOptions {
  /** The folders that may be written in, absolute and real. */
  readonly roots: readonly string[];
  /** The state folder: before-images go to `before/<run>/…` in it. */
  readonly state: string;
  /** Where before-images are journalled; the journal of the run. Default: in memory. */
  readonly log?: ImageLog;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly uid?: number;
}

/** A late write that `settle` found. */
export interface Settlement {
  readonly path: string;
  /** `merged`: it is in the file now. `moved`: it contradicts what was planned; the writer's word stands. */
  readonly state: "merged" | "moved";
  readonly reason?: string;
}

export interface HostFileWriter extends FileWriter {
  /**
   * Call once at the end of a run: waits until nobody writes to a replaced inode any more (a second at most) and
   * merges what was written there since.
   */
  settle(): Promise<readonly Settlement[]>;
}

type Job = Pick<ReplaceJob, "path" | "run" | "edit" | "carry"> & { readonly mode: number | null };

/** What is known of a before-image until the end of the run. */
interface Kept {
  readonly job: Job;
  readonly image: Image;
  /** In the state folder; null while it lies beside its target because state is on another device. */
  readonly path: string | null;
  readonly basis: Buffer;
  readonly written: Buffer | null;
  readonly mode: number;
}

/** How often late writes to one file are merged before its writer is told apart from a person and left alone. */
const MERGES = 20;

export function createFileWriter(options: FileWriterOptions): HostFileWriter {
  const uid = options.uid ?? ownUid();
  const log = options.log ?? createMemoryImageLog();
  const { roots } = options;
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((wake) => setTimeout(wake, ms)));
  const reader = createFileReader({ roots, uid, ownImage: createOwnImage(log) });
  const door = createFolderDoor({ roots, uid });
  const images = createImageStore({ roots, state: options.state, uid, log });
  const shown = (path: string): string => shownPath(roots, path);
  const tools: SwapTools = { uid, shown, contents: createContents(), door, log, sleep };
  const kept = new Set<Kept>();

  async function replaceIn(folder: OpenFolder, job: Job, merges: number): Promise<ReplaceResult> {
    const done = await swap(tools, folder, job);
    if (done.state !== "swapped") return done;
    const { old, image } = done;
    if (old === null || image === null) {
      await syncFolder(folder);
      return door.stillThere(folder) ?? { state: "written" };
    }
    try {
      return await afterSwap(folder, job, done, { old, image }, merges);
    } finally {
      closeSync(old.fd);
    }
  }

  async function afterSwap(
    folder: OpenFolder,
    job: Job,
    done: Swapped,
    { old, image }: { readonly old: OldFile; readonly image: Image },
    merges: number,
  ): Promise<ReplaceResult> {
    const look = (): Buffer | null => lateBytes(tools.contents, old.fd, old.bytes);
    // Looked at once before anything is waited for: a writer hit in the very moment goes on with our file at once.
    if (look() === null) await syncFolder(folder);
    const late = await whenComplete(look, tornBy(job.edit, old), sleep);
    const path = images.keep(folder, image);
    const entry: Kept = { job, image, path, basis: late ?? old.bytes, written: done.bytes, mode: old.facts.mode };
    kept.add(entry);
    let result: ReplaceResult = path === null ? { state: "written" } : { state: "written", beforeImage: path };
    if (late !== null) {
      const moved = await mergeIn(folder, entry, { from: old.bytes, to: late }, merges);
      if (moved !== null) result = { state: "moved", reason: moved };
      await syncFolder(folder);
    }
    return door.stillThere(folder) ?? result;
  }

  /** Makes a late change once more in the present file; the reason when that contradicts the plan. */
  async function mergeIn(
    folder: OpenFolder,
    entry: Kept,
    change: { readonly from: Buffer; readonly to: Buffer },
    merges: number,
  ): Promise<string | null> {
    if (merges >= MERGES) return `${shown(entry.job.path)} is being written all the time`;
    let moved: string | null = null;
    const edit = mergeEdit(entry.job, { ...change, written: entry.written }, (reason) => {
      moved = reason;
    });
    const reset: SwapJob["edit"] = (current) => {
      moved = null;
      return edit(current);
    };
    const job = { ...entry.job, edit: reset, mode: entry.job.mode ?? entry.mode };
    const result = await replaceIn(folder, job, merges + 1);
    if (result.state === "moved") return result.reason;
    return result.state === "refused" ? result.message : moved;
  }

  async function syncFolder(folder: OpenFolder): Promise<void> {
    try {
      await syncToDisk(folder.fd);
    } catch (error) {
      throw hostError("E501", "write to the folder", folder.path, error);
    }
  }

  async function replaceAt(path: string, make: number | undefined, job: Job): Promise<ReplaceResult> {
    const folder = door.open(dirname(path), make);
    if (folder.state === "refused") return folder;
    if (folder.state === "absent") {
      const result = job.mode === null ? ({ do: "keep" } as const) : job.edit(null);
      if (result.do === "keep") return { state: "kept" };
      if (result.do === "moved") return { state: "moved", reason: result.reason };
      throw new HostError("E501", `cannot write ${path}: its folder is not there (ENOENT)`, { path, errno: "ENOENT" });
    }
    try {
      images.tidy(folder, path);
      return await replaceIn(folder, job, 0);
    } finally {
      folder.close();
    }
  }

  async function settleOne(entry: Kept): Promise<Settlement | null> {
    const path = entry.path ?? join(dirname(entry.job.path), entry.image.name);
    const fd = openKept(path);
    if (fd === null) return null;
    try {
      const facts = factsOf(fstatSync(fd));
      const look = (): Buffer | null => lateBytes(tools.contents, fd, entry.basis);
      const late = await whenComplete(look, tornBy(entry.job.edit, { bytes: entry.basis, facts }), sleep);
      const folder = late === null && entry.path !== null ? null : door.open(dirname(entry.job.path));
      if (folder?.state !== "open") return null;
      try {
        const moved = late && (await mergeIn(folder, entry, { from: entry.basis, to: late }, 0));
        if (late) await syncFolder(folder);
        if (entry.path === null) images.copy(folder, entry.image);
        if (late === null) return null;
        const at = { path: entry.job.path };
        return moved === null ? { ...at, state: "merged" } : { ...at, state: "moved", reason: moved };
      } finally {
        folder.close();
      }
    } finally {
      closeSync(fd);
    }
  }

  return {
    ...reader,
    ...createFolderChanges({ open: door.open, shown }),
    replace: (job) => replaceAt(job.path, job.parents ? 0o755 : undefined, job),
    remove: (job) => replaceAt(job.path, undefined, { ...job, mode: null }),
    async settle() {
      const settled: Settlement[] = [];
      while (kept.size > 0) {
        const batch = [...kept];
        kept.clear();
        const paths = batch.map((one) => one.path ?? join(dirname(one.job.path), one.image.name));
        await whenReleased(paths, sleep);
        for (const one of batch) {
          const result = await settleOne(one);
          if (result) settled.push(result);
        }
      }
      return settled;
    },
  };
}

type FolderChanges = Pick<FileWriter, "removeEmptyFolder" | "chmod" | "makeFolder" | "move" | "removeFolder">;

/** The plain changes; each works through the descriptor of the parent folder. */
function createFolderChanges(tools: {
  readonly open: ReturnType<typeof createFolderDoor>["open"];
  readonly shown: (path: string) => string;
}): FolderChanges {
  function within<T>(path: string, verb: string, act: (parent: OpenFolder, name: string) => T): T {
    const parent = tools.open(dirname(path));
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

  return {
    makeFolder(path, mode) {
      const folder = tools.open(path, mode);
      if (folder.state === "refused") throw refusal(path, "create the folder", folder);
      if (folder.state === "open") folder.close();
    },
    chmod(path, mode) {
      within(path, "change the mode of", (parent, name) => {
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
    },
    move(from, to) {
      within(from, "move", (source, name) =>
        within(to, "move to", (target, newName) => {
          if (factsAt(source.at(name))?.type === "link") throw notPlain(from, "move", "it is a link");
          if (factsAt(target.at(newName)) !== null) throw notPlain(to, "move to", "it exists already");
          renameSync(source.at(name), target.at(newName));
          fsyncSync(target.fd);
          fsyncSync(source.fd);
        }),
      );
    },
    removeEmptyFolder(path) {
      const parent = tools.open(dirname(path));
      if (parent.state !== "open") return;
      try {
        rmdirSync(parent.at(basename(path)));
      } catch (error) {
        const left = ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"];
        if (!left.includes(errnoOf(error) ?? "")) throw hostError("E501", "remove the folder", path, error);
      } finally {
        parent.close();
      }
    },
    removeFolder(path) {
      const folder = tools.open(path);
      if (folder.state === "absent") return;
      if (folder.state === "refused") throw refusal(path, "remove the folder", folder);
      try {
        emptyFolder(folder.fd);
      } catch (error) {
        throw hostError("E501", "remove the folder", path, error);
      } finally {
        folder.close();
      }
      within(path, "remove the folder", (parent, name) => {
        rmdirSync(parent.at(name));
        fsyncSync(parent.fd);
      });
    },
  };
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
