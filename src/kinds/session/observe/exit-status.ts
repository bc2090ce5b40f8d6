// A snapshot in which every ended process of ours has its exit code: tmux hears of an end a moment after the pane does,
// and sometimes not at all.
import type { FileReader, Reader } from "../../../model/world.ts";
import { type PaneRow, type Snapshot, takeSnapshot } from "../tmux/snapshot.ts";
import { readStat } from "./processes.ts";

/** How long tmux is given to hear of an end that nobody else can tell of. */
const HEARING_MS = 50;

/** Looks, and looks again when something has just ended. */
export async function settledSnapshot(socket: string, world: Reader): Promise<Snapshot> {
  const first = withEnds(await takeSnapshot(world, socket), world.files);
  if (first.state !== "panes" || !first.panes.some(isEnding)) return first;
  await new Promise((resolve) => setTimeout(resolve, HEARING_MS));
  return withEnds(await takeSnapshot(world, socket), world.files);
}

const isEnding = (row: PaneRow): boolean =>
  row.dead && row.deadStatus === "" && row.deadSignal === "" && row.paneMark !== "";

/**
 * Under load a tmux server misses that its child has ended until the next one does (measured on 3.3a: 8 of 40 short
 * processes stayed unreaped for as long as one looked). The kernel keeps how it ended.
 */
function withEnds(snapshot: Snapshot, files: Pick<FileReader, "read">): Snapshot {
  if (snapshot.state !== "panes" || !snapshot.panes.some(isEnding)) return snapshot;
  const panes = snapshot.panes.map((row) => (isEnding(row) ? { ...row, ...endOf(row.pid, files) } : row));
  return { ...snapshot, panes };
}

/** How an unreaped process ended, in tmux's words: code or number of the signal. Null when there is no such process. */
export function endOf(pid: number, files: Pick<FileReader, "read">): Pick<PaneRow, "deadStatus" | "deadSignal"> | null {
  const ended = readStat(files, pid);
  if (ended?.state !== "Z" || ended.exitStatus === null) return null;
  const { exitStatus: status } = ended;
  const signal = status & 0x7f;
  return signal === 0
    ? { deadStatus: String((status >> 8) & 0xff), deadSignal: "" }
    : { deadStatus: "", deadSignal: String(signal) };
}
