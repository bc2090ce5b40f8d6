// Ending processes with all that hangs below them: asked first, then told, then killed, each checked by its start tick.
import type { Writer } from "../../../model/world.ts";
import { ownPid, type Process, processTable, processTree } from "../observe/processes.ts";

/** A process by pid and kernel start tick. */
export interface ProcessId {
  readonly pid: number;
  readonly tick: string;
}

/**
 * What is sent when, in milliseconds after the start. TERM lets a client save and run its SessionEnd hook; an
 * interactive shell ignores TERM and heeds HUP; a child that ignores both is killed.
 */
const STEPS = [
  { at: 0, signal: "SIGTERM" },
  { at: 1_500, signal: "SIGHUP" },
  { at: 4_000, signal: "SIGKILL" },
] as const;

const GIVE_UP_MS = 8_000;
const POLL_MS = 50;

interface Victim extends ProcessId {
  /** How many of the steps it has been sent. */
  sent: number;
}

/**
 * Ends the trees below the given processes, all side by side. Comes back when they are gone, or with the ones that
 * would not go. Processes that are no longer what they were are left alone.
 */
export async function endProcesses(roots: readonly ProcessId[], world: Writer): Promise<readonly ProcessId[]> {
  const victims = new Map<number, Victim>();
  const self = ownPid(world.files);
  for (let elapsed = 0; ; elapsed += POLL_MS) {
    const table = processTable(world.files);
    gather({ table, roots, victims, self });
    const alive = [...victims.values()].filter((victim) => lives(table, victim));
    if (alive.length === 0) return [];
    if (elapsed >= GIVE_UP_MS) return alive;
    const due = STEPS.filter(({ at }) => at <= elapsed).length;
    for (const victim of alive) {
      const step = STEPS[due - 1];
      if (!step || victim.sent >= due) continue;
      world.exec.signal({ pid: victim.pid, startTick: victim.tick }, step.signal);
      victim.sent = due;
    }
    await world.sleep(POLL_MS);
  }
}

/** Adds what hangs below the roots and below victims found before: a tree grows while it is cut. */
function gather({
  table,
  roots,
  victims,
  self,
}: {
  readonly table: readonly Process[];
  readonly roots: readonly ProcessId[];
  readonly victims: Map<number, Victim>;
  readonly self: number;
}): void {
  const starts = [...roots, ...victims.values()].filter((one) => lives(table, one));
  for (const start of starts) {
    for (const { pid, tick } of processTree(table, start.pid)) {
      if (pid > 1 && pid !== self && !victims.has(pid)) victims.set(pid, { pid, tick, sent: 0 });
    }
  }
}

function lives(table: readonly Process[], { pid, tick }: ProcessId): boolean {
  return table.some((one) => one.pid === pid && one.tick === tick);
}

/** True when this very process runs below one of a session's: to end it would end us half-way. */
export function containsSelf(root: number, table: readonly Process[], world: Writer): boolean {
  const self = ownPid(world.files);
  return processTree(table, root).some(({ pid }) => pid === self);
}
