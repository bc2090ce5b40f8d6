// A tmux server that runs on without its socket: known by the processes below it, since nobody can ask it.
import type { Obstacle, Recorded } from "../../../model/resource.ts";
import type { FileReader, Reader } from "../../../model/world.ts";
import type { ProcessId } from "../apply/terminate.ts";
import { settledSnapshot } from "../observe/exit-status.ts";
import { hasEnvironment, type Process, processTable, readProc, readProcess } from "../observe/processes.ts";
import { readFacts } from "../types.ts";
import { askTmux, socketPath } from "./command.ts";
import { isUnreachable, type Snapshot } from "./snapshot.ts";

type Files = Pick<FileReader, "read" | "list" | "facts" | "link" | "real">;
/** What the ledger remembers of a session there. */
interface Asked {
  readonly record?: Recorded | undefined;
}

/** A tmux server that cannot be asked on the socket where its sessions are expected. */
export interface LostServer extends ProcessId {
  readonly socket: string;
  readonly path: string;
  /** The pid of another server that answers there; without it nobody does. */
  readonly other?: number;
}

/** A server that ends has given its socket up a moment before it is gone: found lost, it is looked for again. */
const ENDING_MS = 150;

export interface Asking {
  readonly socket: string;
  /** Their records tell which processes were started on that socket. */
  readonly asked: readonly Asked[];
  /** Also searches all processes: a session may have been started and never recorded. */
  readonly search: boolean;
}

/** The snapshot of a socket and, where nobody answers there, the living server that should. */
export async function snapshotOrLost(
  asking: Asking,
  world: Reader,
): Promise<{ readonly snapshot: Snapshot; readonly lost: LostServer | null }> {
  const snapshot = await settledSnapshot(asking.socket, world);
  if (!isUnreachable(snapshot) || !findLost(asking, world.files)) return { snapshot, lost: null };
  await new Promise((resolve) => setTimeout(resolve, ENDING_MS));
  const again = await settledSnapshot(asking.socket, world);
  return { snapshot: again, lost: isUnreachable(again) ? findLost(asking, world.files) : null };
}

/** The living tmux server of a socket on which nobody answers; null when there is none. */
function findLost({ socket, asked, search }: Asking, files: Files): LostServer | null {
  const path = socketPath(socket, files);
  const servers = asked.flatMap(({ record }) => {
    const process = recordedProcess(record, files);
    return (process && serverAbove(process, files)) ?? [];
  });
  const server = mostOf(servers) ?? (search ? searchTable(path, files) : null);
  return server && { pid: server.pid, tick: server.tick, socket, path };
}

/** The server that most of them live below. */
function mostOf(servers: readonly Process[]): Process | null {
  const count = (server: Process): number => servers.filter(({ pid }) => pid === server.pid).length;
  return servers.reduce<Process | null>((best, one) => (best && count(best) >= count(one) ? best : one), null);
}

/** A server whose child was told that socket's path by it: tmux sets TMUX to `<path>,<pid of the server>,<session>`. */
function searchTable(path: string, files: Files): Process | null {
  const table = processTable(files);
  const servers = new Map(table.filter((one) => isTmuxServer(one, files)).map((one) => [one.pid, one]));
  if (servers.size === 0) return null;
  const child = table.find(({ pid, parent }) => {
    if (!servers.has(parent)) return false;
    const environment = (readProc(files, `/proc/${pid}/environ`) ?? "").split("\0");
    return environment.some((entry) => entry.startsWith(`TMUX=${path},${parent},`));
  });
  return (child && servers.get(child.parent)) ?? null;
}

/** The process a record names by pid and kernel start tick, while it lives. */
function recordedProcess(record: Recorded | undefined, files: Files): Process | null {
  const { pid, tick } = readFacts(record?.facts);
  if (pid === undefined || tick === undefined) return null;
  const process = readProcess(files, pid);
  return process?.tick === tick ? process : null;
}

/** The tmux server in whose pane a process runs, with a sandbox between them or not; null when it has outlived it. */
function serverAbove(process: Process, files: Files): Process | null {
  let above = readProcess(files, process.parent);
  while (above?.name === "bwrap") above = readProcess(files, above.parent);
  return above && isTmuxServer(above, files) ? above : null;
}

/** The kernel's name of a server is `tmux: server`; where tmux is built with another setproctitle it is the program's. */
export function isTmuxServer({ pid, name }: Process, files: Files): boolean {
  if (name === "tmux: server") return true;
  const program = files.link(`/proc/${pid}/exe`) ?? "";
  return name === "tmux" && /\/tmux( \(deleted\))?$/.test(program);
}

/** What became of a recorded process whose session is not in the snapshot of its socket. */
export type Remains =
  /** Below a tmux server that does not answer on that socket: another one does. */
  | { readonly state: "unreachable"; readonly server: LostServer }
  /** In no pane any more, its server gone or its session closed: it runs where nobody sees it. */
  | { readonly state: "outlived"; readonly process: ProcessId };

/** Looks after the recorded processes of absent sessions on a socket that answers, or on which no server runs. */
export async function remainsOf<T extends Asked>(
  absent: readonly T[],
  snapshot: Snapshot & { readonly state: "panes" },
  { socket, world }: { readonly socket: string; readonly world: Reader },
): Promise<ReadonlyMap<T, Remains>> {
  const { files } = world;
  const found = new Map<T, Remains>();
  const panes = new Set(snapshot.panes.map(({ pid }) => pid));
  let answering: number | null | undefined;
  for (const one of absent) {
    const process = recordedProcess(one.record, files);
    if (!process || panes.has(process.pid)) continue;
    const server = serverAbove(process, files);
    if (server) answering ??= snapshot.answered ? await pidOfServer(socket, world) : null;
    if (server && answering !== server.pid) {
      const { pid, tick } = server;
      const other = typeof answering === "number" ? { other: answering } : {};
      found.set(one, {
        state: "unreachable",
        server: { pid, tick, socket, path: socketPath(socket, files), ...other },
      });
      continue;
    }
    const { pane } = readFacts(one.record?.facts);
    const isOwn = pane !== undefined && hasEnvironment(process.pid, `TMUX_PANE=${pane}`, files);
    if (isOwn) found.set(one, { state: "outlived", process: { pid: process.pid, tick: process.tick } });
  }
  return found;
}

async function pidOfServer(socket: string, world: Reader): Promise<number | null> {
  const answer = await askTmux(world, { socket, words: ["display-message", "-p", "#{pid}"] });
  const pid = answer.state === "rows" ? Number(answer.text.trim()) : Number.NaN;
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}

/** Why sessions of a lost server may not be touched, and what helps. */
export function lostServerObstacle({ pid, socket, path, other }: LostServer): Obstacle {
  const gone = `the tmux server (pid ${pid}) runs, but its socket ${path} is gone`;
  if (other !== undefined) {
    return {
      why: "lost-socket",
      message: `${gone}: another server (pid ${other}) answers there`,
      hint: `if nothing in the other one is needed: tmux -L ${socket} kill-server, then rollcall apply`,
    };
  }
  return {
    why: "lost-socket",
    message: gone,
    hint: `rollcall apply sends it SIGUSR1, and it makes the socket again; if that does not help, see: ps -o pid,stat,wchan ${pid}; ls -la ${path}`,
  };
}
