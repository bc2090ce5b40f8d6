// `rollcall attach`: gets a person into an agent's session. Starts one that is started on demand.

import { liveOf, planForAgents, sessionOf } from "../../app/session/lookup.ts";
import { agentOrOrphan, type NamedAgent } from "../../app/session/orphans.ts";
import { interact } from "../../host/process/interact.ts";
import { UsageError } from "../../model/errors.ts";
import { failureText } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Opened } from "../opened.ts";
import { refusal, type Started, startAgent } from "./start.ts";

/** Seconds to wait for a run that is going on: the person sits there. */
const LOCK_WAIT = 30;

/** Exit code of tmux, or an error when there is nothing to attach to. */
export async function attachCommand({ io, args: [name = ""] }: CommandContext<object>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: true }, async (project) => {
    const named = await agentOrOrphan(project, name);
    if (!io.mayAttach) throw new UsageError("attach needs a terminal", `in a terminal: rollcall attach ${named.agent}`);
    return attachTo(project, named);
  });
}

/** Hands the terminal over until the person detaches. A session that is started on demand is started first. */
export async function attachTo(project: Opened, named: NamedAgent): Promise<ExitCode> {
  const { agent } = named;
  const { drift, failed } = await startOnDemand(project, agent);
  if (drift.length > 0) {
    project.io.complain(refusal(agent, drift));
    return EXIT.blocked;
  }
  if (failed) {
    project.io.complain(`${agent} did not start: ${failureText(failed.failure)}`);
    return failed.code;
  }
  const { kind, have } = await sessionOf(project, named);
  const entrance = kind.capabilities.attachable?.attach(have, project.fleet, project.reader);
  if (!entrance) throw new Error(`${kind.name} has no way in`);
  return (await interact(entrance)) === 0 ? EXIT.done : EXIT.error;
}

/** Starts what waits for somebody to come. An agent that is held stays as it is. */
async function startOnDemand(project: Opened, agent: string): Promise<Started> {
  const rule = project.fleet.agents.find(({ name }) => name === agent)?.session.start;
  if (rule !== "on-demand" || project.store.holds[agent]) return { drift: [] };
  const live = liveOf(project, await planForAgents(project, [agent]), agent);
  if (live.some(({ have }) => have?.exists || have?.unknown !== undefined)) return { drift: [] };
  return startAgent(project, agent, { lockTimeout: LOCK_WAIT, force: false });
}
