// An apply in small: lock, journal, three files (one made, one replaced, one removed), records, run document.
// What a run that was killed left is cleared up first. Run as: project root, what to write.

import { digestBytes } from "../../src/delta/digest.ts";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { createFileWriter } from "../../src/host/fs/files.ts";
import { createProcesses } from "../../src/host/process/procfs.ts";
import { beginJournal, type Intent, journalImage, journalName } from "../../src/ledger/journal.ts";
import { acquireLock } from "../../src/ledger/lock.ts";
import { interruptedRun, nextRunId, writeRun } from "../../src/ledger/runs.ts";
import { openRecords } from "../../src/ledger/store.ts";
import type { Edit } from "../../src/model/world.ts";

const [, , root = "", text = "new"] = process.argv;
const folders = { root, agents: `${root}/agents`, state: `${root}/state` };
const socket = "rollcall-small-00000000";
const state = createRecordFolder({ path: folders.state });
const agents = createRecordFolder({ path: folders.agents, fileMode: 0o644, folderMode: 0o755 });
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

const lock = await acquireLock({
  state,
  processes: createProcesses(),
  command: "small",
  timeoutMs: 0,
  now: Date.now,
  sleep,
});
try {
  const reading = createFileWriter({ roots: [root], state: folders.state });
  const store = openRecords({ files: reading, folders });
  const run = nextRunId(state, store.serial);
  const log = { note: (image: Parameters<typeof journalImage>[1]) => journalImage(state, image), isOwn: store.isOwn };
  const files = createFileWriter({ roots: [root], state: folders.state, log });
  for (const { id, intents, images } of store.unfinished) {
    files.recover({ run: id, paths: intents.map((one) => `${folders.agents}/${one.at}`), images });
  }
  const digest = digestBytes(text);
  const intent = (at: string, action: string): Intent => {
    return { address: `config/${at}`, action, at, before: {}, after: action === "delete" ? {} : { "": digest } };
  };
  const intents = [
    intent("a/.claude/made", "create"),
    intent("a/.claude/settings.json", "update"),
    intent("a/.claude/old", "delete"),
  ];
  beginJournal(state, { run, command: "small", started: "then" }, intents);
  const write: Edit = (current) =>
    current?.bytes.toString() === text ? { do: "keep" } : { do: "write", bytes: Buffer.from(text) };
  const at = (name: string): string => `${folders.agents}/a/.claude/${name}`;
  await files.replace({ path: at("made"), mode: 0o755, run, parents: true, edit: write });
  await files.replace({ path: at("settings.json"), mode: 0o644, run, parents: true, edit: write });
  await files.remove({ path: at("old"), run, edit: () => ({ do: "write", bytes: Buffer.alloc(0) }) });
  await files.settle();
  const repairs = intents.map(({ address, at: where, after }) => ({
    address,
    record: where.endsWith("old") ? undefined : { parts: after, portable: true, at: where },
  }));
  store.commit({ repairs, socket }, { state, agents });
  const serial = { before: 0, after: store.serial };
  writeRun(state, {
    version: 1,
    id: run,
    command: "small",
    started: "then",
    ended: "now",
    serial,
    converged: true,
    outcomes: [],
    intents,
    files: files.changes(),
  });
  for (const killed of store.unfinished) {
    if (killed.id !== run) writeRun(state, interruptedRun(killed, store.serial));
    state.remove(journalName(killed.id));
  }
} finally {
  lock.release();
}
