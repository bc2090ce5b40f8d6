// `rollcall logs AGENT`: what an agent's session shows and showed, also after its process has ended.

import type { Project } from "../../app/project.ts";
import { sessionOf } from "../../app/session/lookup.ts";
import { agentOrOrphan, type NamedAgent } from "../../app/session/orphans.ts";
import { RollcallError } from "../../model/errors.ts";
import { visible } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Prints the last lines, oldest first; empty ones below the last word are left out. */
export async function logsCommand({
  io,
  options,
  args: [name = ""],
}: CommandContext<{ readonly lines: number }>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: true }, async (project) => {
    const named = await agentOrOrphan(project, name);
    io.print(await screenOf(project, named, options.lines));
    return EXIT.done;
  });
}

async function screenOf(project: Project, named: NamedAgent, lines: number): Promise<string> {
  const { kind, have } = await sessionOf(project, named);
  const text = await kind.capabilities.attachable?.screen(have, lines, project.fleet, project.reader);
  if (text === null || text === undefined)
    throw new RollcallError("E353", `the session of ${named.agent} cannot be read`, {
      hint: "rollcall status tells more",
    });
  return lines > 0 ? visible(text.trimEnd().split("\n").slice(-lines).join("\n")) : "";
}
