// Late writes: what a writer in place put into the old inode after it was replaced, found and made once more.
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, statSync } from "node:fs";
import type { Edit, EditResult, FileFacts, ReplaceJob } from "../../model/world.ts";
import type { Contents } from "./read-buffer.ts";
import { INSPECT_FLAGS } from "./stat.ts";

const POLL_MS = 5;
const COMPLETE_MS = 1000;
const RELEASE_MS = 1000;

export interface LateChange {
  /** The old inode's content as the replacement was based on it. */
  readonly from: Buffer;
  /** What somebody made of it afterwards. */
  readonly to: Buffer;
  /** The file was taken away rather than replaced. */
  readonly removed: boolean;
}

/** The content of a held inode when it is no longer `basis`; null when it is. */
export function changedBytes(contents: Contents, fd: number, basis: Buffer): Buffer | null {
  if (fstatSync(fd).size === basis.length && contents.equal(fd, basis)) return null;
  return contents.all(fd, Number.MAX_SAFE_INTEGER);
}

/** Waits until the writer is through: the content is neither empty nor torn. Null: it is as it was after all. */
export async function waitForCompleteWrite(
  readLate: () => Buffer | null,
  isTorn: (bytes: Buffer) => boolean,
  sleep: (ms: number) => Promise<void>,
): Promise<Buffer | null> {
  const until = performance.now() + COMPLETE_MS;
  let late = readLate();
  while (late !== null && isTorn(late) && performance.now() < until) {
    await sleep(POLL_MS);
    late = readLate();
  }
  return late !== null && isTorn(late) ? null : late;
}

/** Empty, or the edit itself cannot read it. */
export function isPartialWrite(edit: Edit, facts: FileFacts): (bytes: Buffer) => boolean {
  return (bytes) => {
    if (bytes.length === 0) return true;
    const result = edit({ bytes, facts });
    return result.do === "write" && result.torn === true;
  };
}

/**
 * The edit that makes a late change once more in what lies there now. Where the job's own edit says that the plan no
 * longer holds (`moved`), the writer's content is put back and `onMoved` told.
 */
export function mergeEdit(
  job: Pick<ReplaceJob, "edit" | "carry">,
  change: LateChange,
  onMoved: (reason: string) => void,
): Edit {
  return (current): EditResult => {
    if (current === null) return change.removed ? reapply(job.edit, change, onMoved) : gone(onMoved);
    // A writer is in the middle of the present file: wait for it, and take the late content only if nothing comes.
    if (isPartialWrite(job.edit, current.facts)(current.bytes)) {
      const result = job.edit({ bytes: change.to, facts: current.facts });
      return { do: "write", bytes: result.do === "write" ? result.bytes : change.to, torn: true };
    }
    const onto = ontoCurrent(job, change, current);
    if (onto === null) {
      const reason = "it was changed in two places at once; the other content is in the before-image";
      onMoved(reason);
      return { do: "keep" };
    }
    const result = job.edit({ bytes: onto, facts: current.facts });
    if (result.do === "write") return result;
    if (result.do === "moved") onMoved(result.reason);
    return onto.equals(current.bytes) ? { do: "keep" } : { do: "write", bytes: onto };
  };
}

/** The late change made in the present content; without `carry` only where that is what we made of the old one. */
function ontoCurrent(
  { edit, carry }: Pick<ReplaceJob, "edit" | "carry">,
  { from, to }: LateChange,
  current: { readonly bytes: Buffer; readonly facts: FileFacts },
): Buffer | null {
  const carried = carry?.({ from, to, onto: current.bytes });
  if (carried) return carried;
  const own = edit({ bytes: from, facts: current.facts });
  return current.bytes.equals(own.do === "write" ? own.bytes : from) ? to : null;
}

/**
 * Is the change gone again from the present content, all of it back at what it was before? Then a writer that had read
 * the file before the merge wrote it after: its word on other things stands, ours on this has to be said once more.
 */
export function wasReverted(carry: ReplaceJob["carry"], { from, to }: LateChange, current: Buffer): boolean {
  const again = carry?.({ from, to, onto: current });
  const back = carry?.({ from: to, to: from, onto: current });
  return again != null && back != null && !again.equals(current) && back.equals(current);
}

function gone(onMoved: (reason: string) => void): EditResult {
  onMoved("it was removed by somebody else");
  return { do: "keep" };
}

/** After a removal: a late writer's content comes back unless the edit still says that it may go. */
function reapply(edit: Edit, change: LateChange, onMoved: (reason: string) => void): EditResult {
  const facts = { type: "file", mode: 0o600, uid: 0, links: 1, size: change.to.length, dev: 0, ino: 0 } as const;
  const result = edit({ bytes: change.to, facts });
  if (result.do === "write") return { do: "keep" };
  onMoved(result.do === "moved" ? result.reason : "it was changed while it was being removed");
  return { do: "write", bytes: change.to };
}

/** Opens a kept image to look at it once more; null when it is gone. */
export function openKept(path: string): number | null {
  try {
    return openSync(path, INSPECT_FLAGS);
  } catch {
    return null;
  }
}

/** Waits, for a second at most, until no process we may look at holds one of the inodes open for writing. */
export async function waitForWriters(paths: readonly string[], sleep: (ms: number) => Promise<void>): Promise<void> {
  const inodes = new Set<string>();
  for (const path of paths) {
    const fd = openKept(path);
    if (fd === null) continue;
    const { dev, ino } = fstatSync(fd);
    inodes.add(`${dev}:${ino}`);
    closeSync(fd);
  }
  const until = performance.now() + RELEASE_MS;
  while (inodes.size > 0 && heldForWriting(inodes) && performance.now() < until) await sleep(POLL_MS);
}

/** procfs shows a descriptor's access in the mode bits of its link (proc(5)). */
function heldForWriting(inodes: ReadonlySet<string>): boolean {
  return entries("/proc").some(
    (pid) => /^\d+$/.test(pid) && entries(`/proc/${pid}/fd`).some((fd) => writesTo(`/proc/${pid}/fd/${fd}`, inodes)),
  );
}

function writesTo(path: string, inodes: ReadonlySet<string>): boolean {
  try {
    if ((lstatSync(path).mode & 0o200) === 0) return false;
    const { dev, ino } = statSync(path);
    return inodes.has(`${dev}:${ino}`);
  } catch {
    return false;
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
