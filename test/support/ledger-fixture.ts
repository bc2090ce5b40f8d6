// A project with records for the stories of the ledger.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { createFileReader } from "../../src/host/fs/files.ts";
import { createProcesses } from "../../src/host/process/procfs.ts";
import type { LockOptions } from "../../src/ledger/lock.ts";
import { openRecords, type RecordFolders, type RecordStore } from "../../src/ledger/store.ts";
import type { Recorded } from "../../src/model/resource.ts";
import { temporary } from "./temp-dir.ts";

export const SOCKET = "rollcall-story-0a1b2c3d";
export const digest = (nth: number): string => nth.toString(16).padStart(32, "0");

export interface Place {
  readonly root: string;
  readonly agents: string;
  readonly state: string;
  readonly folders: RecordFolders;
  open(): RecordStore;
}

/** A project folder with an empty agents folder; what is opened in it is real. */
export function place(root = temporary()): Place {
  const agents = join(root, "agents");
  const state = join(root, "state");
  mkdirSync(agents, { recursive: true });
  const folders = {
    state: createRecordFolder({ path: state }),
    agents: createRecordFolder({ path: agents, fileMode: 0o644, folderMode: 0o755 }),
  };
  const files = createFileReader({ roots: [root] });
  return { root, agents, state, folders, open: () => openRecords({ files, folders: { root, agents, state } }) };
}

export const claudeMd: Recorded = {
  parts: { "": digest(1), mode: digest(2) },
  portable: true,
  at: "planning-agent/.claude/CLAUDE.md",
};
export const localSettings: Recorded = {
  parts: { "/env": digest(3) },
  portable: false,
  at: "planning-agent/.claude/settings.local.json",
};
export const session: Recorded = {
  parts: { fingerprint: digest(4) },
  portable: false,
  at: "iw-planning-agent",
  facts: { id: "$3", conversation: "7e5a" },
};
export const AT = {
  claudeMd: "config/planning-agent/.claude/CLAUDE.md",
  local: "config/planning-agent/.claude/settings.local.json",
  session: "session/planning-agent/main",
  hook: "hook/planning-agent/auto-deny",
} as const;

/** A project where something was applied. */
export function recorded(root?: string): Place {
  const made = place(root);
  const repairs = [
    { address: AT.claudeMd, record: claudeMd },
    { address: AT.local, record: localSettings },
    { address: AT.session, record: session },
    {
      address: AT.hook,
      record: {
        parts: { "": digest(5) },
        portable: true,
        at: "planning-agent/.claude/hooks/auto-deny",
        facts: { proof: "p" },
      },
    },
  ];
  made
    .open()
    .commit(
      { repairs, socket: SOCKET, holds: { "planning-agent": { reason: "r", since: "s", by: "b" } } },
      made.folders,
    );
  return made;
}

/** How this process asks for the run lock of a state folder: at once or never, at the beginning of time. */
export function lockOptions(path: string, more: Partial<LockOptions> = {}): LockOptions {
  return {
    state: createRecordFolder({ path }),
    processes: createProcesses(),
    command: "rollcall apply",
    timeoutMs: 0,
    now: () => 0,
    sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
    ...more,
  };
}
