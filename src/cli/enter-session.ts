// Handing this terminal over to an agent's session, which is started before where it is started on demand.
import { entranceTo } from "../app/session/attach.ts";
import type { NamedAgent } from "../app/session/orphans.ts";
import { startOnDemand } from "../app/session/start.ts";
import { interact } from "../host/process/interact.ts";
import { convergeHere } from "./converge.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { notStarted } from "./not-started.ts";
import type { Opened } from "./opened.ts";

/** Hands the terminal over until the person detaches. */
export async function enterSession(project: Opened, named: NamedAgent): Promise<ExitCode> {
  const { io } = project;
  const started = await startOnDemand(project, named.agent, (job) => convergeHere(io, job));
  const refusal = notStarted(io, named.agent, started);
  if (refusal !== null) return refusal;
  return (await interact(await entranceTo(project, named))) === 0 ? EXIT.done : EXIT.error;
}
