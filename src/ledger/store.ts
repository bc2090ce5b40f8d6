// The recorded state in one view: lock file, ledger and the journals of runs that did not end; and how it is written.
import { randomUUID } from "node:crypto";
import { digestJson } from "../delta/digest.ts";
import type { Address } from "../model/address.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { RecordRepair } from "../model/plan.ts";
import type { Hold, Recorded, Records } from "../model/resource.ts";
import type { FileReader, RecordFolder } from "../model/world.ts";
import { type JournalledImage, readJournals, type UnfinishedRun } from "./journal.ts";
import { readLedger, writeLedger } from "./ledger-file.ts";
import { type Line, lineOf } from "./line-format.ts";
import { readLockFile, writeLockFile } from "./lock-file.ts";
import { createView, keyOf, type Stored, socketOf } from "./records-view.ts";
import { relocateLedger } from "./relocation.ts";
import {
  type LastGood,
  LEDGER,
  LEDGER_BACKUP,
  type LedgerHead,
  LOCK_FILE,
  type RecordEntry,
  type RecordedPath,
  unreadable,
} from "./schema.ts";

export interface OpenOptions {
  readonly files: FileReader;
  /** Absolute and real. */
  readonly folders: { readonly root: string; readonly agents: string; readonly state: string };
}

/** Where records are written; host/records.ts makes them: state 0600, agents 0644. */
export interface RecordFolders {
  readonly state: RecordFolder;
  readonly agents: RecordFolder;
}

export interface RecordChange {
  readonly repairs?: readonly RecordRepair[];
  /** The socket that sessions in `repairs` are on. */
  readonly socket: string;
  /** null releases. */
  readonly holds?: Readonly<Record<string, Hold | null>>;
  /** Recorded once; one from a terminal takes the place of one that is not, and of one that `replaces` says is of no use. */
  readonly path?: RecordedPath & { readonly replaces?: true };
  /** The spec that is kept from now on. */
  readonly lastGood?: LastGood;
  /** Recorded when not recorded yet. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface RecordStore {
  readonly lineage: string;
  readonly serial: number;
  readonly holds: Readonly<Record<string, Hold>>;
  readonly path: RecordedPath | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly lastGood: LastGood | undefined;
  /** The tmux sockets on which sessions are recorded, sorted. */
  sockets(): readonly string[];
  /** Which of the files are there. */
  readonly present: { readonly ledger: boolean; readonly lockFile: boolean };
  /** What had to be said when reading: the project was moved, a format was upgraded. */
  readonly notes: readonly Diagnostic[];
  /** The ledger is to be written again although nothing in it changes: work for the next apply. */
  readonly stale: boolean;
  /** Runs that are going on or were killed. */
  readonly unfinished: readonly UnfinishedRun[];
  /** The view the engine reads, for one tmux socket. */
  records(socket: string): Records;
  /** What was noted of an address by a run that did not end, also when it has no record yet. */
  noted(address: Address): JsonObject | undefined;
  /** True for a before-image or temporary file of an unfinished run (FileReaderOptions.images). */
  isOwn(image: JournalledImage): boolean;
  /** Reads the journals again: after this process wrote or removed some. */
  reload(): void;
  /** Writes lock file and ledger where they change: true when anything was written. Under the run lock only. */
  commit(change: RecordChange, folders: RecordFolders): boolean;
}

/**
 * Reads what is recorded. A missing file is an empty one (records come back from marks, lock file and equal files); one
 * that cannot be read as what it is throws RecordError: E401 broken, E402 newer, E403 a broken journal.
 */
export function openRecords({ files, folders }: OpenOptions): RecordStore {
  const stored = readAll(files, folders);
  let runs = readJournals(files, folders.state);
  const view = createView(stored, () => runs);

  function reload(): void {
    runs = readJournals(files, folders.state);
    view.forget();
  }

  function isOwnImage(image: JournalledImage): boolean {
    return runs.some(
      (run) => run.id === image.run && (isTemporary(image.name) || run.images.some((one) => isSame(one, image))),
    );
  }

  return {
    get lineage() {
      return stored.head.lineage;
    },
    get serial() {
      return stored.head.serial;
    },
    get holds() {
      return stored.head.holds;
    },
    get path() {
      return stored.head.path;
    },
    get variables() {
      return stored.head.variables;
    },
    get lastGood() {
      return stored.head.lastGood;
    },
    sockets: () => [...new Set([...stored.local.keys()].flatMap(socketOf))].sort(),
    get stale() {
      return stored.stale;
    },
    get unfinished() {
      return runs;
    },
    present: stored.present,
    notes: stored.notes,
    records: (socket) => view.records(socket),
    noted: (address) => view.noted(address),
    isOwn(image) {
      if (isOwnImage(image)) return true;
      // A run that began after we looked: ask its journal before calling its work a stranger's.
      runs = readJournals(files, folders.state);
      return isOwnImage(image);
    },
    reload,
    commit(change, to) {
      const written = commit(stored, folders.root, change, to);
      reload();
      return written;
    },
  };
}

const isTemporary = (name: string): boolean => /\.tmp\d+$/.test(name);
const isSame = (a: JournalledImage, b: JournalledImage): boolean =>
  a.path === b.path && a.name === b.name && a.ino === b.ino && a.dev === b.dev;

const EMPTY: LedgerHead = { lineage: "", serial: 0, root: "", variables: {}, holds: {} };

function readAll(files: FileReader, folders: OpenOptions["folders"]): Stored {
  const ledgerPath = `${folders.state}/${LEDGER}`;
  const lockPath = `${folders.agents}/${LOCK_FILE}`;
  const ledgerBytes = readWhole(files, ledgerPath);
  const lockBytes = readWhole(files, lockPath);
  const portable = lockBytes === null ? new Map<string, Line>() : readLockFile(lockPath, lockBytes);
  const present = { ledger: ledgerBytes !== null, lockFile: lockBytes !== null };
  if (ledgerBytes === null) {
    // A lock file alone: a fresh clone, or a kill between the two. The next commit makes the ledger.
    return { head: EMPTY, local: new Map(), portable, present, notes: [], stale: present.lockFile };
  }
  const ledger = readLedger(ledgerPath, ledgerBytes, `${folders.state}/${LEDGER_BACKUP}`);
  const here = relocateLedger(ledger, folders.root, ledgerPath);
  return { ...here, portable, present, stale: ledger.upgraded || here.notes.length > 0 };
}

const LIMIT = 512 * 1024 * 1024;

function readWhole(files: FileReader, path: string): Buffer | null {
  const found = files.read(path, { limit: LIMIT });
  if (found.state === "absent") return null;
  if (found.state === "refused")
    throw unreadable("E401", path, found.message, "a record file is a plain file of your own");
  return found.bytes;
}

function commit(stored: Stored, root: string, change: RecordChange, to: RecordFolders): boolean {
  const { portable, local } = withRepairs(stored, change);
  const head = withHead(stored.head, change);
  const isOther = portable !== stored.portable;
  const changed = isOther || local !== stored.local || head !== stored.head;
  if (!changed && !stored.stale) return false;
  const next = { ...head, lineage: head.lineage || randomUUID(), serial: head.serial + 1, root };
  // The lock file first: a kill in between leaves the journal, which knows what was written.
  if (isOther) {
    to.agents.tidy();
    // Nothing recorded is no file: an undo of the first run leaves none behind.
    if (portable.size === 0) to.agents.remove(LOCK_FILE);
    else to.agents.write(LOCK_FILE, writeLockFile(portable));
  }
  to.state.write(LEDGER, writeLedger(next, local), { backup: LEDGER_BACKUP });
  Object.assign(stored, { head: next, portable, local, stale: false });
  return true;
}

/** The records after the repairs; the same maps where nothing differs. */
function withRepairs(stored: Stored, { repairs = [], socket }: RecordChange): Pick<Stored, "portable" | "local"> {
  const portable = new Map(stored.portable);
  const local = new Map(stored.local);
  let changes = { portable: false, local: false };
  for (const { address, record } of repairs) {
    const key = keyOf(address, socket);
    const at = record?.portable === true;
    const inLock = record && at ? entryOf(record, false) : undefined;
    const inLedger = record && (at ? factsOf(record) : entryOf(record, true));
    changes = {
      portable: put(portable, address, inLock) || changes.portable,
      local: put(local, key, inLedger) || changes.local,
    };
  }
  return { portable: changes.portable ? portable : stored.portable, local: changes.local ? local : stored.local };
}

function entryOf({ parts, at, facts, protect }: Recorded, withFacts: boolean): RecordEntry {
  return {
    parts,
    at,
    ...(withFacts && facts !== undefined ? { facts } : {}),
    ...(protect === undefined ? {} : { protect }),
  };
}

/** What the ledger remembers of a record that lives in the lock file. */
function factsOf({ facts }: Recorded): RecordEntry | undefined {
  return facts === undefined ? undefined : { facts };
}

/** Sets or deletes one line; true when that made a difference. */
function put(lines: Map<string, Line>, key: string, entry: RecordEntry | undefined): boolean {
  if (entry === undefined) return lines.delete(key);
  const line = lineOf(entry);
  if (lines.get(key)?.text === line.text) return false;
  lines.set(key, line);
  return true;
}

function withHead(head: LedgerHead, { holds, path, variables, lastGood }: RecordChange): LedgerHead {
  const kept = lastGood === undefined ? {} : { lastGood };
  const next = {
    ...head,
    ...kept,
    holds: withHolds(head.holds, holds ?? {}),
    variables: { ...variables, ...head.variables },
  };
  const after: LedgerHead = path && isBetter(path, head.path) ? { ...next, path: plainPath(path) } : next;
  return digestJson(asJson(after)) === digestJson(asJson(head)) ? head : after;
}

function isBetter(path: NonNullable<RecordChange["path"]>, recorded: RecordedPath | undefined): boolean {
  if (recorded === undefined || path.replaces) return true;
  return recorded.from === "other" && path.from === "terminal";
}

const plainPath = ({ value, from }: RecordedPath): RecordedPath => ({ value, from });

function withHolds(
  holds: Readonly<Record<string, Hold>>,
  change: Readonly<Record<string, Hold | null>>,
): Record<string, Hold> {
  const entries = Object.entries({ ...holds, ...change }).flatMap(([agent, hold]) =>
    hold ? [[agent, hold] as const] : [],
  );
  return Object.fromEntries(entries);
}

const asJson = ({ holds, variables, path, lastGood }: LedgerHead): JsonObject => ({
  holds: Object.fromEntries(Object.entries(holds).map(([agent, hold]) => [agent, { ...hold }])),
  variables,
  path: path ? { ...path } : null,
  lastGood: lastGood ? { ...lastGood } : null,
});
