// The decision table: how three views relate, and the verdict that follows. A verdict is a fact; no policy stands here.
import type { Verdict } from "../model/verdict.ts";

/** How the three views of a part relate; each row of the decision table is one relation. */
export type Relation =
  | "as-desired"
  | "never-there"
  | "recorded-but-absent"
  | "as-recorded"
  | "changed-since-desired"
  | "both-changed"
  | "there-unrecorded"
  | "undesired-as-recorded"
  | "undesired-changed"
  | "undesired-unrecorded"
  | "undesired-absent"
  | "unseen";

interface TableRow {
  readonly relation: Relation;
  readonly desired: string;
  readonly observed: string;
  readonly recorded: string;
  readonly verdict: Verdict;
  readonly action: string;
}

/** The table of the design, as data: docs/verdicts.md is made from it and a test holds it against `verdictOf`. */
export const DECISION_TABLE: readonly TableRow[] = [
  {
    relation: "as-desired",
    desired: "yes",
    observed: "= desired",
    recorded: "any",
    verdict: "in-sync",
    action: "keep; record it if it was not",
  },
  { relation: "never-there", desired: "yes", observed: "absent", recorded: "no", verdict: "missing", action: "create" },
  {
    relation: "recorded-but-absent",
    desired: "yes",
    observed: "absent",
    recorded: "yes",
    verdict: "vanished",
    action: "create",
  },
  {
    relation: "as-recorded",
    desired: "yes",
    observed: "≠ desired, = recorded",
    recorded: "yes",
    verdict: "pending",
    action: "update or replace",
  },
  {
    relation: "changed-since-desired",
    desired: "yes",
    observed: "≠ desired, ≠ recorded",
    recorded: "= desired",
    verdict: "tampered",
    action: "update or replace",
  },
  {
    relation: "both-changed",
    desired: "yes",
    observed: "≠ desired, ≠ recorded",
    recorded: "≠ desired",
    verdict: "conflicting",
    action: "blocked unless --overwrite",
  },
  {
    relation: "there-unrecorded",
    desired: "yes",
    observed: "≠ desired",
    recorded: "no",
    verdict: "unowned",
    action: "blocked until adopt (or --overwrite; a session never)",
  },
  {
    relation: "undesired-as-recorded",
    desired: "no",
    observed: "= recorded",
    recorded: "yes",
    verdict: "orphan",
    action: "listed; deleted only with --prune and within the budget",
  },
  {
    relation: "undesired-changed",
    desired: "no",
    observed: "≠ recorded",
    recorded: "yes",
    verdict: "tampered-orphan",
    action: "listed; with --prune blocked unless --overwrite",
  },
  {
    relation: "undesired-unrecorded",
    desired: "no",
    observed: "there",
    recorded: "no",
    verdict: "foreign",
    action: "keep, never touch, listed as unmanaged",
  },
  {
    relation: "undesired-absent",
    desired: "no",
    observed: "absent",
    recorded: "yes",
    verdict: "gone",
    action: "forget",
  },
  {
    relation: "unseen",
    desired: "any",
    observed: "cannot be known",
    recorded: "any",
    verdict: "unknown",
    action: "deferred, or blocked where acting could destroy; counts as out of sync",
  },
];

/** The digests of one part in the three views; undefined where the view does not have it. */
export interface PartDigests {
  readonly desired: string | undefined;
  readonly observed: string | undefined;
  readonly recorded: string | undefined;
  /** Nobody could look: whatever the other views say. */
  readonly unseen?: boolean;
}

/** How the views relate. Absent in all three cannot happen: nobody asks about what nobody knows. */
export function relate({ desired, observed, recorded, unseen = false }: PartDigests): Relation {
  if (unseen) return "unseen";
  if (desired === undefined) {
    if (observed === undefined) return "undesired-absent";
    if (recorded === undefined) return "undesired-unrecorded";
    return observed === recorded ? "undesired-as-recorded" : "undesired-changed";
  }
  if (observed === desired) return "as-desired";
  if (observed === undefined) return recorded === undefined ? "never-there" : "recorded-but-absent";
  if (recorded === undefined) return "there-unrecorded";
  if (observed === recorded) return "as-recorded";
  return recorded === desired ? "changed-since-desired" : "both-changed";
}

/** The one switch. `enforced` parts are never conflicting and never given up. */
export function verdictOf(relation: Relation, enforced = false): Verdict {
  switch (relation) {
    case "as-desired":
      return "in-sync";
    case "never-there":
      return "missing";
    case "recorded-but-absent":
      return "vanished";
    case "as-recorded":
      return "pending";
    case "changed-since-desired":
      return "tampered";
    case "both-changed":
      return enforced ? "tampered" : "conflicting";
    case "there-unrecorded":
      return enforced ? "tampered" : "unowned";
    case "undesired-as-recorded":
      return "orphan";
    case "undesired-changed":
      return "tampered-orphan";
    case "undesired-unrecorded":
      return "foreign";
    case "undesired-absent":
      return "gone";
    case "unseen":
      return "unknown";
  }
}
