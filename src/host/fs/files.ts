// The door to files, whole: the reader, and the writer that adds to it what changes something.
import { setTimeout } from "node:timers/promises";
import type { FileWriter } from "../../model/world.ts";
import { createImageStore, createMemoryImageLog, type ImageLog } from "./before-images.ts";
import { makeTreePrivate } from "./chmod-tree.ts";
import { createReplacer, type FileChange } from "./file-writer.ts";
import { createFolderChanges, type FolderChange, type FolderChangeLog, type FolderMove } from "./folder-writer.ts";
import { createFolderDoor, shownPath } from "./folders.ts";
import { createFileReader, type FileReaderOptions } from "./read.ts";
import { createContents } from "./read-buffer.ts";
import {
  type LeftoverFiles,
  type RecoveredChanges,
  type RecoveryInput,
  recoveredChanges,
  tidyLeftovers,
} from "./recover.ts";
import { ownUid } from "./stat.ts";

export { createFileReader, type FileReaderOptions };

export interface FileWriterOptions {
  /** The folders that may be written in, absolute and real; a missing one is made when something is put into it. */
  readonly roots: readonly string[];
  /** The state folder: before-images go to `before/<run>/…` in it. */
  readonly state: string;
  /** Where before-images are journalled; the journal of the run. Default: in memory, for tests. */
  readonly log?: ImageLog;
  readonly sleep?: (ms: number) => Promise<void>;
  /** The user whose files are ours; default: the one this process acts as. */
  readonly uid?: number;
}

export interface HostFileWriter extends FileWriter {
  /** Every file replaced, made or removed since this writer was made, in order: what `undo` works from. */
  changes(): readonly FileChange[];
  /** Every folder made or taken away empty, in order. */
  folders(): readonly FolderChange[];
  /** Everything moved as it was, in order. Folders kept as before-images become the owner's alone with this: ask last. */
  moves(): readonly FolderMove[];
  /** Clears up what a run that was killed left behind; sentences about what it found. Call under the run lock, before anything is planned. */
  recover(leftovers: LeftoverFiles): readonly string[];
  /** After `recover`: what that run had done, for the document that is written of it. */
  doneBy(undertaking: RecoveryInput): RecoveredChanges;
}

/** The modes go when the run is about to be filed: killed before, it is undone with them. */
function closedMoves({ moves }: FolderChangeLog): FolderMove[] {
  return moves.map((move, at) => {
    const { from, to, modes } = move;
    if (modes === undefined) return { from, to };
    const closed = { from, to, modes: modes ?? makeTreePrivate(to) };
    moves[at] = closed;
    return closed;
  });
}

export function createFileWriter(options: FileWriterOptions): HostFileWriter {
  const uid = options.uid ?? ownUid();
  const { roots, state, log = createMemoryImageLog(), sleep = setTimeout } = options;
  const reader = createFileReader({ roots, uid, images: log });
  const trail: FolderChangeLog = { folders: [], moves: [] };
  const door = createFolderDoor({ roots, uid, made: (path) => trail.folders.push({ path, mode: null }) });
  const images = createImageStore({ roots, state, uid, log });
  const shown = (path: string): string => shownPath(roots, path);
  const replacer = createReplacer({ uid, shown, contents: createContents(), door, log, sleep, images });

  return {
    ...reader,
    ...createFolderChanges(door, images, trail),
    replace: (job) => replacer.replace(job, job.parents ? 0o755 : undefined),
    remove: (job) => replacer.replace({ ...job, mode: null }, undefined),
    settle: () => replacer.settle(),
    changes: () => replacer.changes(),
    folders: () => trail.folders,
    moves: () => closedMoves(trail),
    recover: (leftovers) => tidyLeftovers({ door, images, shown }, leftovers),
    doneBy: (undertaking) => recoveredChanges(images, undertaking),
  };
}
