// `rollcall logs AGENT`: what an agent's session shows and showed, also after its process has ended.

import { screenOf } from "../../app/session/attach.ts";
import { agentOrOrphan } from "../../app/session/orphans.ts";
import { visible } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Prints the last lines, oldest first; empty ones below the last word are left out. */
export async function logsCommand({
  io,
  options: { lines },
  args: [name = ""],
}: CommandContext<{ readonly lines: number }>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: true }, async (project) => {
    const text = await screenOf(project, await agentOrOrphan(project, name), lines);
    io.print(lines > 0 ? visible(text.trimEnd().split("\n").slice(-lines).join("\n")) : "");
    return EXIT.done;
  });
}
