// `rollcall list`: the sessions of the fleet that are there, one per line.
import { FORMAT_VERSION } from "../model/plan.ts";
import { jsonDocument } from "../report/json.ts";
import type { Call } from "./call.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { unseen, unseenError } from "./one-agent.ts";
import { openProject } from "./project.ts";
import { lookForStatus } from "./status.ts";

/** Name, agent and health of each session; `filter` is part of a name. Throws E711 when they cannot be seen. */
export async function listCommand({
  io,
  options,
  args: [filter = ""],
}: Call<{ readonly output: "text" | "json" }>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: true });
  const { status, planned } = await lookForStatus(project, [], {});
  const notSeen = unseen(planned.judged);
  const sessions = status.agents.filter((one) => one.session !== null && one.agent.includes(filter));
  if (notSeen && (sessions.length === 0 || options.output === "json")) throw unseenError(notSeen);
  if (options.output === "json") {
    io.print(
      jsonDocument({
        kind: "list",
        formatVersion: FORMAT_VERSION,
        socket: status.socket,
        sessions: sessions.map(({ agent, health, session }) => ({ agent, health, session })),
      }),
    );
    return EXIT.done;
  }
  const width = Math.max(0, ...sessions.map((one) => String(one.session?.["name"]).length));
  io.print(
    sessions.length === 0
      ? "No sessions."
      : sessions.map((one) => `${String(one.session?.["name"]).padEnd(width)}  ${one.agent}  ${one.health}`).join("\n"),
  );
  // The list is short of those: an exit code of 0 would call it whole.
  if (notSeen) throw unseenError(notSeen);
  return EXIT.done;
}
