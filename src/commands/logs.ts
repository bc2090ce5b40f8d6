// `rollcall logs AGENT`: what an agent's session shows and showed, also after its process has ended.
import { RollcallError } from "../model/errors.ts";
import { visible } from "../report/redact.ts";
import type { Call } from "./call.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { knownAgent, sessionOf } from "./one-agent.ts";
import { openProject } from "./project.ts";

/** Prints the last lines, oldest first; empty ones below the last word are left out. */
export async function logsCommand({
  io,
  options,
  args: [name = ""],
}: Call<{ readonly lines: number }>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: true });
  const agent = knownAgent(project, name);
  const { kind, have } = await sessionOf(project, agent);
  const text = await kind.screen?.(have, options.lines, project.fleet, project.reader);
  if (text === null || text === undefined)
    throw new RollcallError("E353", `the session of ${agent} cannot be read`, { hint: "rollcall status tells more" });
  const shown = text.trimEnd().split("\n").slice(-options.lines).join("\n");
  if (options.lines > 0 && shown !== "") io.print(visible(shown));
  return EXIT.done;
}
