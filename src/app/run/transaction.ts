// Writing: under the run lock, with a journal, through the write halves of the doors. Only commands that change something come here.
import { setTimeout as sleep } from "node:timers/promises";
import { desire } from "../../engine/desire.ts";
import { scopeOf } from "../../engine/scope.ts";
import { createRecordFolder } from "../../host/fs/durable-folder.ts";
import { createProcesses } from "../../host/process/procfs.ts";
import { createWriter, type HostWriter } from "../../host/world.ts";
import {
  beginJournal,
  type Intent,
  intentOf,
  type JournalledImage,
  journalImage,
  journalName,
  journalNote,
  type UnfinishedRun,
} from "../../ledger/journal.ts";
import { acquireLock, type RunLock } from "../../ledger/lock.ts";
import { interruptedRun, listRuns, nextRunId, pruneRuns, withoutContents, writeRun } from "../../ledger/runs.ts";
import { openRecords, type RecordChange, type RecordStore } from "../../ledger/store.ts";
import { HostError } from "../../model/errors.ts";
import type { Recorder } from "../../model/recorder.ts";
import type { Recorded } from "../../model/resource.ts";
import type { RecordFolder, Writer } from "../../model/world.ts";
import { type Caller, note } from "../caller.ts";
import type { Project } from "../project.ts";
import { keepConfig, keepFleet, machineKey } from "../spec-cache.ts";
import { confirmConfig } from "./committed-spec.ts";
import { changesDoneBy, removeLeftoverFiles, withJournal } from "./crash-recovery.ts";

/** What a locked command is handed. */
export interface Writing {
  readonly recorder: Recorder;
  readonly world: Writer;
  readonly store: RecordStore;
  /** Commits records, holds or what was learned of this machine. True when anything was written. */
  commit(change: Omit<RecordChange, "socket">): boolean;
  /** Goes into the records with the next commit. */
  remember(change: Pick<RecordChange, "lastGood">): void;
}

export interface Locking {
  readonly command: string;
  /** Seconds to wait for a running apply. */
  readonly timeout: number;
}

/** Takes the run lock, clears up after a killed run, does the work, gives the lock back. */
export async function locked<T>(
  project: Project,
  locking: Locking,
  work: (writing: Writing) => Promise<T>,
): Promise<T> {
  const { caller, fleet } = project;
  const { folders } = fleet.machine;
  const state = createRecordFolder({ path: folders.state, ownersAlone: true });
  const lock = await acquireLock({
    state,
    processes: createProcesses(),
    command: `rollcall ${locking.command}`,
    timeoutMs: locking.timeout * 1000,
    now: Date.now,
    sleep,
  });
  try {
    if (lock.takenFrom)
      note(caller, `took over the lock of pid ${lock.takenFrom.pid}, which is dead (${lock.takenFrom.command})`);
    return await work(open(project, locking.command));
  } finally {
    giveBack(lock, caller);
  }
}

/** What was done is done: a lock that cannot be removed is a dead holder's as soon as this process has ended. */
function giveBack(lock: RunLock, caller: Caller): void {
  try {
    lock.release();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    note(caller, `the run lock is left to the next run: ${error.message}`);
  }
}

/** The doors of one run, and the records read anew: the world moved while we waited. */
interface Doors {
  readonly run: string;
  readonly state: RecordFolder;
  readonly store: RecordStore;
  readonly world: HostWriter;
  /** Opens the journal of the run. */
  begin(head: { readonly command: string; readonly started: string }, intents: readonly Intent[]): void;
}

function openDoors({ fleet, reader, caller }: Project): Doors {
  const { folders } = fleet.machine;
  const state = createRecordFolder({ path: folders.state, ownersAlone: true });
  const store = openRecords({ files: reader.files, folders });
  const run = nextRunId(state, store.serial);
  const world = createWriter({
    roots: [folders.root, folders.agents, folders.state],
    state: folders.state,
    env: caller.env,
    run,
    note: (address, facts) => journalNote(state, run, address, facts),
    log: { note: (image) => journalImage(state, image as JournalledImage), isOwn: (image) => store.isOwn(image) },
    kill: caller.process.kill,
  });
  let announced: ReadonlySet<string> | null = null;
  return {
    run,
    state,
    store,
    world: withJournal(world, { state, run, announced: () => announced }),
    begin(head, intents) {
      beginJournal(state, { run, ...head }, intents);
      announced = new Set(intents.map(({ at }) => `${folders.agents}/${at}`));
    },
  };
}

function open(project: Project, command: string): Writing {
  const { folders, socket } = project.fleet.machine;
  const doors = openDoors(project);
  const { state, store, world } = doors;
  const to = { state, agents: createRecordFolder({ path: folders.agents, fileMode: 0o644, folderMode: 0o755 }) };
  const clearing = { store, files: world.files, agents: folders.agents };
  const killed = store.unfinished.map((one) => {
    for (const message of removeLeftoverFiles(clearing, one)) note(project.caller, message);
    return { run: one, done: changesDoneBy(clearing, one) };
  });
  let remembered: Pick<RecordChange, "lastGood"> = {};
  const commit = (change: Omit<RecordChange, "socket">): boolean => {
    const written = store.commit({ ...remembered, ...change, socket }, to);
    keep(project, store, state);
    if (isByPerson(command)) confirmConfig(project, state);
    return written;
  };
  const remember: Writing["remember"] = (change) => {
    remembered = change;
  };
  return { recorder: recorderOf({ project, doors, killed, command, commit }), world, store, commit, remember };
}

interface Recording {
  readonly project: Project;
  readonly doors: Doors;
  /** Runs that did not end, with what they had done. */
  readonly killed: readonly { readonly run: UnfinishedRun; readonly done: ReturnType<typeof changesDoneBy> }[];
  readonly command: string;
  readonly commit: Writing["commit"];
}

function recorderOf({ project, doors, killed, command, commit }: Recording): Recorder {
  const { run, state, store, world } = doors;
  const { folders, socket } = project.fleet.machine;
  const time = () => new Date(world.now()).toISOString();
  const started = time();
  const before = store.serial;
  let intents: readonly Intent[] = [];
  let usesPath = false;
  const replaced = new Map<string, Recorded | null>();
  return {
    records: () => store.records(socket),
    begin: ({ steps }) => {
      intents = steps.map(intentOf);
      usesPath = steps.some(({ action: { kind, action } }) => PATH_USERS.has(kind) && action !== "forget");
      doors.begin({ command, started }, intents);
    },
    commit: async (repairs) => {
      const moved = (await world.files.settle()).filter((late) => late.state === "moved");
      for (const { path, reason } of moved)
        note(project.caller, `${path}: ${reason ?? "it was changed while we wrote"}`);
      for (const { address } of repairs)
        if (!replaced.has(address)) replaced.set(address, recordOf(project, store, address));
      commit({ repairs, ...learned(project, usesPath) });
    },
    end: async ({ converged, outcomes, remaining }) => {
      const serial = { before, after: store.serial };
      const { files } = world;
      writeRun(state, {
        version: 1,
        id: run,
        command,
        started,
        ended: time(),
        serial,
        converged,
        outcomes,
        intents,
        files: files.changes(),
        moves: files.moves(),
        folders: files.folders(),
        records: [...replaced].map(([address, record]) => ({ address, record })),
        remaining: withoutContents(remaining),
      });
      if (outcomes.some(({ result }) => result === "failed")) clearOwn(project, doors);
      state.remove(journalName(run));
      pruneRuns(project.reader.files, state, world.now());
    },
    forgetKilled: () => {
      for (const one of killed) {
        // A run that was filed and only could not drop its journal has said more than we know.
        const isFiled = listRuns(project.reader.files, folders.state).includes(one.run.id);
        if (!isFiled) writeRun(state, interruptedRun(one.run, store.serial, one.done(socket)));
        state.remove(journalName(one.run.id));
      }
    },
  };
}

/** What is recorded of an address now, as a plain copy. */
function recordOf({ fleet }: Project, store: RecordStore, address: string): Recorded | null {
  const found = store.records(fleet.machine.socket).get(address);
  if (!found) return null;
  const { digest: _, parts, ...rest } = found;
  return { ...rest, parts: { ...parts } };
}

/** An action that failed may have left something beside its file: the journal, which knows of it, goes only after that. */
function clearOwn({ fleet, caller }: Project, { run, store, world }: Doors): void {
  store.reload();
  const own = store.unfinished.find(({ id }) => id === run);
  const clearing = { store, files: world.files, agents: fleet.machine.folders.agents };
  for (const message of own ? removeLeftoverFiles(clearing, own) : []) note(caller, message);
}

/** `apply` is what a person runs; the unattended verb is `reconcile`. */
const isByPerson = (command: string): boolean => /^apply\b/.test(command);

const EVERYTHING = scopeOf({ agents: [], filesOnly: false, portable: false });

/** The compiled spec and the configuration are kept for the next look, by the PATH and variables recorded now. */
function keep(project: Project, store: RecordStore, state: RecordFolder): void {
  const { compiled, fleet, source, caller, kinds } = project;
  if (source) keepConfig(source, state);
  if (!compiled.fleet || !isOfNow(project, store)) return;
  const sessionPath = store.path?.value ?? fleet.machine.sessionPath;
  const key = { ...compiled.key, machine: machineKey(caller.env, sessionPath, store.variables) };
  const desired = desire(compiled.fleet, kinds, EVERYTHING);
  keepFleet(key, { fleet: compiled.fleet, inputs: compiled.inputs, desired }, state);
}

/** Whether the spec was compiled with what is recorded of this machine by now: another run may have recorded more. */
function isOfNow({ config, fleet }: Project, store: RecordStore): boolean {
  const { sessionPath, variables } = fleet.machine;
  const path = config.session.path ?? store.path?.value;
  const known = Object.entries({ ...store.variables, ...config.variables }).filter(([, value]) => value !== "");
  return (path === undefined || path === sessionPath) && known.every(([name, value]) => variables[name] === value);
}

/** Kinds whose things run what they find on the PATH. */
const PATH_USERS = new Set(["hook", "session"]);

/**
 * This machine's variables and PATH, recorded so that cron sees what the terminal saw: the PATH by the first run that
 * placed a hook or started a session, because a look or a hold says nothing about what agents should find.
 */
function learned({ caller, compiled }: Project, usesPath: boolean): Pick<RecordChange, "path" | "variables"> {
  const from = caller.atTerminal ? ("terminal" as const) : ("other" as const);
  const replaces = compiled.newPath === undefined ? {} : { replaces: true as const };
  const path = usesPath || replaces.replaces ? caller.env["PATH"] : undefined;
  // Only what this machine said: a root that was merely assumed is not a fact to remember.
  const tef = caller.env["TEF_ROOT"];
  return {
    ...(path === undefined ? {} : { path: { value: path, from, ...replaces } }),
    ...(tef === undefined ? {} : { variables: { TEF_ROOT: tef } }),
  };
}
