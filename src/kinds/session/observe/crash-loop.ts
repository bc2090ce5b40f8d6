// Ends soon after a start: counted, so that a crash loop is seen and restarts are spaced.
import type { BackoffWindow } from "../../../model/capabilities.ts";
import type { Recorded } from "../../../model/resource.ts";
import { type OwnSession, readFacts, type SessionFacts, type SessionSeen, writeFacts } from "../types.ts";

/** Five ends within 30 s of their start in 15 minutes. */
const LOOP_EXITS = 5;
const SOON_MS = 30_000;
const WINDOW_MS = 15 * 60_000;
/** The first restart is at once, the next wait 10 s, 20 s, 40 s, … */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/**
 * The recent early ends of a session, oldest first: recorded ones, those on its mark, and the one that is seen now.
 * Times in milliseconds since the epoch.
 */
export function earlyExits(facts: SessionFacts, seen: OwnSession | undefined, now: number): readonly number[] {
  const ends = new Set([...facts.exits, ...(seen?.mark.exits ?? []), ...endNow(facts, seen, now)]);
  const since = Math.max(now - WINDOW_MS, facts.forgivenAt ?? 0);
  return [...ends].filter((at) => at > since && at <= now).sort((one, other) => one - other);
}

/**
 * The end that is seen, when it came soon after the start. What was started before the forgiving is forgiven. Where tmux
 * missed the end, as it does under load, nobody knows its time: it counts from the start, which is the same at every look.
 */
function endNow({ forgivenAt = 0 }: SessionFacts, seen: OwnSession | undefined, now: number): readonly number[] {
  const startedAt = seen?.mark.startedAt ?? 0;
  if (!seen?.exit || startedAt <= forgivenAt) return [];
  // tmux tells the second of an end, and no end comes before its start.
  const at = Math.max(Math.min(seen.exit.at ?? startedAt, now), startedAt);
  return at - startedAt <= SOON_MS ? [at] : [];
}

export function isCrashLoop(exits: readonly number[]): boolean {
  return exits.length >= LOOP_EXITS;
}

export interface Backoff {
  readonly crashLoop: boolean;
  /** Early ends that count. */
  readonly exits: number;
  /** Milliseconds since the epoch before which an unattended run leaves the session ended; 0: it may be started. */
  readonly until: number;
}

/**
 * Whether an unattended run (`reconcile`, `watch`) shall wait before it starts a session again. In a crash loop it waits
 * until the oldest of the ends no longer counts. An explicit `apply` or `start` does not ask; see `forgive`.
 */
export function backoff(record: Recorded | undefined, seen: SessionSeen | undefined, now: number): Backoff {
  const own = seen?.state === "ours" ? seen : undefined;
  const exits = earlyExits(readFacts(record?.facts), own, now);
  const crashLoop = isCrashLoop(exits);
  const last = Math.max(0, ...exits);
  if (exits.length < 2) return { crashLoop, exits: exits.length, until: 0 };
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (exits.length - 2));
  const until = crashLoop ? Math.min(...exits) + WINDOW_MS : last + wait;
  return { crashLoop, exits: exits.length, until: until > now ? until : 0 };
}

/** The backoff as the loop asks for it: since the last early end. */
export function pause(record: Recorded | undefined, seen: SessionSeen | undefined, now: number): BackoffWindow | null {
  const { until, exits } = backoff(record, seen, now);
  if (until === 0) return null;
  const own = seen?.state === "ours" ? seen : undefined;
  const since = Math.max(...earlyExits(readFacts(record?.facts), own, now));
  return { reason: `it ended ${exits} times soon after its start`, since, until };
}

/** A record whose early ends no longer count: what an explicit `apply` or `start` begins with. `now` in milliseconds. */
export function resetBackoff(record: Recorded, now: number): Recorded {
  return { ...record, facts: writeFacts({ ...readFacts(record.facts), exits: [], forgivenAt: now }) };
}
