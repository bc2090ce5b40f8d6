// The run lock: one run at a time. It names its holder, so that a dead one is taken over at once and a live one never.
import { digestBytes } from "../delta/digest.ts";
import { LockedError, type LockHolder, RecordError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { RecordFolder } from "../model/world.ts";

/** Name of the run lock in the state folder. */
const RUN_LOCK = "lock";

const RETRY_MS = 100;

/** What the lock asks about processes; host/proc.ts answers. */
export interface Processes {
  readonly host: string;
  readonly pid: number;
  readonly startTick: string;
  readonly bootId: string;
  /** The pid namespace: a pid of another one says nothing here. */
  readonly space: string;
  /** Start tick of a live process (a zombie is not one); null when there is none with this pid. */
  startTickOf(pid: number): string | null;
}

export interface LockOptions {
  readonly state: RecordFolder;
  readonly processes: Processes;
  readonly command: string;
  /** How long to wait for a live holder, in milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch, for people to read: no decision rests on it. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

type Taking = Pick<LockOptions, "state" | "processes" | "command" | "now">;

export interface RunLock {
  readonly holder: LockHolder;
  /** The dead holder it was taken over from. */
  readonly takenFrom: LockHolder | null;
  /** Gives it back; nothing happens when it is not ours any more. */
  release(): void;
}

interface Stored extends LockHolder {
  readonly space?: string;
}

interface FoundLock {
  readonly holder: Stored;
  /** Names this very lock: digest of its text. */
  readonly token: string;
}

/** Takes the lock, waiting `timeoutMs` for a live holder. Throws LockedError (E400) naming the holder. */
export async function acquireLock(options: LockOptions): Promise<RunLock> {
  const until = performance.now() + options.timeoutMs;
  for (;;) {
    const got = take(options, RUN_LOCK);
    if (!("busy" in got)) {
      options.state.tidy();
      removeDeadGuards(options);
      return got;
    }
    if (performance.now() >= until) throw new LockedError(got.busy);
    await options.sleep(Math.min(RETRY_MS, Math.max(1, until - performance.now())));
  }
}

/**
 * Takes the lock of that name, or says who has it. A dead holder's lock is replaced under a second lock named after
 * the dead one, taken in the same way: of several takers one gets that, and it looks again before it replaces.
 */
function take(options: Taking, name: string): RunLock | { readonly busy: LockHolder } {
  const { state, command, now } = options;
  const mine = newLock(options.processes, command, now());
  for (let attempt = 0; attempt < 100; attempt++) {
    if (state.create(name, mine.text)) return held(state, name, mine, null);
    const found = readLock(state, name);
    if (found === null) continue;
    if (isHeld(found, options.processes)) return { busy: plain(found.holder) };
    const replaced = underGuard(options, name, found, () => state.write(name, mine.text));
    if (replaced === "moved") continue;
    return replaced === "done" ? held(state, name, mine, plain(found.holder)) : replaced;
  }
  throw new RecordError("E405", `the lock ${state.path}/${name} changes hands all the time`);
}

/** Acts on a lock that has to go, while nobody else can, and only when it still is the one that was found. */
function underGuard(
  options: Taking,
  name: string,
  found: FoundLock,
  act: () => void,
): "done" | "moved" | { readonly busy: LockHolder } {
  const guard = take(options, `${name}.${found.token.slice(0, 8)}`);
  if ("busy" in guard) return guard;
  try {
    if (readLock(options.state, name)?.token !== found.token) return "moved";
    act();
    return "done";
  } finally {
    guard.release();
  }
}

/** The second locks of those who were killed while they succeeded somebody. */
function removeDeadGuards({ state, processes }: Taking): void {
  for (const name of state.list()) {
    const found = /^lock(\.[0-9a-f]{8})+$/.test(name) ? readLock(state, name) : null;
    if (found && !isHeld(found, processes)) state.remove(name);
  }
}

interface NewLock {
  readonly holder: Stored;
  readonly text: string;
  readonly token: string;
}

let taken = 0;
/** Locks this process gave back, also where the disk kept their file: such a one is nobody's, though its pid lives. */
const releasedLocks = new Set<string>();

function newLock({ pid, startTick, bootId, host, space }: Processes, command: string, now: number): NewLock {
  const holder = { pid, startTick, bootId, host, command, since: new Date(now).toISOString(), space };
  const text = `${JSON.stringify({ ...holder, nth: ++taken })}\n`;
  return { holder, text, token: digestBytes(text) };
}

function held(state: RecordFolder, name: string, mine: NewLock, takenFrom: LockHolder | null): RunLock {
  return {
    holder: plain(mine.holder),
    takenFrom,
    release() {
      if (readLock(state, name)?.token !== mine.token) return;
      releasedLocks.add(mine.token);
      state.remove(name);
    },
  };
}

function isHeld({ holder, token }: FoundLock, processes: Processes): boolean {
  return !releasedLocks.has(token) && isAlive(holder, processes);
}

/**
 * A holder on another machine, or in another pid namespace, cannot be looked at and counts as alive: `unlock` is for
 * that. One from before the last boot is dead, and so is one whose pid is gone or was given to another process.
 */
function isAlive(holder: Stored, processes: Processes): boolean {
  if (holder.host !== processes.host) return true;
  if (holder.bootId !== processes.bootId) return false;
  if (holder.space !== undefined && holder.space !== processes.space) return true;
  return processes.startTickOf(holder.pid) === holder.startTick;
}

/** Who holds the lock now, and whether that process can be known to be dead; null when nobody does. */
export function lockHolder(
  state: Pick<RecordFolder, "read" | "path">,
  processes: Processes,
): { readonly holder: LockHolder; readonly state: "alive" | "dead" | "elsewhere" } | null {
  const found = readLock(state, RUN_LOCK);
  if (found === null) return null;
  const { holder } = found;
  const seen = holder.host === processes.host && (holder.space ?? processes.space) === processes.space;
  const alive = isHeld(found, processes);
  return { holder: plain(holder), state: !alive ? "dead" : seen ? "alive" : "elsewhere" };
}

/**
 * Breaks a lock whose holder cannot be looked at from here. A holder that is seen to live is never robbed (E400); null
 * when there was no lock.
 */
export function breakLock(options: Taking): LockHolder | null {
  const { state, processes } = options;
  for (;;) {
    const known = lockHolder(state, processes);
    const found = readLock(state, RUN_LOCK);
    if (known === null || found === null) return null;
    if (known.state === "alive") throw new LockedError(known.holder);
    const broken = underGuard(options, RUN_LOCK, found, () => state.remove(RUN_LOCK));
    if (broken === "done") return plain(found.holder);
    if (broken !== "moved") throw new LockedError(broken.busy);
  }
}

function readLock(state: Pick<RecordFolder, "read" | "path">, name: string): FoundLock | null {
  const content = state.read(name);
  if (content === null) return null;
  const text = content.toString("utf8");
  const holder = parseHolder(text);
  if (holder === null) {
    throw new RecordError("E404", `cannot read the lock ${state.path}/${name}: it was not written by Rollcall`, {
      hint: "make sure that no run is going on, then remove it",
    });
  }
  return { holder, token: digestBytes(text) };
}

function parseHolder(text: string): Stored | null {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { pid, startTick, bootId, host, command, since, space } = value;
  if (typeof pid !== "number" || (typeof startTick !== "string" && typeof startTick !== "number")) return null;
  if (typeof bootId !== "string" || typeof host !== "string") return null;
  if (typeof command !== "string" || typeof since !== "string") return null;
  const holder = { pid, startTick: String(startTick), bootId, host, command, since };
  return typeof space === "string" ? { ...holder, space } : holder;
}

function plain({ pid, startTick, bootId, host, command, since }: Stored): LockHolder {
  return { pid, startTick, bootId, host, command, since };
}
