// Prints plans and runs in the format asked for: the document on stdout, warnings on stderr.
import type { Run } from "../model/outcome.ts";
import type { Plan, PlanResult } from "../model/plan.ts";
import { jsonDocument } from "../report/json.ts";
import { planText, runText, warningsText } from "../report/text.ts";
import type { Terminal } from "./terminal.ts";

export type OutputFormat = "text" | "json" | "markdown";

/** A plan, and what stands in the way of it where that is known. */
export interface Shown {
  readonly plan: Plan;
  readonly differences?: PlanResult["differences"];
}

/** Prints a plan; in text, its warnings go to stderr. */
export async function printPlan(io: Terminal, { plan, differences }: Shown, format: OutputFormat): Promise<void> {
  switch (format) {
    case "json":
      io.print(jsonDocument(plan));
      return;
    case "markdown": {
      const { planMarkdown } = await import("../report/markdown.ts");
      io.print(planMarkdown(plan, differences));
      return;
    }
    case "text":
      sayWarnings(io, plan);
      io.print(
        planText(plan, { paint: io.stdout.paint, verbose: io.options.verbose, ...(differences && { differences }) }),
      );
  }
}

/** Says a plan on stderr, its warnings first: what is asked about. */
export function sayPlan(io: Terminal, { plan, differences }: Shown): void {
  sayWarnings(io, plan);
  const { paint } = io.stderr;
  io.say(planText(plan, { paint, verbose: io.options.verbose, ...(differences && { differences }) }));
}

/** Says the warnings of a plan on stderr. */
export function sayWarnings(io: Terminal, plan: Plan): void {
  const options = { paint: io.stderr.paint, verbose: io.options.verbose };
  if (plan.warnings.length > 0) io.say(warningsText(plan, options));
}

/** Prints what became of a run. */
export async function printRun(io: Terminal, run: Run, format: OutputFormat): Promise<void> {
  switch (format) {
    case "json":
      io.print(jsonDocument(run));
      return;
    case "markdown": {
      const { runMarkdown } = await import("../report/markdown.ts");
      io.print(runMarkdown(run));
      return;
    }
    case "text":
      io.print(runText(run, { paint: io.stdout.paint, verbose: io.options.verbose }));
  }
}
