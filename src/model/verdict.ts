// The verdicts: facts about one resource, from three views of it. The table that finds them is engine/classify.ts.

export const VERDICTS = [
  "in-sync",
  "missing",
  "vanished",
  "pending",
  "tampered",
  "conflicting",
  "unowned",
  "orphan",
  "tampered-orphan",
  "foreign",
  "gone",
  "unknown",
] as const;

export type Verdict = (typeof VERDICTS)[number];

/** Drift: what is observed is not what we recorded. */
export const DRIFT: ReadonlySet<Verdict> = new Set(["vanished", "tampered", "conflicting"]);

/** Pending: what is desired is not what we recorded. */
export const PENDING: ReadonlySet<Verdict> = new Set(["missing", "pending", "conflicting"]);
