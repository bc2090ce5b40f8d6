// `rollcall reconcile`: one unattended pass for cron and CI. Never asks; corrective and intended are counted apart.
import { plan } from "../reconcile.ts";
import { warningsText } from "../report/text.ts";
import type { Call } from "./call.ts";
import {
  type ConvergeFlags,
  convergeUnderLock,
  hasWork,
  planRequest,
  refuseOutside,
  runWithoutWork,
} from "./converging.ts";
import { type ExitCode, runExit } from "./exit.ts";
import { openProject } from "./project.ts";
import { type OutputFormat, printRun } from "./show-plan.ts";

/** Exit codes as apply. */
export async function reconcileCommand({
  io,
  options,
}: Call<ConvergeFlags & { readonly output: OutputFormat }>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: false });
  refuseOutside(project, options);
  const request = planRequest(project, { ...options, unattended: true }, []);
  const planned = await plan(request, project.reader);
  if (planned.plan.warnings.length > 0) io.say(warningsText(planned.plan, { paint: io.stderr.paint, verbose: false }));
  if (!hasWork(planned, project) && options.maxWait === 0) {
    const run = runWithoutWork(planned);
    await printRun(io, run, options.output);
    return runExit(run, { blind: planned.unknown.length > 0, overdue: false });
  }
  const { run, code } = await convergeUnderLock({ project, request, flags: options, command: "reconcile" });
  await printRun(io, run, options.output);
  return code;
}
