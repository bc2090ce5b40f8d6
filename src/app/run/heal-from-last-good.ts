// Healing while the spec has errors: hooks and files that drifted are put right from the last good spec, and nothing else
// is done. What is healed is exactly what was recorded: the last good spec only has the contents.

import { EXIT, type ExitCode } from "../../cli/exit-codes.ts";
import { interruptible } from "../../cli/interrupt.ts";
import { type OutputFormat, printRun } from "../../cli/print.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { isError } from "../../model/diagnostic.ts";
import type { SpecError } from "../../model/errors.ts";
import type { Run } from "../../model/outcome.ts";
import type { Step } from "../../model/plan.ts";
import type { Recorder } from "../../model/recorder.ts";
import { DRIFT } from "../../model/verdict.ts";
import { converge, type Planned, type PlanRequest, plan } from "../../reconcile.ts";
import { diagnosticsText } from "../../report/diagnostics.ts";
import { visibleLine } from "../../report/redact.ts";
import { compileFleet } from "../compile.ts";
import { openLastGood } from "../last-good.ts";
import type { Project } from "../project.ts";
import { openWithoutSpec } from "../without-spec.ts";
import { type ConvergeFlags, planRequest, progressOf, runWithoutWork } from "./converge.ts";
import { locked } from "./transaction.ts";

/** Enforcement and configuration: what an agent is allowed must not fall with a typing error. Sessions are left alone. */
const HEALED: ReadonlySet<string> = new Set(["hook", "config"]);

type HealFlags = ConvergeFlags & { readonly output: OutputFormat };

/** Exit 1, also when something was healed: the spec is still wrong. Throws the error where there is nothing to heal from. */
export async function healDespiteSpec(io: Terminal, flags: HealFlags, error: SpecError): Promise<ExitCode> {
  const project = await projectOfLastGood(await openWithoutSpec(io, error));
  if (typeof project === "string") {
    io.complain(visibleLine(`warning W741 the spec has errors, and nothing is healed: ${project}`));
    throw error;
  }
  io.complain(diagnosticsText(error.diagnostics.filter(isError), io.stderr.paint));
  io.complain(
    "warning W740 the spec has errors: only hooks and files are healed, from the spec of the last good apply",
  );
  const run = await heal(project, flags);
  if (flags.output === "text") io.print(summary(run));
  else await printRun(io, { ...run, spec: { diagnostics: error.diagnostics } }, flags.output);
  return EXIT.error;
}

/** What was healed. What remains is not told: with errors in the spec nobody knows. */
function summary({ id, outcomes, remaining }: Run): string {
  const count = (result: string): number => outcomes.filter((one) => one.result === result).length;
  const parts = [`${count("done")} healed`];
  for (const result of ["failed", "skipped", "blocked"])
    if (count(result) > 0) parts.push(`${count(result)} ${result}`);
  const blocked = remaining.blocked.map((one) => visibleLine(`blocked ${one.address}: ${one.reason} (${one.hint})`));
  const head = outcomes.length === 0 ? "Nothing to heal." : `Run ${id}: ${parts.join(", ")}.`;
  return [...blocked, head].join("\n");
}

/** The project with the fleet of the last good spec; a clause that says why that cannot be. */
async function projectOfLastGood(bare: Project): Promise<Project | string> {
  const { io, store, reader } = bare;
  const opened = openLastGood(store, bare.config.folders, reader.files);
  if (opened.state === "unusable") return opened.why;
  const { config, files } = opened;
  const atTerminal = io.stderr.isTerminal;
  const { fleet, diagnostics } = await compileFleet({
    config,
    store,
    files,
    env: io.env,
    mayUseCache: false,
    atTerminal,
  });
  if (!fleet) return `the kept spec has errors here: ${diagnostics.find(isError)?.message ?? "unknown"}`;
  return { ...bare, config, fleet: { ...fleet, warnings: [] } };
}

async function heal(project: Project, flags: HealFlags): Promise<Run> {
  const { io, reader } = project;
  const kinds = project.kinds.filter(({ name }) => HEALED.has(name));
  const asked = { filesOnly: true, unattended: true };
  const request: PlanRequest = { ...planRequest(project, asked, []), kinds };
  const planned = driftAlone(await plan(request, reader));
  if (planned.steps.length === 0) return unfinished(runWithoutWork(planned));
  const stop = interruptible(io);
  try {
    return await locked(project, { command: "reconcile", timeout: flags.lockTimeout }, async ({ recorder, world }) => {
      const again = driftAlone(await plan({ ...request, records: recorder.records() }, world));
      if (again.steps.length === 0) return unfinished(runWithoutWork(again));
      const healing = { recorder: recorderOf(recorder, again.steps), command: "reconcile", stopping: stop.asked };
      const rest = { keepGoing: flags.keepGoing, progress: progressOf(io) };
      return unfinished(await converge(again, { ...request, ...healing, ...rest }, world));
    });
  } finally {
    stop.done();
  }
}

/** With errors in the spec nobody knows whether all is as desired. */
const unfinished = (run: Run): Run => ({ ...run, converged: false });

/** The plan without all that is no drift: where the record and the last good spec differ, that is not the last word. */
function driftAlone(planned: Planned): Planned {
  const steps = planned.steps.flatMap((step): Step[] => {
    const { want, record } = step;
    if (!want || !record || !DRIFT.has(step.action.verdict)) return [];
    const write = step.write.filter((path) => record.parts[path] === want.parts[path]?.digest);
    if (write.length === 0 || (write.length < step.write.length && !step.have?.exists)) return [];
    return [{ ...step, write, drop: [] }];
  });
  const addresses = new Set(steps.map(({ action }) => action.address));
  const actions = planned.plan.actions.filter(({ address }) => addresses.has(address));
  return { ...planned, steps, repairs: [], plan: { ...planned.plan, actions } };
}

/** Records what was healed and nothing else: the other records are judged when there is a spec to judge them by. */
function recorderOf(recorder: Recorder, steps: readonly Step[]): Recorder {
  const healed = new Set(steps.map(({ action }) => action.address));
  return {
    ...recorder,
    commit: (repairs) => recorder.commit(repairs.filter(({ address }) => healed.has(address))),
    end: (run) => recorder.end(unfinished(run)),
  };
}
