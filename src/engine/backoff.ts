// Backoff: an unattended run leaves alone for a while what failed again and again; a person who asks starts afresh.
import type { Kind } from "../model/kind.ts";
import type { Recorded } from "../model/resource.ts";
import type { Classified } from "./classify.ts";
import type { Allowance, Disturbance } from "./guard.ts";

interface Asking {
  readonly allowed: Allowance;
  /** ISO time. */
  readonly now: string;
}

/** Whether a thing rests. What lives is not held back: a new spec for it is no failure of it. */
export function isInBackoff(kind: Kind, { have, record }: Classified, { allowed, now }: Asking): Disturbance | null {
  if (!allowed.unattended || have?.live) return null;
  const pause = kind.capabilities.restartable?.backoff(have, record, Date.parse(now));
  if (!pause) return null;
  const until = new Date(pause.until).toISOString();
  const reason = `${pause.reason}; tried again after ${until}, or at once by apply`;
  return { go: false, reason, since: new Date(pause.since).toISOString() };
}

/** The record an action begins with: with its failures forgotten where a person asked for the action. */
export function recordToBegin(kind: Kind, { record }: Classified, { allowed, now }: Asking): Recorded | undefined {
  const { restartable } = kind.capabilities;
  if (!record || allowed.unattended || !restartable) return record;
  return restartable.resetBackoff(record, Date.parse(now));
}
