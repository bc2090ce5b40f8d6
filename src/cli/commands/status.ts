// `rollcall status`: every agent on two axes, sync and health, from one look.
import type { ScopeFlags } from "../../app/request.ts";
import { statusOf } from "../../app/status.ts";
import { jsonDocument } from "../../report/json.ts";
import { statusText } from "../../report/status.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Exit 0: it reports, it does not judge. */
export async function statusCommand({
  io,
  options,
  args,
}: CommandContext<ScopeFlags & { readonly output: "text" | "json" }>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: true }, async (project) => {
    const status = await statusOf(project, args, options);
    if (options.output === "json") io.print(jsonDocument(status));
    else io.print(statusText(status, io.stdout.paint));
    return EXIT.done;
  });
}
