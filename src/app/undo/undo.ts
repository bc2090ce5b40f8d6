// Undoing a run: planned without the lock, then planned again under it and done.
import type { RunRecord } from "../../ledger/run-schema.ts";
import { UsageError } from "../../model/errors.ts";
import { didYouMean } from "../../model/nearest.ts";
import type { Run } from "../../model/outcome.ts";
import type { Plan } from "../../model/plan.ts";
import type { Project } from "../project.ts";
import { namedRun } from "../run/history.ts";
import { locked } from "../run/transaction.ts";
import { refuseWideningWithin } from "../session/within-session.ts";
import { undoDocument } from "./document.ts";
import { agentsIn, type Undoing, undoingOf, withoutShared } from "./plan.ts";
import { restore } from "./restore.ts";

/** A run and the agents of it that an undo is about. */
export interface UndoTarget {
  readonly run: RunRecord;
  /** Empty: all. */
  readonly agents: readonly string[];
}

/** The run that `word` names. Throws a usage error when there is none, or when it changed nothing of one of the agents. */
export function undoTarget({ reader, fleet }: Project, word: string, agents: readonly string[]): UndoTarget {
  const { folders } = fleet.machine;
  const run = namedRun(reader.files, folders.state, word);
  checkAgents(run, agents, folders.agents);
  return { run, agents };
}

/** An agent the run did nothing to is most likely a slip of the pen. */
function checkAgents(run: RunRecord, agents: readonly string[], folder: string): void {
  const known = agentsIn(run, folder);
  const stranger = agents.find((agent) => !known.has(agent));
  if (stranger === undefined) return;
  throw new UsageError(
    `run ${run.id} changed no file of "${stranger}"`,
    didYouMean(stranger, known) ?? `it changed files of: ${[...known].sort().join(", ") || "nobody"}`,
  );
}

/** What the undo would do now, as a document. */
export function planUndo(project: Project, target: UndoTarget): Promise<Plan> {
  return undoDocument(project, target.run, undoingFor(project, target));
}

/** Throws E910 when this runs in an agent's own session and the undo would give it more rights. */
export function refuseUndoWithin(project: Project, { actions }: Plan): void {
  for (const { address, widens, reason } of actions) if (widens) refuseWideningWithin(project, address, reason);
}

/** Puts back what is as the run left it, and holds the agents it touched. */
export async function undo(
  project: Project,
  target: UndoTarget,
  lockTimeout: number,
): Promise<{ readonly run: Run; readonly agents: readonly string[] }> {
  const { run } = target;
  return locked(project, { command: `undo ${run.id}`, timeout: lockTimeout }, async (writing) => {
    const undoing = undoingFor(project, target);
    const { actions } = await undoDocument(project, run, undoing);
    return restore({ project, writing, run, undoing, actions });
  });
}

function undoingFor(project: Project, { run, agents }: UndoTarget): Undoing {
  const { reader, fleet } = project;
  const folder = fleet.machine.folders.agents;
  const undoing = undoingOf({ run, agents: new Set(agents), files: reader.files, folder });
  return withoutShared(undoing, project.records());
}
