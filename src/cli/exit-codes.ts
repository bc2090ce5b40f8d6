// Exit codes: what a plan or a run amounts to for the caller. The table is design section 8; docs/codes.md repeats it.
import {
  LockedError,
  RefusedPlanError,
  type RollcallError,
  StalePlanError,
  UnrecordedError,
  UsageError,
} from "../model/errors.ts";
import type { Run } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";

export const EXIT = {
  done: 0,
  error: 1,
  different: 2,
  blocked: 3,
  locked: 4,
  partly: 5,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** `verify` and `plan --detailed-exitcode`: blocked before different before in sync. */
export function planExit(plan: Plan): ExitCode {
  if (plan.blocked.length > 0) return EXIT.blocked;
  if (plan.actions.length > 0 || plan.deferred.length > 0) return EXIT.different;
  return EXIT.done;
}

/** `apply` and `reconcile`. `blind`: something could not be looked at (no tmux). `overdue`: deferred beyond --max-wait. */
export function runExit(run: Run, state: { readonly blind: boolean; readonly overdue: boolean }): ExitCode {
  const count = (result: string) => run.outcomes.filter((one) => one.result === result).length;
  const failed = count("failed");
  if (failed > 0) return count("done") > 0 ? EXIT.partly : EXIT.error;
  if (state.blind) return EXIT.partly;
  if (count("blocked") > 0 || run.remaining.blocked.length > 0) return EXIT.blocked;
  if (run.remaining.actions.length > 0 || state.overdue) return EXIT.different;
  return EXIT.done;
}

/** `adopt` and `undo`: what became of what was to be done, whatever else there is to do. */
export function outcomesExit({ outcomes }: Pick<Run, "outcomes">): ExitCode {
  const some = (result: string): boolean => outcomes.some((one) => one.result === result);
  if (some("failed")) return some("done") ? EXIT.partly : EXIT.error;
  return some("blocked") ? EXIT.blocked : EXIT.done;
}

/** What an error that ends a command amounts to. */
export function errorExit(error: RollcallError): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof LockedError) return EXIT.locked;
  if (error instanceof StalePlanError || error instanceof RefusedPlanError) return EXIT.blocked;
  if (error instanceof UnrecordedError) return EXIT.partly;
  return EXIT.error;
}
