// Codes E4xx and W4xx: record.
import type { CodeTable } from "./code.ts";

export const recordCodes: CodeTable = {
  E400: {
    title: "locked by a live run",
    meaning:
      "Another apply or reconcile of this project is going on. The message says which process, since when, and what it does.",
    remedy:
      "Wait for it, or give --lock-timeout SECONDS. The lock of a run that died is taken over by itself. `rollcall unlock` is for a lock taken on another host.",
  },
  E401: {
    title: "a record cannot be read",
    meaning:
      "The ledger, the lock file or the document of a run is cut short, was changed by something else, or holds an unsettled merge conflict. It is not taken for an empty one: that would mean to create everything anew.",
    remedy:
      "Lock file: take it from version control, or settle the conflict. Ledger: state/ledger.json.backup is the one before it; or run `rollcall doctor --rebuild-ledger`.",
  },
  E402: {
    title: "a record of a newer Rollcall",
    meaning: "The file was written by a later version, in a format this one does not know.",
    remedy: "Use the version that wrote it, or a later one.",
  },
  E403: {
    title: "a journal cannot be read",
    meaning:
      "The journal of a run that did not end is broken in the middle. It says what that run wrote, so it is not passed over in silence.",
    remedy:
      "Look at the files it names. Then remove it from state/journal: what is as desired is recorded again, the rest is blocked until you decide.",
  },
  E404: {
    title: "a run lock that Rollcall did not write",
    meaning: "state/lock is there but does not say who holds it, so nobody can tell whether a run is going on.",
    remedy: "Make sure that no run is going on, then remove state/lock.",
  },
  E405: {
    title: "the run lock changes hands all the time",
    meaning: "A hundred times in a row another run took and gave back the lock while this one reached for it.",
    remedy: "See what starts so many runs, then run the command again.",
  },
  W401: {
    title: "the project was copied or moved",
    meaning:
      "The ledger was written in another folder. What it says of sessions, proofs of hooks and holds belongs to that place and is forgotten here. File records are kept.",
    remedy: "Nothing to do; the next apply records this place. Set holds again where they are still wanted.",
  },
};
