// The two doors to the outside, files and exec, each with a read half and a write half. Planning is handed only
// the read halves, so it cannot write by construction. host/ implements them.
import type { JsonObject } from "./json.ts";

export interface FileFacts {
  readonly type: "file" | "folder" | "link" | "other";
  /** Permission bits only (`0o755`). */
  readonly mode: number;
  readonly uid: number;
  readonly links: number;
  readonly size: number;
  readonly dev: number;
  readonly ino: number;
}

export type RefusedWhy =
  | "link"
  | "not-a-file"
  | "not-a-folder"
  | "owner"
  | "hard-link"
  | "world-writable"
  | "too-large"
  | "outside"
  /** Ours, but without read permission (`chmod 000`). */
  | "unreadable";

export interface Refused {
  readonly state: "refused";
  readonly why: RefusedWhy;
  /** One sentence with the path: "agents/a/.claude is a link". */
  readonly message: string;
}

export type FileRead =
  | { readonly state: "absent" }
  | { readonly state: "file"; readonly bytes: Buffer; readonly facts: FileFacts }
  | Refused;

export type FileCompared =
  | { readonly state: "absent" }
  | { readonly state: "file"; readonly same: boolean; readonly facts: FileFacts }
  | Refused;

export type FolderChecked =
  | { readonly state: "absent" }
  | { readonly state: "folder"; readonly facts: FileFacts }
  | Refused;

export interface FileReader {
  /**
   * Reads a regular file without following a link in its last component and without ever blocking on a FIFO.
   * `limit` in bytes (default 16 MiB). `owned: true` also refuses a stranger's file and a link count over 1 (but
   * for a journalled before-image of ours).
   */
  read(path: string, options?: { readonly limit?: number; readonly owned?: boolean }): FileRead;
  /** Like read, but compares with what is expected in one reused buffer: the hot path. Always `owned`. */
  compare(path: string, expected: Buffer): FileCompared;
  /** Facts of the thing itself (lstat), null when absent. */
  facts(path: string): FileFacts | null;
  /**
   * Walks from the confining root down to the folder: every component a real folder, none writable by others without
   * the sticky bit. Remembers folders it has passed until `forget`.
   */
  folder(path: string): FolderChecked;
  /** Names in a folder, sorted; null when it is absent or not a folder. */
  list(path: string): readonly { readonly name: string; readonly type: FileFacts["type"] }[] | null;
  /** The target text of a link (`/proc/<pid>/cwd`); null when there is none. */
  link(path: string): string | null;
  /** The real path, all links resolved; null when it does not exist. */
  real(path: string): string | null;
  /** The first executable of that name on a PATH text; a name with a slash is tested as it is. */
  find(program: string, searchPath: string): string | null;
  /** Drops remembered folders: call before looking again after a write. */
  forget(): void;
}

/** What to do with a file once its present content is known. Pure; may be called again with newer content. */
export type Edit = (current: { readonly bytes: Buffer; readonly facts: FileFacts } | null) => EditResult;
export type EditResult =
  /**
   * `torn`: the present content could not be read (cut short, not the format it should be). A writer may be in the
   * middle, so a file changed within the last second is looked at again before these bytes replace it.
   */
  | { readonly do: "write"; readonly bytes: Buffer; readonly torn?: true }
  | { readonly do: "keep" }
  /** Somebody changed what the plan was based on: leave it. */
  | { readonly do: "moved"; readonly reason: string };

export interface ReplaceJob {
  readonly path: string;
  /** Permission bits of the new file. */
  readonly mode: number;
  readonly run: string;
  readonly edit: Edit;
  /**
   * Carries a foreign change over: what differs from `from` to `to` is made in `onto` as well; null when it cannot be.
   * Needed only when a writer hit the old inode while another already changed the new one; without it the file on
   * disk stays and the result is `moved`, the other content kept as before-image.
   */
  readonly carry?: (change: { readonly from: Buffer; readonly to: Buffer; readonly onto: Buffer }) => Buffer | null;
  /** The time of the last change the new file is to show, in milliseconds since the epoch; without it: now. */
  readonly mtimeMs?: number;
  /** Create missing parent folders (0755) below the confining root. */
  readonly parents: boolean;
}

export type ReplaceResult =
  /** `beforeImage`: where the replaced content was kept, when there was any. */
  | { readonly state: "written"; readonly beforeImage?: string }
  | { readonly state: "kept" }
  | { readonly state: "moved"; readonly reason: string }
  | Refused;

/** A write in place to a file that had just been replaced, found by `settle`. */
export interface Settlement {
  readonly path: string;
  /** `merged`: it is in the file now. `moved`: it contradicts what was planned; the writer's word stands. */
  readonly state: "merged" | "moved";
  readonly reason?: string;
}

export interface FileWriter extends FileReader {
  /**
   * Replaces or creates one file atomically: temporary file beside, fsync, mode, old inode hard-linked as
   * `.<name>.rollcall-<run>`, compare, rename, fsync of the folder, re-read of the before-image (a writer in between
   * is merged again through `edit`), before-image moved to the state folder (0600).
   */
  replace(job: ReplaceJob): Promise<ReplaceResult>;
  /** Removes one file, its content kept as a before-image; only when `expect` still holds of it. Absent is success. */
  remove(job: { readonly path: string; readonly run: string; readonly edit: Edit }): Promise<ReplaceResult>;
  /** Removes a folder when it is empty; anything else is left alone. */
  removeEmptyFolder(path: string): void;
  /** Sets permission bits through a descriptor opened without following links. */
  chmod(path: string, mode: number): void;
  makeFolder(path: string, mode: number): void;
  /** Renames a file or folder within the roots; refuses when the target exists. */
  move(from: string, to: string): void;
  /**
   * Takes a folder away with all in it, moved as it is to the before-images of the run; where it is kept. Null, and
   * nothing done, when it cannot be moved there: the state folder lies on another device.
   */
  keepFolder(job: { readonly path: string; readonly run: string }): string | null;
  /** Removes a folder and all in it, never following links. */
  removeFolder(path: string): void;
  /**
   * Call once after the last replacement of a run, before it is recorded: waits until nobody writes to a replaced
   * inode any more (a second at most) and merges into the file what was written there since.
   */
  settle(): Promise<readonly Settlement[]>;
}

export interface ExecResult {
  /** Exit code; null when it was ended by a signal, timed out or could not be started. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** The program was not found. */
  readonly missing: boolean;
}

export interface ExecOptions {
  /** Milliseconds; every call has a limit (default 10,000). */
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly cwd?: string;
  /** The whole environment of the child; the caller's is never passed on by itself. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ExecReader {
  /** Runs a command that only looks. host/ holds the list of command forms that count as looking and refuses others. */
  query(command: readonly string[], options: ExecOptions): Promise<ExecResult>;
}

export interface ExecWriter extends ExecReader {
  run(command: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Sends a signal to a process, only when its kernel start tick still is the one given. False: already gone. */
  signal(
    process: { readonly pid: number; readonly startTick: string },
    name: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGUSR1",
  ): boolean;
}

export interface Reader {
  readonly files: FileReader;
  readonly exec: ExecReader;
  /** The caller's environment, as handed over by the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Writer extends Reader {
  readonly files: FileWriter;
  readonly exec: ExecWriter;
  /** The run all writes belong to. */
  readonly run: string;
  /** Journals facts about an address durably before they become true (a conversation id before its first start). */
  note(address: string, facts: JsonObject): void;
  /** Waits; interruptible at the end of a run. */
  sleep(ms: number): Promise<void>;
}

/**
 * A folder of Rollcall's own records (the state folder; the agents folder for the lock file): small files, replaced
 * whole or appended to, on disk when the call returns. Names are relative and may have folders in them, which are made.
 */
export interface RecordFolder {
  /** Absolute. */
  readonly path: string;
  /** null: not there. A link or a stranger's file is a HostError. */
  read(name: string): Buffer | null;
  /** Names in it, or in a folder of it, sorted; empty when there is none. */
  list(name?: string): readonly string[];
  /** Atomic. `backup`: the present file is kept under that name. */
  write(name: string, content: string, options?: { readonly backup?: string }): void;
  /** False when it exists already. The file is never seen half-written, and of two callers one succeeds. */
  create(name: string, content: string): boolean;
  append(name: string, text: string): void;
  /** Like append, but appends that wait at the same time share one flush. */
  appendTogether(name: string, text: string): Promise<void>;
  /** Removes a file, or a folder with all in it. Absent is success. */
  remove(name: string): void;
  /** Removes temporary files that processes left which were killed, here and in the folders of it. */
  tidy(): void;
}
