// Codes W740 and W741: what is done for agents while the spec has errors.
import type { CodeTable } from "./code.ts";

export const withoutSpecCodes: CodeTable = {
  W740: {
    title: "healing while the spec has errors",
    meaning:
      "`rollcall reconcile` found errors in the spec. Hooks and files that were changed or removed since they were written are put right from the spec of the last apply without errors (state/last-good). Sessions are left alone, nothing is pruned, nothing of the new spec is applied, and the exit code is 1.",
    remedy: "Fix what `rollcall validate` lists, then run `rollcall apply`.",
  },
  W741: {
    title: "nothing is healed while the spec has errors",
    meaning:
      "There is no spec of an earlier apply that can be believed: none was kept yet, it was changed by something else, or another version of Rollcall kept it.",
    remedy: "Fix what `rollcall validate` lists, then run `rollcall apply`: it keeps the spec it worked from.",
  },
};
