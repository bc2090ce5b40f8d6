// `rollcall doctor --rebuild-ledger`: what cannot be read is put aside, and records are made anew from marks, lock file and
// files that are as desired. Under the run lock; nothing but records is written.

import { setTimeout as sleep } from "node:timers/promises";
import { scopeOf } from "../../engine/scope.ts";
import { settleRecords } from "../../engine/settle.ts";
import { createRecordFolder } from "../../host/fs/durable-folder.ts";
import { createProcesses } from "../../host/process/procfs.ts";
import { readLedger } from "../../ledger/ledger-file.ts";
import { acquireLock } from "../../ledger/lock.ts";
import { readLockFile } from "../../ledger/lock-file.ts";
import { LEDGER, LEDGER_BACKUP, LOCK_FILE } from "../../ledger/schema.ts";
import { RecordError, SpecError } from "../../model/errors.ts";
import type { Folders } from "../../model/fleet.ts";
import { FORMAT_VERSION } from "../../model/plan.ts";
import type { RecordFolder } from "../../model/world.ts";
import { plan } from "../../reconcile.ts";
import { visibleLine } from "../../report/redact.ts";
import type { Caller } from "../caller.ts";
import { openProject } from "../project.ts";
import { NOTHING_ALLOWED } from "../request.ts";
import { locked } from "../run/transaction.ts";
import { counted } from "./check-result.ts";
import { foldersOf, openDoctorContext } from "./context.ts";

export interface Rebuilt {
  /** Where what could not be read lies now, absolute. */
  readonly kept: readonly string[];
  /** How many resources are recorded. */
  readonly recorded: number;
  /** Addresses that differ from what is desired, so that nothing vouches for them. */
  readonly unrecorded: readonly string[];
}

/**
 * The records can be read afterwards; null when they could before. `lockTimeout` in seconds. Throws SpecError before
 * anything is touched when the spec is not valid.
 */
export async function rebuildRecords(caller: Caller, lockTimeout: number): Promise<Rebuilt | null> {
  const context = await openDoctorContext(caller);
  const folders = foldersOf(context);
  if ("value" in context.compiled && context.compiled.value.fleet === null)
    throw new SpecError(context.compiled.value.diagnostics);
  const kept = await putAside(folders, lockTimeout);
  return kept.length === 0 ? null : { kept, ...(await makeAnew(caller, lockTimeout)) };
}

export const rebuildDocument = (rebuilt: Rebuilt | null) => ({
  kind: "rebuild" as const,
  formatVersion: FORMAT_VERSION,
  ...(rebuilt ?? NOTHING),
});

const NOTHING: Rebuilt = { kept: [], recorded: 0, unrecorded: [] };

/** True when a record file is there and cannot be read as what it is. One of a newer Rollcall is not broken: it throws. */
function isBroken(content: Buffer | null, read: (content: Buffer) => unknown): boolean {
  if (content === null) return false;
  try {
    read(content);
    return false;
  } catch (failed) {
    if (failed instanceof RecordError && failed.code === "E401") return true;
    throw failed;
  }
}

/** Gives each broken record file another name, byte for byte as it is. The new names. */
async function putAside(folders: Folders, lockTimeout: number): Promise<string[]> {
  const state = createRecordFolder({ path: folders.state });
  const agents = createRecordFolder({ path: folders.agents, fileMode: 0o644, folderMode: 0o755 });
  const command = "rollcall doctor --rebuild-ledger";
  const processes = createProcesses();
  const lock = await acquireLock({ state, processes, command, timeoutMs: lockTimeout * 1000, now: Date.now, sleep });
  try {
    const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const broken = [
      {
        folder: state,
        name: LEDGER,
        aside: `${LEDGER}.broken-${stamp}`,
        read: (content: Buffer) =>
          readLedger(`${folders.state}/${LEDGER}`, content, `${folders.state}/${LEDGER_BACKUP}`),
      },
      {
        folder: agents,
        name: LOCK_FILE,
        // The form of name that .gitignore knows as ours.
        aside: `.${LOCK_FILE}.rollcall-broken-${stamp}`,
        read: (content: Buffer) => readLockFile(`${folders.agents}/${LOCK_FILE}`, content),
      },
    ].filter(({ folder, name, read }) => isBroken(folder.read(name), read));
    return broken.map(({ folder, name, aside }) => rename(folder, name, aside));
  } finally {
    lock.release();
  }
}

function rename(folder: RecordFolder, name: string, aside: string): string {
  folder.write(name, "", { backup: aside });
  folder.remove(name);
  return `${folder.path}/${aside}`;
}

/** Records everything that is as desired, as the next apply would. */
async function makeAnew(caller: Caller, lockTimeout: number): Promise<Pick<Rebuilt, "recorded" | "unrecorded">> {
  const project = await openProject(caller, { mayUseCache: false });
  const { fleet, kinds } = project;
  const scope = scopeOf({ agents: [], filesOnly: false, portable: false });
  return locked(
    project,
    { command: "doctor --rebuild-ledger", timeout: lockTimeout },
    async ({ recorder, store, world }) => {
      const records = recorder.records();
      const planned = await plan({ fleet, kinds, scope, allowed: NOTHING_ALLOWED, records, wholeBasis: false }, world);
      await settleRecords(planned, { recorder, scope });
      const known = new Set(store.records(fleet.machine.socket).addresses());
      const unrecorded = planned.judged.flatMap(({ address, have }) =>
        have?.exists && !known.has(address) ? [address] : [],
      );
      return { recorded: known.size, unrecorded: unrecorded.sort() };
    },
  );
}

export function rebuildText(rebuilt: Rebuilt | null): string {
  if (rebuilt === null) return "Ledger and lock file can be read: there is nothing to rebuild.";
  const { kept, recorded, unrecorded } = rebuilt;
  const differ =
    unrecorded.length === 0
      ? []
      : [
          `${counted(unrecorded.length, "thing")} differ from the registry, so that nothing vouches for them:`,
          ...unrecorded.map((address) => `  ${visibleLine(address)}`),
          "rollcall plan shows each; rollcall adopt takes it over as it is.",
        ];
  return [
    ...kept.map((path) => `Kept what could not be read as ${visibleLine(path)}`),
    `Recorded ${counted(recorded, "resource")} anew. Holds are lost: set them again with rollcall hold.`,
    ...differ,
  ].join("\n");
}
