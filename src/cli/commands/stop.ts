// `rollcall stop`: ends one agent's session by hand, and holds the agent.

import { agentOrOrphan } from "../../app/session/orphans.ts";
import { stopAgents } from "../../app/session/stop.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Opened } from "../opened.ts";

interface StopOptions {
  readonly lockTimeout: number;
  readonly force: boolean;
  readonly reason?: string;
}

/** Ends the session's process tree and holds the agent. */
export async function stopCommand({ io, options, args: [name = ""] }: CommandContext<StopOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, (project) => stop(project, name, options));
}

async function stop(project: Opened, name: string, options: StopOptions): Promise<ExitCode> {
  const { io } = project;
  const named = await agentOrOrphan(project, name);
  const { agent } = named;
  const { force, reason = "stopped by hand", lockTimeout: timeout } = options;
  const [stopped] = await stopAgents({ project, names: [named], force, reason, timeout });
  switch (stopped?.result) {
    case "stopped":
    case "not-running": {
      const state = stopped.result === "stopped" ? "stopped" : "not running";
      if (named.orphan && !project.specErrors)
        io.print(`${agent} is ${state}; it is not in the registry, so nothing starts it again`);
      else io.print(`${agent} is ${state} and held: it stays so until rollcall start ${agent}`);
      return EXIT.done;
    }
    case "busy":
      io.complain(`${agent} was not stopped: ${stopped.message}`);
      return EXIT.different;
    case "not-ours":
    case "unreachable":
      io.complain(`${agent} was not stopped: ${stopped.message}`);
      return EXIT.blocked;
    case "failed":
    case undefined:
      io.complain(`${agent} could not be stopped: ${stopped?.message ?? "nothing was heard of it"}`);
      return EXIT.error;
  }
}
