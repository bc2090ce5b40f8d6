// `rollcall plan`: looks, says what would be done and why, writes nothing (but the file --out names).

import { openProject } from "../../app/project.ts";
import { type AllowanceFlags, allowanceOf, requestedScope, type ScopeFlags } from "../../app/request.ts";
import { plan } from "../../reconcile.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode, planExit } from "../exit-codes.ts";
import { type OutputFormat, printPlan } from "../print.ts";

interface PlanOptions extends ScopeFlags, AllowanceFlags {
  readonly output: OutputFormat;
  readonly out?: string;
  readonly detailedExitcode: boolean;
}

/** Previews. Exit 0 whenever it could plan; with --detailed-exitcode 2 or 3 for what there is to do or in the way. */
export async function planCommand({ io, options, args }: CommandContext<PlanOptions>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: true });
  const scope = requestedScope(project, args, options);
  const { fleet, kinds, reader } = project;
  const allowed = allowanceOf(options);
  const wholeBasis = options.out !== undefined;
  const kept = project.compiled.desired;
  const planned = await plan({ fleet, kinds, scope, allowed, records: project.records(), wholeBasis, kept }, reader);
  if (options.out !== undefined) {
    const { savePlan } = await import("../../app/run/saved-plan.ts");
    savePlan(project, { plan: planned.plan, file: options.out, agents: args, flags: options });
    io.say(`saved to ${options.out}; apply it with: rollcall apply ${options.out}`);
  }
  await printPlan(io, planned, options.output);
  return options.detailedExitcode ? planExit(planned.plan) : EXIT.done;
}
