// What a run records: its journal before it writes, its records after, its document at the end.
import type { Address } from "../model/address.ts";
import type { JsonObject } from "../model/json.ts";
import type { Run } from "../model/outcome.ts";
import type { RecordRepair } from "../model/plan.ts";
import type { Recorder } from "../model/recorder.ts";
import type { Hold } from "../model/resource.ts";
import type { FileReader } from "../model/world.ts";
import {
  beginJournal,
  type Intent,
  intentOf,
  type JournalledImage,
  journalImage,
  journalName,
  journalNote,
  type UnfinishedRun,
} from "./journal.ts";
import { interruptedRun, nextRunId, pruneRuns, RUNS, type RunFile, writeRun } from "./runs.ts";
import type { RecordedPath } from "./schema.ts";
import type { RecordFolders, RecordStore } from "./store.ts";

export interface RecorderOptions {
  /** Opened after the run lock was taken. */
  readonly store: RecordStore;
  readonly files: FileReader;
  readonly folders: RecordFolders;
  readonly socket: string;
  readonly now: () => number;
  /** The files the run changed; asked at its end (HostFileWriter.changes). */
  readonly changes: () => readonly RunFile[];
}

/** What a run that was killed may have left in the agents folder (host's Leftovers). */
export interface RunLeftovers {
  readonly run: string;
  readonly paths: readonly string[];
  readonly images: readonly JournalledImage[];
}

export interface RunRecorder extends Recorder {
  /** The id of this run; nothing of it is on disk before `begin`, `note` or a before-image. */
  readonly run: string;
  /** For Writer.note. */
  note(address: Address, facts: JsonObject): void;
  /** For FileWriterOptions.log. */
  readonly log: { note(image: JournalledImage): Promise<void>; ours(image: JournalledImage): boolean };
  /** What killed runs left: hand each to HostFileWriter.recover before anything is planned under the lock. */
  leftovers(): readonly RunLeftovers[];
  /** Sets holds (null releases). Under the run lock; no run is needed. */
  hold(holds: Readonly<Record<string, Hold | null>>): void;
  /** Records the PATH of the sessions and variables, where they are not recorded better. Goes with the next commit. */
  remember(found: { readonly path?: RecordedPath; readonly variables?: Readonly<Record<string, string>> }): void;
}

export function createRecorder(options: RecorderOptions): RunRecorder {
  const { store, folders, socket, now } = options;
  const { state } = folders;
  const run = nextRunId(state, store.serial);
  const before = store.serial;
  const started = new Date(now()).toISOString();
  const committed = new Set<Address>();
  const images: JournalledImage[] = [];
  let begun: { readonly command: string; readonly intents: readonly Intent[] } | null = null;
  let remembered: Parameters<RunRecorder["remember"]>[0] = {};

  function begin(command: string, intents: readonly Intent[]): void {
    beginJournal(state, { run, command, started }, intents);
    begun = { command, intents };
  }

  function commit(repairs: readonly RecordRepair[]): void {
    store.commit({ repairs, socket, ...remembered }, folders);
    for (const repair of repairs) committed.add(repair.address);
    // A journal that was only opened for a note or a before-image has no end of its own.
    const own = begun === null || begun.intents.length === 0;
    dropSettled((one) => own || one.id !== run, new Set());
  }

  /** A journal goes when everything in it is recorded, or was not begun. What failed half-way stays vouched for. */
  function isSettled(unfinished: UnfinishedRun, untouched: ReadonlySet<Address>): boolean {
    const records = store.records(socket);
    return unfinished.intents.every(({ address, after }) => {
      if (committed.has(address) || untouched.has(address)) return true;
      const parts = records.get(address)?.parts ?? {};
      return Object.entries(after).every(([path, digest]) => parts[path] === digest);
    });
  }

  function dropSettled(which: (run: UnfinishedRun) => boolean, untouched: ReadonlySet<Address>): void {
    store.reload();
    const over = store.unfinished.filter((one) => which(one) && isSettled(one, untouched));
    if (over.length === 0) return;
    const known = new Set(state.list(RUNS));
    for (const one of over) {
      if (one.id !== run && !known.has(`${one.id}.json`)) writeRun(state, interruptedRun(one, before));
      state.remove(journalName(one.id));
    }
    store.reload();
  }

  return {
    run,
    records: () => store.records(socket),
    begin: ({ command, steps }) => begin(command, steps.map(intentOf)),
    commit: async (repairs) => commit(repairs),
    async end(document: Run) {
      const { outcomes, converged } = document;
      const { command, intents } = begun ?? { command: "", intents: [] };
      const ended = new Date(now()).toISOString();
      const serial = { before, after: store.serial };
      const files = options.changes().map(({ path, modeBefore, image, after }) => ({ path, modeBefore, image, after }));
      writeRun(state, { version: 1, id: run, command, started, ended, serial, converged, outcomes, intents, files });
      const reached = new Set(["done", "failed"]);
      const untouched = new Set(outcomes.filter((one) => !reached.has(one.result)).map((one) => one.address));
      dropSettled((one) => one.id === run, untouched);
      pruneRuns(options.files, state, now());
    },
    note(address, facts) {
      if (begun === null) begin("note", []);
      journalNote(state, run, address, facts);
    },
    log: {
      note(image) {
        if (begun === null) begin("write", []);
        images.push(image);
        return journalImage(state, image);
      },
      ours: (image) =>
        (image.run === run && (/\.tmp\d+$/.test(image.name) || images.some((one) => isSame(one, image)))) ||
        store.ours(image),
    },
    leftovers: () => store.unfinished.map((one) => leftoversOf(one, folders.agents.path)),
    hold: (holds) => void store.commit({ holds, socket }, folders),
    remember(found) {
      remembered = { ...remembered, ...found };
    },
  };
}

const isSame = (a: JournalledImage, b: JournalledImage): boolean =>
  a.path === b.path && a.name === b.name && a.ino === b.ino && a.dev === b.dev;

function leftoversOf({ id, intents, images }: UnfinishedRun, agents: string): RunLeftovers {
  const paths = intents.filter((one) => !one.address.startsWith("session/")).map((one) => `${agents}/${one.at}`);
  return { run: id, paths, images };
}
