// `claude-agent create`, `attach` and `kill`: one agent's session started, entered and ended.
import { knownAgent } from "../../app/session/lookup.ts";
import { agentOrOrphan } from "../../app/session/orphans.ts";
import { startAgent } from "../../app/session/start.ts";
import { stopAgents } from "../../app/session/stop.ts";
import { convergeHere } from "../../cli/converge.ts";
import { enterSession } from "../../cli/enter-session.ts";
import { EXIT, type ExitCode } from "../../cli/exit-codes.ts";
import type { Opened } from "../../cli/opened.ts";
import { UsageError } from "../../model/errors.ts";
import { visibleLine } from "../../report/redact.ts";
import { failureText } from "../../report/text.ts";
import { LOCK_WAIT } from "./lock-wait.ts";
import { presentSessions, viewOf } from "./session-view.ts";

export async function create(project: Opened, name = ""): Promise<ExitCode> {
  const { io } = project;
  const agent = knownAgent(project, name);
  const before = await viewOf(project, agent);
  if (before?.session && before.state === "Running" && !project.store.holds[agent]) {
    io.print(`Session ${String(before.session["name"])} is already running`);
    return EXIT.done;
  }
  const flags = { lockTimeout: LOCK_WAIT, force: false };
  const { drift, failed } = await startAgent({ project, agent, flags }, (job) => convergeHere(io, job));
  if (drift.length > 0) {
    io.complain(`Error: drift detected for ${agent}: its files are not what the registry says`);
    for (const line of drift) io.complain(`  ${visibleLine(line)}`);
    io.complain(`Repair it with: claude-agent generate ${agent}`);
    return EXIT.blocked;
  }
  if (failed) {
    io.complain(`Error: the session of ${agent} did not start: ${failureText(failed.failure)}`);
    return EXIT.error;
  }
  return tellCreated(project, agent);
}

async function tellCreated(project: Opened, agent: string): Promise<ExitCode> {
  const { io } = project;
  const after = await viewOf(project, agent);
  const { state, why } = after ?? { state: "Not Running", why: "" };
  if (state === "Running") {
    io.print(`Created session ${String(after?.session?.["name"])}`);
    return EXIT.done;
  }
  const reason = why === "" ? "" : `: ${why}`;
  if (state === "Unknown") {
    io.complain(`Error: nothing is known of the session of ${agent}, so none was started${reason}`);
    return EXIT.blocked;
  }
  io.complain(`Error: the session of ${agent} is not running${reason}`);
  return EXIT.error;
}

export async function attach(project: Opened, name = ""): Promise<ExitCode> {
  const named = await agentOrOrphan(project, name);
  if (!project.io.mayAttach)
    throw new UsageError("attach needs a terminal", `in a terminal: claude-agent attach ${named.agent}`);
  return enterSession(project, named);
}

/** Who types kill means it: busy and attached sessions end as well, as they did in the original. */
export async function kill(
  project: Opened,
  name: string | undefined,
  { all }: { readonly all: boolean },
): Promise<ExitCode> {
  if (all === (name !== undefined)) throw new UsageError("kill takes the name of an agent, or --all");
  const declared = new Set(project.fleet.agents.map((agent) => agent.name));
  const names = all
    ? (await presentSessions(project)).map(({ agent }) => ({ agent, orphan: !declared.has(agent) }))
    : [await agentOrOrphan(project, name ?? "")];
  const results = await stopAgents({ project, names, force: true, reason: "killed by hand", timeout: LOCK_WAIT });
  for (const { agent, result, message } of results) {
    if (result === "stopped") project.io.print(`Killed session ${project.fleet.session.prefix}${agent}`);
    else if (result === "not-running") project.io.complain(`${agent} is not running`);
    else project.io.complain(`Error: ${agent} was not killed: ${visibleLine(message ?? result)}`);
  }
  if (all) project.io.print(`Killed: ${results.filter((one) => one.result === "stopped").length}`);
  const failed = results.some((one) => one.result !== "stopped" && one.result !== "not-running");
  if (failed) return EXIT.error;
  return !all && results[0]?.result === "not-running" ? EXIT.error : EXIT.done;
}
