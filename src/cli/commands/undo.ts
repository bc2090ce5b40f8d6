// `rollcall undo RUN`: a plan of its own that puts back what a run changed, clobbers no later edit, and holds what it touched.

import { relative } from "node:path";
import type { Project } from "../../app/project.ts";
import { planRequest } from "../../app/run/converge.ts";
import { locked } from "../../app/run/transaction.ts";
import { refuseWideningWithin } from "../../app/session/within-session.ts";
import { agentsIn, type UndoFile, type Undoing, type UndoMove, undoingOf, withoutShared } from "../../app/undo/plan.ts";
import { gainsOf, restore } from "../../app/undo/restore.ts";
import { specPart } from "../../app/without-spec.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { parseAddress } from "../../model/address.ts";
import { UsageError } from "../../model/errors.ts";
import { didYouMean } from "../../model/nearest.ts";
import type { Run } from "../../model/outcome.ts";
import { ACTIONS, type Action, type Blocked, type Plan } from "../../model/plan.ts";
import { plan } from "../../reconcile.ts";
import { jsonDocument } from "../../report/json.ts";
import { widenedLines } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Opened } from "../opened.ts";
import { printPlan } from "../print.ts";
import { namedRun } from "../run-argument.ts";
import type { Terminal } from "../terminal.ts";

interface UndoOptions {
  readonly yes: boolean;
  readonly lockTimeout: number;
  readonly output: "text" | "json";
}

/** Exit 3 when something cannot be put back (the rest is). */
export async function undoCommand({ io, options, args }: CommandContext<UndoOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, (project) => undo(project, options, args));
}

async function undo(project: Opened, options: UndoOptions, args: readonly string[]): Promise<ExitCode> {
  const { io } = project;
  const [id = "", ...agents] = args;
  const run = namedRun(project.reader.files, project.fleet.machine.folders.state, id);
  checkAgents(project, run, agents);
  const undoing = undoingFor(project, run, agents);
  const document = await undoPlan(project, run, undoing);
  if (document.actions.length === 0 && document.blocked.length === 0) {
    if (options.output === "json") io.print(jsonDocument({ ...document, ...specPart(project) }));
    else io.print(`Nothing to undo: everything run ${run.id} changed is as it was before.`);
    return EXIT.done;
  }
  for (const { address, widens, reason } of document.actions)
    if (widens) refuseWideningWithin(project, address, reason);
  if (!options.yes) {
    const answer = await ask(io, options, { ...document, ...specPart(project) });
    if (answer !== "yes") return answer;
  } else if (options.output === "text") await printPlan({ ...io, print: io.say }, { plan: document }, "text");
  return locked(project, { command: `undo ${run.id}`, timeout: options.lockTimeout }, async (writing) => {
    const again = undoingFor(project, run, agents);
    const { actions } = await undoPlan(project, run, again);
    const undone = await restore({ project, writing, run, undoing: again, actions });
    if (options.output === "json") io.print(jsonDocument({ ...undone.run, ...specPart(project) }));
    else {
      const wide = widenedLines(undone.run.outcomes, { paint: io.stdout.paint, verbose: io.options.verbose });
      io.print([...wide, closing(undone.run, undone.agents, run)].join("\n"));
    }
    return exitOf(undone.run);
  });
}

/** An agent the run did nothing to is most likely a slip of the pen. */
function checkAgents({ fleet }: Project, run: RunRecord, agents: readonly string[]): void {
  const known = agentsIn(run, fleet.machine.folders.agents);
  const stranger = agents.find((agent) => !known.has(agent));
  if (stranger === undefined) return;
  throw new UsageError(
    `run ${run.id} changed no file of "${stranger}"`,
    didYouMean(stranger, known) ?? `it changed files of: ${[...known].sort().join(", ") || "nobody"}`,
  );
}

function undoingFor(project: Opened, run: RunRecord, agents: readonly string[]): Undoing {
  const { reader, fleet } = project;
  const folder = fleet.machine.folders.agents;
  const undoing = undoingOf({ run, agents: new Set(agents), files: reader.files, folder });
  return withoutShared(undoing, project.records());
}

async function ask(io: Terminal, options: UndoOptions, document: Plan): Promise<"yes" | ExitCode> {
  if (!io.mayAsk || options.output === "json") {
    await printPlan(io, { plan: document }, options.output);
    io.complain("E330 there is something to undo: give -y to do it (nobody to ask here); nothing was written");
    return EXIT.usage;
  }
  await printPlan({ ...io, print: io.say }, { plan: document }, "text");
  const { confirm } = await import("../prompt.ts");
  if (await confirm("Put this back?")) return "yes";
  io.say("nothing was written");
  return EXIT.error;
}

/** The undoing as a plan document, with the present state as its basis. */
async function undoPlan(project: Opened, run: RunRecord, undoing: Undoing): Promise<Plan> {
  const now = await plan(planRequest(project, { filesOnly: true }, []), project.reader);
  const items = [...undoing.files, ...undoing.moves].sort((a, b) => (a.address < b.address ? -1 : 1));
  const { root } = project.fleet.machine.folders;
  const actions = items
    .filter((one) => !one.obstacle)
    .map((one): Action => {
      const gains = "to" in one ? [] : gainsOf(one, project);
      const action = actionOf(one, run, root);
      return gains.length === 0
        ? action
        : { ...action, widens: true, reason: `${action.reason} (${gains.join(", ")})` };
    });
  const blocked: Blocked[] = items.flatMap((one) =>
    one.obstacle ? [{ address: one.address, verdict: "conflicting" as const, ...one.obstacle }] : [],
  );
  const counts = Object.fromEntries(
    ACTIONS.map((name) => [name, actions.filter((one) => one.action === name).length]),
  ) as Record<(typeof ACTIONS)[number], number>;
  const summary = {
    ...counts,
    blocked: blocked.length,
    deferred: 0,
    widened: actions.filter((one) => one.widens).length,
    drift: 0,
    pending: 0,
  };
  return { ...now.plan, actions, blocked, deferred: [], held: [], orphans: [], unmanaged: [], warnings: [], summary };
}

function actionOf(one: UndoFile | UndoMove, run: RunRecord, root: string): Action {
  const { kind = "", agent = "-" } = parseAddress(one.address) ?? {};
  const base = { address: one.address, kind, agent, verdict: "pending" as const, impact: "none" as const, loses: [] };
  if ("to" in one)
    return {
      ...base,
      action: "update",
      reason: `run ${run.id} took it away; it is moved back as it is`,
      changes: [{ path: "", before: relative(root, one.from), after: relative(root, one.to) }],
    };
  const changes = [{ path: "", before: one.left, after: one.before === null ? null : "as before the run" }];
  if (one.before === null) return { ...base, action: "delete", reason: `run ${run.id} made it`, changes };
  return {
    ...base,
    action: one.left === null ? "create" : "update",
    reason: `as it was before run ${run.id}`,
    changes,
  };
}

function exitOf({ outcomes }: Run): ExitCode {
  const some = (result: string): boolean => outcomes.some((one) => one.result === result);
  if (some("failed")) return some("done") ? EXIT.partly : EXIT.error;
  return some("blocked") ? EXIT.blocked : EXIT.done;
}

function closing({ outcomes }: Run, agents: readonly string[], run: RunRecord): string {
  const done = outcomes.filter((one) => one.result === "done").length;
  const names = agents.map((agent) => (agent === "-" ? "- (retired folders)" : agent)).join(", ");
  return `Undone: ${done} of ${outcomes.length} changes of run ${run.id}. Held until you release them: ${names}\n  (rollcall release NAME…; the next apply then does again what the registry wants)`;
}
