// Healing while the spec has errors: hooks and files that drifted are put right from the last good spec, and nothing else
// is done. What is healed is exactly what was recorded: the last good spec only has the contents.

import { isError } from "../../model/diagnostic.ts";
import type { Run } from "../../model/outcome.ts";
import type { Step } from "../../model/plan.ts";
import type { Recorder } from "../../model/recorder.ts";
import { DRIFT } from "../../model/verdict.ts";
import { converge, type Planned, type PlanRequest, plan } from "../../reconcile.ts";
import { compileFleet } from "../compile.ts";
import { openLastGood } from "../last-good.ts";
import type { Project } from "../project.ts";
import { type ConvergeFlags, planRequest, runWithoutWork } from "./converge.ts";
import { locked } from "./transaction.ts";

/** Enforcement and configuration: what an agent is allowed must not fall with a typing error. Sessions are left alone. */
const HEALED: ReadonlySet<string> = new Set(["hook", "config"]);

export interface HealJob {
  readonly flags: Pick<ConvergeFlags, "keepGoing" | "lockTimeout">;
  readonly stopping: () => boolean;
}

/** The project with the fleet of the last good spec; a clause that says why that cannot be. */
export async function projectOfLastGood(bare: Project): Promise<Project | string> {
  const { caller, store, reader } = bare;
  const opened = openLastGood(store, bare.config.folders, reader.files);
  if (opened.state === "unusable") return opened.why;
  const { config, files } = opened;
  const { fleet, diagnostics } = await compileFleet({
    config,
    store,
    files,
    env: caller.env,
    node: caller.process.node,
    hostname: caller.process.hostname,
    mayUseCache: false,
    atTerminal: caller.atTerminal,
  });
  if (!fleet) return `the kept spec has errors here: ${diagnostics.find(isError)?.message ?? "unknown"}`;
  return { ...bare, config, fleet: { ...fleet, warnings: [] } };
}

/** Puts drift right, and nothing else. The run is never converged: the spec is still wrong. */
export async function heal(project: Project, { flags, stopping }: HealJob): Promise<Run> {
  const kinds = project.kinds.filter(({ name }) => HEALED.has(name));
  const asked = { filesOnly: true, unattended: true };
  const request: PlanRequest = { ...planRequest(project, asked, []), kinds };
  const planned = driftAlone(await plan(request, project.reader));
  if (planned.steps.length === 0) return unfinished(runWithoutWork(planned));
  return locked(project, { command: "reconcile", timeout: flags.lockTimeout }, async ({ recorder, world }) => {
    const again = driftAlone(await plan({ ...request, records: recorder.records() }, world));
    if (again.steps.length === 0) return unfinished(runWithoutWork(again));
    const { by, emit } = project.caller;
    const healing = { recorder: recorderOf(recorder, again.steps), command: "reconcile", by, stopping, emit };
    return unfinished(await converge(again, { ...request, ...healing, keepGoing: flags.keepGoing }, world));
  });
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
