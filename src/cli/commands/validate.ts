// `rollcall validate`: the spec is read, checked and rendered; nothing is looked at and nothing is written.

import { desire } from "../../engine/desire.ts";
import { scopeOf } from "../../engine/scope.ts";
import { isError } from "../../model/diagnostic.ts";
import { SpecError } from "../../model/errors.ts";
import { FORMAT_VERSION } from "../../model/plan.ts";
import { diagnosticsText } from "../../report/diagnostics.ts";
import { jsonDocument } from "../../report/json.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openHere } from "../opened.ts";

/** Exit 0 when the spec is valid (warnings are told), 1 with every error at once otherwise. */
export async function validateCommand({
  io,
  options,
}: CommandContext<{ readonly output: "text" | "json" }>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const { fleet, kinds } = project;
  const scope = scopeOf({ agents: [], filesOnly: false, portable: false });
  const { diagnostics, resources } = desire(fleet, kinds, scope);
  const all = [...fleet.warnings, ...diagnostics];
  if (all.some(isError)) throw new SpecError(all);
  if (options.output === "json") {
    io.print(
      jsonDocument({
        kind: "validation",
        formatVersion: FORMAT_VERSION,
        fleet: fleet.name,
        agents: fleet.agents.length,
        resources: resources.size,
        diagnostics: all,
      }),
    );
    return EXIT.done;
  }
  if (all.length > 0) io.say(diagnosticsText(all, io.stderr.paint));
  io.print(
    `${fleet.name} is valid: ${fleet.agents.length} agents, ${resources.size} resources${all.length > 0 ? `, ${all.length} warnings` : ""}`,
  );
  return EXIT.done;
}
