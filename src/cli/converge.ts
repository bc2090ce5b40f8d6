// Converging from the command line: Ctrl+C is heard, and what came of it becomes an exit code.
import { type Converged, type ConvergeJob, convergeUnderLock } from "../app/run/converge.ts";
import type { Run } from "../model/outcome.ts";
import { type ExitCode, runExit } from "./exit-codes.ts";
import { interruptible } from "./interrupt.ts";
import type { Terminal } from "./terminal.ts";

/** Runs until done, or until the action in hand is done after the first Ctrl+C. */
export async function convergeHere(
  io: Terminal,
  job: Omit<ConvergeJob, "stopping">,
): Promise<{ readonly run: Run; readonly code: ExitCode }> {
  return interruptibly(io, (stopping) => convergeUnderLock({ ...job, stopping }));
}

/** Does work that ends early when somebody asks for it. */
export async function interruptibly(
  io: Terminal,
  work: (stopping: () => boolean) => Promise<Converged>,
): Promise<{ readonly run: Run; readonly code: ExitCode }> {
  const stop = interruptible(io);
  try {
    const { run, blind, overdue } = await work(stop.asked);
    return { run, code: stop.code() ?? runExit(run, { blind, overdue }) };
  } finally {
    stop.done();
  }
}
