// `rollcall list`: the sessions of the fleet that are there, one per line.

import { unseen, unseenError } from "../../app/session/lookup.ts";
import { planForStatus } from "../../app/status.ts";
import { specPart } from "../../app/without-spec.ts";
import { FORMAT_VERSION } from "../../model/plan.ts";
import { jsonDocument } from "../../report/json.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Opened } from "../opened.ts";

/** Name, agent and health of each session, also of those that no agent of the registry wants; `filter` is part of a name. Throws E711 when they cannot be seen. */
export async function listCommand({
  io,
  options,
  args: [filter = ""],
}: CommandContext<{ readonly output: "text" | "json" }>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: true }, (project) => listSessions(project, filter, options.output));
}

async function listSessions(project: Opened, filter: string, output: "text" | "json"): Promise<ExitCode> {
  const { io } = project;
  const { status, planned } = await planForStatus(project, [], {});
  const notSeen = unseen(planned.judged);
  const sessions = status.agents.filter((one) => one.session !== null && one.agent.includes(filter));
  if (notSeen && (sessions.length === 0 || output === "json")) throw unseenError(notSeen);
  if (output === "json") {
    io.print(
      jsonDocument({
        kind: "list",
        formatVersion: FORMAT_VERSION,
        socket: status.socket,
        sessions: sessions.map(({ agent, sync, health, session }) => ({ agent, sync, health, session })),
        ...specPart(project),
      }),
    );
    return EXIT.done;
  }
  const width = Math.max(0, ...sessions.map((one) => String(one.session?.["name"]).length));
  const lines = sessions.map(({ agent, sync, health, session }) => {
    const line = `${String(session?.["name"]).padEnd(width)}  ${agent}  ${health}`;
    return sync === "orphan" ? `${line}  orphan` : line;
  });
  io.print(lines.length === 0 ? "No sessions." : lines.join("\n"));
  // The list is short of those: an exit code of 0 would call it whole.
  if (notSeen) throw unseenError(notSeen);
  return EXIT.done;
}
