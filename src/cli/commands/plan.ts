// `rollcall plan`: looks, says what would be done and why, writes nothing (but the file --out names).

import { preview } from "../../app/preview.ts";
import type { AllowanceFlags, ScopeFlags } from "../../app/request.ts";
import { jsonDocument } from "../../report/json.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode, planExit } from "../exit-codes.ts";
import { writeFile } from "../file-arguments.ts";
import { openHere } from "../opened.ts";
import { type OutputFormat, printPlan } from "../print.ts";

interface PlanOptions extends ScopeFlags, AllowanceFlags {
  readonly output: OutputFormat;
  readonly out?: string;
  readonly detailedExitcode: boolean;
}

/** Previews. Exit 0 whenever it could plan; with --detailed-exitcode 2 or 3 for what there is to do or in the way. */
export async function planCommand({ io, options, args }: CommandContext<PlanOptions>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: true });
  const planned = await preview(project, args, { ...options, wholeBasis: options.out !== undefined });
  if (options.out !== undefined) {
    const { savedPlanOf } = await import("../../app/run/saved-plan.ts");
    const saved = savedPlanOf({ plan: planned.plan, agents: args, flags: options });
    writeFile(project, options.out, jsonDocument(saved));
    io.say(`saved to ${options.out}; apply it with: rollcall apply ${options.out}`);
  }
  await printPlan(io, planned, options.output);
  return options.detailedExitcode ? planExit(planned.plan) : EXIT.done;
}
