// `rollcall verify`: one line per difference, for cron and CI; compiles the spec anew, writes nothing.

import type { ScopeFlags } from "../../app/request.ts";
import { probe, verify } from "../../app/verify.ts";
import type { Plan } from "../../model/plan.ts";
import { jsonDocument } from "../../report/json.ts";
import { visibleLine } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode, planExit } from "../exit-codes.ts";
import { openHere } from "../opened.ts";
import { sayWarnings } from "../print.ts";

interface VerifyOptions extends ScopeFlags {
  readonly output: "text" | "json";
  readonly probe: boolean;
}

/** Exit 0 in sync, 2 different or deferred, 3 blocked. */
export async function verifyCommand({ io, options, args }: CommandContext<VerifyOptions>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const planned = await verify(project, args, options);
  const failures = (options.probe ? await probe(project, planned) : [])
    .map(({ address, message }) => `${address} does not bite: ${visibleLine(message)}`)
    .sort();
  if (options.output === "json") {
    io.print(jsonDocument(planned.plan));
    for (const line of failures) io.complain(line);
  } else {
    sayWarnings(io, planned.plan);
    io.print([...differenceLines(planned.plan), ...failures].join("\n"));
  }
  const code = planExit(planned.plan);
  return failures.length > 0 && code === EXIT.done ? EXIT.different : code;
}

/** `config/x/.claude/CLAUDE.md tampered: …`: one difference, one line, sorted by address. */
function differenceLines(plan: Plan): string[] {
  const lines = [
    ...plan.actions.map((one) => `${one.address} ${one.verdict}: ${one.reason}`),
    ...plan.deferred.map((one) => `${one.address} deferred: ${one.reason}`),
    ...plan.blocked.map((one) => `${one.address} blocked, ${one.verdict}: ${one.reason} (${one.hint})`),
  ];
  return lines.sort().map(visibleLine);
}
