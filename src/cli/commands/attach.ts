// `rollcall attach`: gets a person into an agent's session. Starts one that is started on demand.

import { agentOrOrphan } from "../../app/session/orphans.ts";
import { UsageError } from "../../model/errors.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { enterSession } from "../enter-session.ts";
import type { ExitCode } from "../exit-codes.ts";

/** Exit code of tmux, or an error when there is nothing to attach to. */
export async function attachCommand({ io, args: [name = ""] }: CommandContext<object>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: true }, async (project) => {
    const named = await agentOrOrphan(project, name);
    if (!io.mayAttach) throw new UsageError("attach needs a terminal", `in a terminal: rollcall attach ${named.agent}`);
    return enterSession(project, named);
  });
}
