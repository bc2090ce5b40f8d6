// `rollcall start`: one agent's session by hand; its hold ends.

import { knownAgent } from "../../app/session/lookup.ts";
import { lookAfterStart, type StartFlags, startAgent } from "../../app/session/start.ts";
import { visibleLine } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { convergeHere } from "../converge.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { notStarted } from "../not-started.ts";
import { type Opened, openHere } from "../opened.ts";

/** Starts the session also where `start` is on-demand or never. Refuses while the agent's files are not in sync. */
export async function startCommand({ io, options, args: [name = ""] }: CommandContext<StartFlags>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const agent = knownAgent(project, name);
  const started = await startAgent({ project, agent, flags: options }, (job) => convergeHere(io, job));
  return notStarted(io, agent, started) ?? tellSession(project, agent);
}

async function tellSession(project: Opened, agent: string): Promise<ExitCode> {
  const { io } = project;
  const seen = await lookAfterStart(project, agent);
  switch (seen.state) {
    case "running":
      io.print(`${agent} is running; rollcall attach ${agent} gets you in`);
      return EXIT.done;
    case "unreachable":
      io.complain(`${agent} was not started: ${visibleLine(seen.reason)} (${visibleLine(seen.hint)})`);
      return EXIT.blocked;
    case "blocked":
      io.complain(`${agent} is not running: ${visibleLine(seen.reason)} (${seen.hint})`);
      return EXIT.blocked;
    case "not-running":
      io.complain(`${agent} is not running: ${visibleLine(seen.reason)}`);
      return EXIT.different;
  }
}
