// `claude-agent list` and `status`: the sessions that are there, and one agent or all of them in a few lines.
import { agentOrOrphan } from "../../app/session/orphans.ts";
import { EXIT, type ExitCode } from "../../cli/exit-codes.ts";
import type { Opened } from "../../cli/opened.ts";
import { attachment, presentSessions, sessionViews } from "./session-view.ts";

export async function list(project: Opened, filter = ""): Promise<ExitCode> {
  const views = (await presentSessions(project)).filter((one) => one.agent.includes(filter));
  const lines = views.map(
    (one) => `${String(one.session?.["name"])}  ${attachment(one)}${one.isOrphan ? "  (not in the registry)" : ""}`,
  );
  project.io.print(lines.length > 0 ? lines.join("\n") : "No sessions");
  return EXIT.done;
}

export async function status(project: Opened, name: string | undefined): Promise<ExitCode> {
  const agents = name === undefined ? [] : [(await agentOrOrphan(project, name)).agent];
  const blocks = (await sessionViews(project, agents)).map((one) => {
    const lines = [
      `Agent: ${one.agent}`,
      `Session: ${String(one.session?.["name"] ?? `${project.fleet.session.prefix}${one.agent}`)}`,
      `Status: ${one.state}`,
    ];
    if (one.state === "Running") lines.push(`State: ${attachment(one)}`, `Health: ${one.health}`);
    if (one.why !== "") lines.push(`Note: ${one.why}`);
    return lines.join("\n");
  });
  project.io.print(blocks.join("\n\n"));
  return EXIT.done;
}
