// `rollcall attach`: gets a person into an agent's session. Starts one that is started on demand.
import { interact } from "../host/interact.ts";
import { RollcallError, UsageError } from "../model/errors.ts";
import type { Call } from "./call.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { knownAgent, liveOf, lookAt } from "./one-agent.ts";
import { openProject, type Project } from "./project.ts";

/** Exit code of tmux, or an error when there is nothing to attach to. */
export async function attachCommand({ io, args: [name = ""] }: Call<object>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: true });
  const agent = knownAgent(project, name);
  if (!io.mayAttach) throw new UsageError("attach needs a terminal", `in a terminal: rollcall attach ${agent}`);
  return attachTo(project, agent);
}

/** Hands the terminal over until the person detaches. */
export async function attachTo(project: Project, agent: string): Promise<ExitCode> {
  const planned = await lookAt(project, [agent], { despiteHold: true });
  for (const one of liveOf(project, planned, agent)) {
    const kind = project.kinds.find((candidate) => candidate.name === one.kind);
    const entrance = one.have?.exists ? kind?.enter?.(one.have, project.fleet, project.reader) : null;
    if (!entrance) continue;
    return (await interact(entrance)) === 0 ? EXIT.done : EXIT.error;
  }
  throw new RollcallError("E351", `${agent} has no session of ours to attach to`, { hint: `rollcall start ${agent}` });
}
