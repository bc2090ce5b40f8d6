// Replacements of a run: each one swapped in, its before-image kept, late writes to the old inode merged again.
import { closeSync, fstatSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostError } from "../../model/errors.ts";
import type { ReplaceJob, ReplaceResult, Settlement } from "../../model/world.ts";
import type { Image, ImageStore } from "./before-images.ts";
import type { OpenFolder } from "./folders.ts";
import {
  changedBytes,
  isPartialWrite,
  mergeEdit,
  openKept,
  waitForCompleteWrite,
  waitForWriters,
  wasReverted,
} from "./late-writes.ts";
import { type OldFile, openOld, type Swapped, type SwapTools, swap, syncToDisk } from "./replace.ts";
import { digestOf, FOLDER_FLAGS, factsOf, hostError } from "./stat.ts";

/** One file that a run changed. */
export interface FileChange {
  readonly path: string;
  readonly run: string;
  /** Permission bits before; null when the file was not there. */
  readonly modeBefore: number | null;
  /** Its time of last change before, in milliseconds since the epoch. */
  readonly mtimeBefore?: number;
  /** The before-image in the state folder; null when there was no file, or it is still beside its target. */
  readonly image: string | null;
  /** SHA-256 (32 hex digits) of what was put there; null after a removal. */
  readonly after: string | null;
}

export interface Replacer {
  replace(job: Job, make: number | undefined): Promise<ReplaceResult>;
  settle(): Promise<readonly Settlement[]>;
  changes(): readonly FileChange[];
}

/** `mode` null: the file is taken away. */
type Job = Pick<ReplaceJob, "path" | "run" | "edit" | "carry" | "mtimeMs"> & { readonly mode: number | null };

/** What is known of a before-image until the end of the run. */
interface Kept {
  readonly job: Job;
  readonly image: Image;
  /** Where it stands in the list of changes. */
  readonly nth: number;
  /** In the state folder; null while it lies beside its target: state is on another device, or did not take it. */
  path: string | null;
  basis: Buffer;
  readonly mode: number;
}

/** How often late writes to one file are merged before we give way to its writer, and how often the end looks again. */
const MERGES = 20;
const ROUNDS = 5;
/** When to look whether a merged late change is still there, in milliseconds between the looks. */
const WATCH_MS = [2, 3, 5, 10, 20, 40];
/** Who takes a late change out again later than this after it was merged had seen it, and means it. */
const STALE_MS = 1000;

/** What became of a late change: the reason when it contradicts the plan, and when it was last made in the file. */
interface Merged {
  readonly moved: string | null;
  readonly at: number;
  /** It could not be made for other writers: when the run settles, it is tried once more. */
  readonly yielded: boolean;
}

export function createReplacer(tools: SwapTools & { readonly images: ImageStore }): Replacer {
  return new SwapReplacer(tools);
}

class SwapReplacer implements Replacer {
  private readonly tools: SwapTools & { readonly images: ImageStore };
  private readonly kept = new Set<Kept>();
  private readonly changed: FileChange[] = [];
  /** Folders that got a new one in them and are not flushed yet: once for all that wait. */
  private readonly unsynced = new Set<string>();

  constructor(tools: SwapTools & { readonly images: ImageStore }) {
    this.tools = tools;
  }

  /** `job` is what is swapped in now, `origin` the caller's own: a merge makes a late change again on its behalf. */
  private async replaceIn(folder: OpenFolder, job: Job, origin: Job, merges: number): Promise<ReplaceResult> {
    const done = await swap(this.tools, folder, job);
    if (done.state !== "swapped") return done;
    const { old, image } = done;
    if (old === null || image === null) {
      this.log(done);
      await this.syncFolder(folder);
      return this.tools.door.stillThere(folder) ?? { state: "written" };
    }
    try {
      return await this.afterSwap(folder, origin, done, { old, image }, merges);
    } finally {
      closeSync(old.fd);
    }
  }

  private log(done: Swapped): number {
    const after = done.bytes === null ? null : digestOf(done.bytes);
    const { path, run, old } = done;
    const before = old === null ? { modeBefore: null } : { modeBefore: old.facts.mode, mtimeBefore: old.mtimeMs };
    return this.changed.push({ path, run, ...before, image: null, after }) - 1;
  }

  private keepImage(entry: Kept, path: string | null): void {
    entry.path = path;
    const change = this.changed[entry.nth];
    if (change) this.changed[entry.nth] = { ...change, image: path };
  }

  private async afterSwap(
    folder: OpenFolder,
    job: Job,
    done: Swapped,
    { old, image }: { readonly old: OldFile; readonly image: Image },
    merges: number,
  ): Promise<ReplaceResult> {
    const readLate = (): Buffer | null => changedBytes(this.tools.contents, old.fd, old.bytes);
    const entry: Kept = { job, image, nth: this.log(done), path: null, basis: old.bytes, mode: old.facts.mode };
    // From here on it is put away: now, or when the run settles, whatever else fails.
    this.kept.add(entry);
    // Looked at once before anything is waited for: a writer hit in the very moment goes on with our file at once.
    if (readLate() === null) await this.syncFolder(folder);
    const late = await waitForCompleteWrite(readLate, isPartialWrite(job.edit, old.facts), this.tools.sleep);
    const path = this.tools.images.keep(folder, image, (there) => this.keepImage(entry, there));
    entry.basis = late ?? old.bytes;
    let result: ReplaceResult = path === null ? { state: "written" } : { state: "written", beforeImage: path };
    if (late !== null) {
      const { moved, yielded } = await this.mergeLate(folder, entry, { from: old.bytes, to: late }, merges);
      if (moved !== null) result = { state: "moved", reason: moved };
      if (yielded) entry.basis = old.bytes;
      await this.syncFolder(folder);
    }
    return this.tools.door.stillThere(folder) ?? result;
  }

  /** Makes a late change once more in the present file. */
  private async mergeIn(
    folder: OpenFolder,
    { job, mode }: Kept,
    change: { readonly from: Buffer; readonly to: Buffer },
    merges: number,
  ): Promise<Merged> {
    let moved: string | null = null;
    let at = performance.now();
    const busy = `${this.tools.shown(job.path)} is being written all the time`;
    if (merges >= MERGES) return { moved: busy, at, yielded: true };
    const swaps = (): number => this.changed.filter(({ path }) => path === job.path).length;
    const before = swaps();
    const merge: Job["edit"] = (current) => {
      moved = null;
      at = performance.now();
      return mergeEdit(job, { ...change, removed: job.mode === null }, (reason) => {
        moved = reason;
      })(current);
    };
    const result = await this.replaceIn(folder, { ...job, edit: merge, mode: job.mode ?? mode }, job, merges + 1);
    if (result.state === "moved") return { moved: result.reason, at, yielded: swaps() === before };
    return { moved: result.state === "refused" ? result.message : moved, at, yielded: false };
  }

  /** Merges, then watches for a moment: a writer that read before the merge may write after it. */
  private async mergeLate(
    folder: OpenFolder,
    entry: Kept,
    change: { readonly from: Buffer; readonly to: Buffer },
    merges: number,
  ): Promise<Merged> {
    let merged = await this.mergeIn(folder, entry, change, merges);
    for (const pause of merges === 0 ? WATCH_MS : []) {
      await this.tools.sleep(pause);
      if (performance.now() - merged.at > STALE_MS) break;
      const now = openOld(this.tools, folder, entry.job.path);
      if (now === null || "state" in now) continue;
      closeSync(now.fd);
      if (wasReverted(entry.job.carry, { ...change, removed: false }, now.bytes)) {
        merged = await this.mergeIn(folder, entry, change, merges);
      }
    }
    return merged;
  }

  private async syncFolder(folder: OpenFolder): Promise<void> {
    try {
      const grown = [...this.unsynced];
      this.unsynced.clear();
      await Promise.all([syncToDisk(folder.fd), ...grown.map(syncPath)]);
    } catch (error) {
      throw hostError("E501", "write to the folder", folder.path, error);
    }
  }

  async replace(job: Job, make: number | undefined): Promise<ReplaceResult> {
    const folder = this.tools.door.open(dirname(job.path), make, (path) => this.unsynced.add(path));
    if (folder.state === "refused") return folder;
    if (folder.state === "absent") return withoutFolder(job);
    try {
      this.tools.images.tidy(folder, job.path);
      return await this.replaceIn(folder, job, job, 0);
    } catch (error) {
      throw hostError("E501", job.mode === null ? "remove" : "write", job.path, error);
    } finally {
      folder.close();
    }
  }

  private async settleOne(entry: Kept): Promise<Settlement | null> {
    const fd = openKept(besideOrKept(entry));
    if (fd === null) return null;
    try {
      const readLate = (): Buffer | null => changedBytes(this.tools.contents, fd, entry.basis);
      const late = await waitForCompleteWrite(
        readLate,
        isPartialWrite(entry.job.edit, factsOf(fstatSync(fd))),
        this.tools.sleep,
      );
      return await this.settleIn(entry, late);
    } finally {
      closeSync(fd);
    }
  }

  private async settleIn(entry: Kept, late: Buffer | null): Promise<Settlement | null> {
    if (late === null && entry.path !== null) return null;
    const folder = this.tools.door.open(dirname(entry.job.path));
    if (folder.state !== "open") return null;
    try {
      const moved = late && (await this.mergeLate(folder, entry, { from: entry.basis, to: late }, 0)).moved;
      await this.syncFolder(folder);
      if (entry.path === null) this.keepImage(entry, this.tools.images.copy(folder, entry.image));
      if (late === null) return null;
      const { path } = entry.job;
      return moved === null ? { path, state: "merged" } : { path, state: "moved", reason: moved };
    } finally {
      folder.close();
    }
  }

  async settle(): Promise<readonly Settlement[]> {
    const settled: Settlement[] = [];
    for (let round = 0; this.kept.size > 0 && round < ROUNDS; round++) {
      const batch = [...this.kept];
      this.kept.clear();
      await waitForWriters(batch.map(besideOrKept), this.tools.sleep);
      for (const one of batch) {
        const result = await this.settleOne(one);
        if (result) settled.push(result);
      }
    }
    return settled;
  }

  changes(): readonly FileChange[] {
    return this.changed;
  }
}

async function syncPath(path: string): Promise<void> {
  const fd = openSync(path, FOLDER_FLAGS);
  try {
    await syncToDisk(fd);
  } finally {
    closeSync(fd);
  }
}

const besideOrKept = (one: Kept): string => one.path ?? join(dirname(one.job.path), one.image.name);

/** The folder is missing and may not be made: fine when nothing was to be written. */
function withoutFolder({ path, mode, edit }: Job): ReplaceResult {
  const result = mode === null ? ({ do: "keep" } as const) : edit(null);
  if (result.do === "keep") return { state: "kept" };
  if (result.do === "moved") return { state: "moved", reason: result.reason };
  throw new HostError("E501", `cannot write ${path}: its folder is not there (ENOENT)`, { path, errno: "ENOENT" });
}
