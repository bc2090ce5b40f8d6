// `rollcall reconcile`: one unattended pass for cron and CI. Never asks; corrective and intended are counted apart.

import { type ConvergeFlags, hasWork, planRequest, refuseOutside, runWithoutWork } from "../../app/run/converge.ts";
import { planReconnected } from "../../app/session/reconnect.ts";
import { SpecError } from "../../model/errors.ts";
import { warningsText } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { convergeHere } from "../converge.ts";
import { type ExitCode, runExit } from "../exit-codes.ts";
import { openHere } from "../opened.ts";
import { type OutputFormat, printRun } from "../print.ts";
import type { Terminal } from "../terminal.ts";

type ReconcileOptions = ConvergeFlags & { readonly output: OutputFormat };

/** Exit codes as apply. With errors in the spec it heals what it can and exits 1. */
export async function reconcileCommand({ io, options }: CommandContext<ReconcileOptions>): Promise<ExitCode> {
  try {
    return await reconcile(io, options);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { healDespiteSpec } = await import("../heal.ts");
    return healDespiteSpec(io, options, error);
  }
}

async function reconcile(io: Terminal, options: ReconcileOptions): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  refuseOutside(project, options);
  const request = planRequest(project, { ...options, unattended: true }, []);
  const planned = await planReconnected(project, request, { command: "reconcile", timeout: options.lockTimeout });
  if (planned.plan.warnings.length > 0) io.say(warningsText(planned.plan, { paint: io.stderr.paint, verbose: false }));
  const keepsSpec = options.portable !== true;
  if (!hasWork(planned, project, keepsSpec) && options.maxWait === 0) {
    const run = runWithoutWork(planned);
    await printRun(io, run, options.output);
    return runExit(run, { blind: planned.unknown.length > 0, overdue: false });
  }
  const { run, code } = await convergeHere(io, { project, request, flags: options, command: "reconcile", keepsSpec });
  await printRun(io, run, options.output);
  return code;
}
