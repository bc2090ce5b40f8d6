// Prints plans and runs in the format asked for: the document on stdout, warnings on stderr.
import type { Run } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import { jsonDocument } from "../report/json.ts";
import { planText, runText, warningsText } from "../report/text.ts";
import type { Io } from "./io.ts";

export type OutputFormat = "text" | "json" | "markdown";

/** Prints a plan; in text, its warnings go to stderr. */
export async function printPlan(io: Io, plan: Plan, format: OutputFormat): Promise<void> {
  switch (format) {
    case "json":
      io.print(jsonDocument(plan));
      return;
    case "markdown": {
      const { planMarkdown } = await import("../report/markdown.ts");
      io.print(planMarkdown(plan));
      return;
    }
    case "text":
      if (plan.warnings.length > 0) io.say(warningsText(plan, { paint: io.stderr.paint, verbose: io.options.verbose }));
      io.print(planText(plan, { paint: io.stdout.paint, verbose: io.options.verbose }));
  }
}

/** Prints what became of a run. */
export async function printRun(io: Io, run: Run, format: OutputFormat): Promise<void> {
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
