// Reaching a tmux server again whose socket is gone: SIGUSR1 makes it create its socket anew (tmux(1)).
import type { Fleet } from "../../../model/fleet.ts";
import type { Observed } from "../../../model/resource.ts";
import type { Writer } from "../../../model/world.ts";
import { readProcess } from "../observe/processes.ts";
import type { SessionSeen } from "../types.ts";
import { isTmuxServer } from "./lost-server.ts";
import { isUnreachable, takeSnapshot } from "./snapshot.ts";

/** The signal is sent again in this rhythm: what was in the way of the first one may be gone. */
const SIGNAL_EVERY_MS = 500;
const POLL_MS = 50;
const GIVE_UP_MS = 2_000;

/**
 * Asks the server of unknown sessions for its socket and waits until it answers; what came of it, null when it does
 * not. Each look also makes the folder of the socket, as every tmux client does (0700), so the signal never comes
 * before it.
 */
export async function reconnect(
  haves: readonly Observed<SessionSeen>[],
  fleet: Fleet,
  world: Writer,
): Promise<string | null> {
  const [server] = haves.flatMap(({ seen }) => (seen.state === "unknown" && seen.server ? [seen.server] : []));
  if (!server) return null;
  const subject = `the tmux server (pid ${server.pid})`;
  for (let waited = 0; waited <= GIVE_UP_MS; waited += POLL_MS) {
    // Only while nobody answers there: the signal would take the socket from another server.
    const snapshot = await takeSnapshot(world, fleet.machine.socket);
    if (!isUnreachable(snapshot)) return `${subject} had lost its socket and made it again`;
    if (readProcess(world.files, server.pid)?.tick !== server.tick) return `${subject} has ended`;
    if (!isOwnServer(server.pid, world)) return null;
    if (waited % SIGNAL_EVERY_MS === 0) world.exec.signal({ pid: server.pid, startTick: server.tick }, "SIGUSR1");
    await world.sleep(POLL_MS);
  }
  return null;
}

/** A tmux server of this user: to anything else SIGUSR1 may be the end. */
function isOwnServer(pid: number, { files }: Writer): boolean {
  const process = readProcess(files, pid);
  if (!process || !isTmuxServer(process, files)) return false;
  return files.facts(`/proc/${pid}/stat`)?.uid === files.facts("/proc/self/stat")?.uid;
}
