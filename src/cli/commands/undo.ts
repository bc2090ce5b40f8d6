// `rollcall undo RUN`: a plan of its own that puts back what a run changed, clobbers no later edit, and holds what it touched.

import { planUndo, refuseUndoWithin, undo, undoTarget } from "../../app/undo/undo.ts";
import { specPart } from "../../app/without-spec.ts";
import type { Run } from "../../model/outcome.ts";
import { jsonDocument } from "../../report/json.ts";
import { widenedLines } from "../../report/text.ts";
import { askFirst } from "../ask-first.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode, outcomesExit } from "../exit-codes.ts";
import type { Opened } from "../opened.ts";
import { printPlan } from "../print.ts";

interface UndoOptions {
  readonly yes: boolean;
  readonly lockTimeout: number;
  readonly output: "text" | "json";
}

/** Exit 3 when something cannot be put back (the rest is). */
export async function undoCommand({ io, options, args }: CommandContext<UndoOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, (project) => undoRun(project, options, args));
}

async function undoRun(project: Opened, options: UndoOptions, args: readonly string[]): Promise<ExitCode> {
  const { io } = project;
  const [id = "", ...agents] = args;
  const target = undoTarget(project, id, agents);
  const document = { ...(await planUndo(project, target)), ...specPart(project) };
  if (document.actions.length === 0 && document.blocked.length === 0) {
    if (options.output === "json") io.print(jsonDocument(document));
    else io.print(`Nothing to undo: everything run ${target.run.id} changed is as it was before.`);
    return EXIT.done;
  }
  refuseUndoWithin(project, document);
  const answer = await askFirst(io, {
    options,
    show: () => printPlan({ ...io, print: io.say }, { plan: document }, "text"),
    print: () => printPlan(io, { plan: document }, options.output),
    what: "there is something to undo",
    question: "Put this back?",
  });
  if (answer !== "yes") return answer;
  const { run, agents: held } = await undo(project, target, options.lockTimeout);
  if (options.output === "json") io.print(jsonDocument({ ...run, ...specPart(project) }));
  else {
    const wide = widenedLines(run.outcomes, { paint: io.stdout.paint, verbose: io.options.verbose });
    io.print([...wide, closing(run, held, target.run.id)].join("\n"));
  }
  return outcomesExit(run);
}

function closing({ outcomes }: Run, agents: readonly string[], undone: string): string {
  const done = outcomes.filter((one) => one.result === "done").length;
  const names = agents.map((agent) => (agent === "-" ? "- (retired folders)" : agent)).join(", ");
  return `Undone: ${done} of ${outcomes.length} changes of run ${undone}. Held until you release them: ${names}\n  (rollcall release NAME…; the next apply then does again what the registry wants)`;
}
