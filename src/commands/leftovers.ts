// Runs that did not end: what they left beside our files is put away, and what they had done is filed like any run.
import type { HostFileWriter, HostWriter } from "../host/world.ts";
import { journalDeed, type UnfinishedRun } from "../ledger/journal.ts";
import type { RunRecord } from "../ledger/run-shape.ts";
import type { RecordStore } from "../ledger/store.ts";
import type { RecordFolder } from "../model/world.ts";

export interface Clearing {
  readonly store: RecordStore;
  readonly files: Pick<HostFileWriter, "recover" | "doneBy">;
  /** The agents folder. */
  readonly agents: string;
}

/** What one run that was killed had done when it was cleared up after. */
type Done = Pick<RunRecord, "files" | "moves">;

/** Puts away what lies beside our files because that run did not end; sentences about what was found. */
export function clearUp(
  { files, agents }: Clearing,
  { id, intents, images, touched }: UnfinishedRun,
): readonly string[] {
  const paths = [...intents.map(({ at }) => `${agents}/${at}`), ...touched.map(({ path }) => path)];
  return files.recover({ run: id, paths, images });
}

/**
 * What it had done, as far as its journal tells: to be asked before another run changes anything. That a new file is its
 * work is believed only of what is as it meant to leave it (`made`).
 */
export function doneBy({ files, agents, store }: Clearing, run: UnfinishedRun): (socket: string) => Done {
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
    return { ...found, files: found.files.filter((one) => one.modeBefore !== null || !paths.has(one.path)) };
  };
}

/** Whose journal it is, and what stands in it already. */
export interface Trail {
  readonly state: RecordFolder;
  readonly run: string;
  /** The files its intents name, absolute; null: it has no journal, because it is no run. */
  readonly announced: () => ReadonlySet<string> | null;
}

/** The same doors; what no intent of the run tells of is journalled before it is done. */
export function journalling(world: HostWriter, { state, run, announced }: Trail): HostWriter {
  const { files } = world;
  const told = new Set<string>();
  const touch = (path: string): void => {
    const known = announced();
    if (known === null || known.has(path) || told.has(path)) return;
    told.add(path);
    journalDeed(state, run, { touch: { path, there: files.facts(path) !== null } });
  };
  const moving = (from: string, to: string | null): void => {
    if (announced() !== null) journalDeed(state, run, { move: { from, to } });
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
