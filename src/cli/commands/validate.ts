// `rollcall validate`: the spec is read, checked and rendered; nothing is looked at and nothing is written.

import { validationOf } from "../../app/validate.ts";
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
  const valid = validationOf(await openHere(io, { mayUseCache: false }));
  if (options.output === "json") {
    io.print(jsonDocument(valid));
    return EXIT.done;
  }
  const { fleet, agents, resources, diagnostics } = valid;
  if (diagnostics.length > 0) io.say(diagnosticsText(diagnostics, io.stderr.paint));
  const warnings = diagnostics.length > 0 ? `, ${diagnostics.length} warnings` : "";
  io.print(`${fleet} is valid: ${agents} agents, ${resources} resources${warnings}`);
  return EXIT.done;
}
