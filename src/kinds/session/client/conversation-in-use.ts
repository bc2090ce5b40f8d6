// Who has a conversation open: the client refuses nobody, so we look before we start.
import type { Reader } from "../../../model/world.ts";
import { isClient } from "../names.ts";
import { processTable, readProc, readProcess } from "../observe/processes.ts";
import type { ClientEntry } from "./agents-json.ts";

/** The pid of a live client on that conversation, by the client's own list, else by the arguments of processes. */
export function openElsewhere(
  conversation: string,
  entries: readonly ClientEntry[] | null,
  world: Reader,
): number | null {
  if (entries) {
    const entry = entries.find(
      ({ sessionId, pid }) => sessionId === conversation && readProcess(world.files, pid) !== null,
    );
    return entry?.pid ?? null;
  }
  for (const { pid } of processTable(world.files)) {
    const words = (readProc(world.files, `/proc/${pid}/cmdline`) ?? "").split("\0");
    if (words.includes(conversation) && words.slice(0, 2).some((word) => isClient([word]))) return pid;
  }
  return null;
}
