// Runs that did not end: what they left beside our files is put away, and what they had done is filed like any run.
import { dirname } from "node:path";
import type { HostFileWriter, HostWriter } from "../../host/world.ts";
import { type Intent, journalChange, type UnfinishedRun } from "../../ledger/journal.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import type { RecordStore } from "../../ledger/store.ts";
import { parseAddress } from "../../model/address.ts";
import type { RecordFolder } from "../../model/world.ts";

export interface CrashRecovery {
  readonly store: RecordStore;
  readonly files: Pick<HostFileWriter, "recover" | "doneBy" | "facts" | "removeEmptyFolder">;
  /** The agents folder. */
  readonly agents: string;
}

/** What one run that was killed had done when it was cleared up after. */
type Done = Pick<RunRecord, "files" | "moves" | "folders">;

/** Puts away what lies beside our files because that run did not end; sentences about what was found. */
export function removeLeftoverFiles(
  { files, agents }: CrashRecovery,
  { id, intents, images, touched }: UnfinishedRun,
): readonly string[] {
  const paths = [...intents.map(({ at }) => `${agents}/${at}`), ...touched.map(({ path }) => path)];
  const notes = files.recover({ run: id, paths, images });
  for (const intent of intents) if (intent.action === "delete") removeEmptied(intent, files, agents);
  return notes;
}

/** The folders of a file that was taken away, when nothing else is in them: up to the agent's own. */
function removeEmptied({ address, at }: Intent, files: CrashRecovery["files"], agents: string): void {
  const hasFile = ["config", "hook"].includes(parseAddress(address)?.kind ?? "");
  if (!hasFile || files.facts(`${agents}/${at}`) !== null) return;
  for (let folder = dirname(at); folder !== "."; folder = dirname(folder))
    files.removeEmptyFolder(`${agents}/${folder}`);
}

/**
 * What it had done, as far as its journal tells: to be asked before another run changes anything. That a new file is its
 * work is believed only of what is as it meant to leave it (`made`).
 */
export function changesDoneBy({ files, agents, store }: CrashRecovery, run: UnfinishedRun): (socket: string) => Done {
  const { id, images, intents, touched, moves } = run;
  const created = intents.filter(({ action, after }) => action === "create" && Object.keys(after).length > 0);
  const fresh = created.map(({ at }) => `${agents}/${at}`);
  const strange = touched.filter(({ there }) => !there).map(({ path }) => path);
  const found = files.doneBy({ run: id, paths: [], images, fresh: [...fresh, ...strange], moves });
  return (socket) => {
    const records = store.records(socket);
    const foreign = created.filter(({ address, after }) => {
      const parts = records.get(address)?.parts ?? {};
      return Object.entries(after).some(([part, digest]) => parts[part] !== digest);
    });
    const paths = new Set(foreign.map(({ at }) => `${agents}/${at}`));
    const done = found.files.filter((one) => one.modeBefore !== null || !paths.has(one.path));
    const made = [
      ...done.filter((one) => one.modeBefore === null).map(({ path }) => path),
      ...found.moves.map(({ to }) => to),
    ];
    return { ...found, files: done, folders: foldersOf(made, agents) };
  };
}

/** The folders that new things lie in: taken for made by the run, since undo removes none that has anything else in it. */
function foldersOf(paths: readonly string[], agents: string): { readonly path: string; readonly mode: null }[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let above = dirname(path); above.startsWith(`${agents}/`); above = dirname(above)) folders.add(above);
  }
  return [...folders].map((path) => ({ path, mode: null }));
}

/** Whose journal it is, and what stands in it already. */
export interface ChangeLog {
  readonly state: RecordFolder;
  readonly run: string;
  /** The files its intents name, absolute; null: it has no journal, because it is no run. */
  readonly announced: () => ReadonlySet<string> | null;
}

/** The same doors; what no intent of the run tells of is journalled before it is done. */
export function withJournal(world: HostWriter, { state, run, announced }: ChangeLog): HostWriter {
  const { files } = world;
  const noted = new Set<string>();
  const touch = (path: string): void => {
    const known = announced();
    if (known === null || known.has(path) || noted.has(path)) return;
    noted.add(path);
    journalChange(state, run, { touch: { path, there: files.facts(path) !== null } });
  };
  const moving = (from: string, to: string | null): void => {
    if (announced() !== null) journalChange(state, run, { move: { from, to } });
  };
  return {
    ...world,
    files: {
      ...files,
      replace: (job) => {
        touch(job.path);
        return files.replace(job);
      },
      remove: (job) => {
        touch(job.path);
        return files.remove(job);
      },
      move: (from, to) => {
        moving(from, to);
        files.move(from, to);
      },
      keepFolder: (job) => {
        moving(job.path, null);
        return files.keepFolder(job);
      },
    },
  };
}
