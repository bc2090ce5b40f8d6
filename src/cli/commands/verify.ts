// `rollcall verify`: one line per difference, for cron and CI; compiles the spec anew, writes nothing.

import { proving } from "../../app/probe-world.ts";
import type { Project } from "../../app/project.ts";
import { NOTHING_ALLOWED, requestedScope, type ScopeFlags } from "../../app/request.ts";
import type { Plan } from "../../model/plan.ts";
import { plan } from "../../reconcile.ts";
import { jsonDocument } from "../../report/json.ts";
import { visibleLine } from "../../report/redact.ts";
import { warningsText } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode, planExit } from "../exit-codes.ts";
import { openHere } from "../opened.ts";

interface VerifyOptions extends ScopeFlags {
  readonly output: "text" | "json";
  readonly probe: boolean;
}

/** Exit 0 in sync, 2 different or deferred, 3 blocked. */
export async function verifyCommand({ io, options, args }: CommandContext<VerifyOptions>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const scope = requestedScope(project, args, options);
  const { fleet, kinds, reader } = project;
  const planned = await plan(
    { fleet, kinds, scope, allowed: NOTHING_ALLOWED, records: project.records(), wholeBasis: false },
    reader,
  );
  const failures = options.probe ? await probe(project, planned.judged) : [];
  if (options.output === "json") io.print(jsonDocument(planned.plan));
  else {
    if (planned.plan.warnings.length > 0)
      io.say(warningsText(planned.plan, { paint: io.stderr.paint, verbose: io.options.verbose }));
    io.print([...differenceLines(planned.plan), ...failures].join("\n"));
  }
  if (options.output === "json") for (const line of failures) io.complain(line);
  const code = planExit(planned.plan);
  return failures.length > 0 && code === EXIT.done ? EXIT.different : code;
}

/** `config/x/.claude/CLAUDE.md tampered: …`: one difference, one line, sorted by address. */
export function differenceLines(plan: Plan): string[] {
  const lines = [
    ...plan.actions.map((one) => `${one.address} ${one.verdict}: ${one.reason}`),
    ...plan.deferred.map((one) => `${one.address} deferred: ${one.reason}`),
    ...plan.blocked.map((one) => `${one.address} blocked, ${one.verdict}: ${one.reason} (${one.hint})`),
  ];
  return lines.sort().map(visibleLine);
}

type Differences = Awaited<ReturnType<typeof plan>>["judged"];

async function probe(project: Project, judged: Differences): Promise<string[]> {
  const failures: string[] = [];
  const world = proving(project);
  for (const kind of project.kinds) {
    const { provable } = kind.capabilities;
    if (!provable) continue;
    const wants = judged.flatMap((one) =>
      one.kind === kind.name && one.want && one.verdict === "in-sync" ? [one.want] : [],
    );
    await provable.prove(wants, project.fleet, world, (settled) => {
      if (settled.result === "failed")
        failures.push(`${settled.address} does not bite: ${visibleLine(settled.error.message)}`);
    });
  }
  return failures.sort();
}
