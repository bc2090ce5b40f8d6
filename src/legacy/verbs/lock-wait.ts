// How long the original's verbs wait for a run that is going on: they are short, and people wait for them.

/** Seconds. */
export const LOCK_WAIT = 30;
