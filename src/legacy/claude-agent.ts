// The verbs of the original's scripts: create, list, attach, kill, status, generate.

import { Command } from "commander";
import type { Project } from "../app/project.ts";
import { planRequest } from "../app/run/converge.ts";
import { knownAgent, outOfSyncFiles, planForAgents, unseen, unseenError } from "../app/session/lookup.ts";
import { agentOrOrphan } from "../app/session/orphans.ts";
import { stopAgents } from "../app/session/stop.ts";
import { planForStatus } from "../app/status.ts";
import { attachTo } from "../cli/commands/attach.ts";
import { startAgent } from "../cli/commands/start.ts";
import { convergeHere } from "../cli/converge.ts";
import { despiteSpec } from "../cli/despite-spec.ts";
import { EXIT, type ExitCode } from "../cli/exit-codes.ts";
import { type Opened, openHere } from "../cli/opened.ts";
import { currentFolder, processTerminal, type Terminal } from "../cli/terminal.ts";
import { UsageError } from "../model/errors.ts";
import type { Hold } from "../model/resource.ts";
import type { Planned } from "../reconcile.ts";
import { visibleLine } from "../report/redact.ts";
import { failureText } from "../report/text.ts";

/** The verbs that also work while the spec has errors, from what is recorded. */
const WITHOUT_SPEC: ReadonlySet<string> = new Set(["list", "attach", "kill", "status"]);

type Verb<Options> = (project: Opened, name: string | undefined, options: Options) => Promise<ExitCode>;

/** The agents of the original's first three configurations, where no agent has the label `pilot`. */
const ORIGINAL_PILOT = ["planning-agent", "researcher-agent", "backend-agent"];
/** Seconds to wait for a run that is going on: the verbs are short, and people wait for them. */
const LOCK_WAIT = 30;

/** The program `claude-agent`. `finish` is told the exit code. */
export function claudeAgentProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("claude-agent")
    .description("Generates agents' configurations and keeps their sessions: the original's verbs over Rollcall.")
    .option("--chdir <dir>", "work as if started in this folder")
    .option("--config <file>", "use this rollcall.config.yaml")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const verb = <Options>(name: string, summary: string, act: Verb<Options>) =>
    program
      .command(name)
      .description(summary)
      .action(async (...received: unknown[]) => {
        const command = received.at(-1) as Command;
        const io = await ioFor(command);
        const work = (project: Opened) => act(project, command.args[0], command.opts<Options & object>());
        const opening = { mayUseCache: false };
        finish(WITHOUT_SPEC.has(name) ? await despiteSpec(io, opening, work) : await work(await openHere(io, opening)));
      });
  verb("create", "start an agent's session", create).argument("<name>");
  verb("list", "the sessions that are there", list).argument("[filter]", "part of a name");
  verb("attach", "get into an agent's session", attach).argument("<name>");
  verb("kill", "end an agent's session; it stays ended until create", kill)
    .argument("[name]")
    .option("--all", "every session of the fleet", false);
  verb("status", "one agent, or all", status).argument("[name]");
  verb("generate", "render an agent's files", generate)
    .argument("[name]")
    .option("--all", "every agent", false)
    .option("--pilot", "the agents labelled pilot", false);
  return program;
}

async function ioFor(command: Command): Promise<Terminal> {
  const { chdir, config } = command.optsWithGlobals<{ chdir?: string; config?: string }>();
  const options = {
    color: true,
    cache: true,
    quiet: false,
    verbose: false,
    ...(config === undefined ? {} : { config }),
  };
  const here = currentFolder();
  return processTerminal(
    options,
    chdir === undefined ? here : (await import("../cli/chdir.ts")).namedFolder(chdir, here),
  );
}

async function create(project: Opened, name = ""): Promise<ExitCode> {
  const { io } = project;
  const agent = knownAgent(project, name);
  const before = await sessionOf(project, agent);
  if (before?.session && before.state === "Running" && !project.store.holds[agent]) {
    io.print(`Session ${String(before.session["name"])} is already running`);
    return EXIT.done;
  }
  const { drift, failed } = await startAgent(project, agent, { lockTimeout: LOCK_WAIT, force: false });
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
  const after = await sessionOf(project, agent);
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

interface SessionView {
  readonly agent: string;
  /** No agent of the registry: only its session is there. */
  readonly isOrphan: boolean;
  readonly session: Readonly<Record<string, unknown>> | null;
  readonly health: string;
  readonly state: "Running" | "Not Running" | "Unknown";
  readonly why: string;
}

/** One agent as the original told of it. */
async function sessionOf(project: Opened, agent: string): Promise<SessionView | undefined> {
  const [view] = await sessionViews(project, [agent]);
  return view;
}

async function sessionViews(project: Opened, agents: readonly string[]): Promise<SessionView[]> {
  return (await lookFor(project, agents)).views;
}

async function lookFor(
  project: Opened,
  agents: readonly string[],
): Promise<{ readonly views: SessionView[]; readonly planned: Planned }> {
  // Records and holds may have changed since the project was opened.
  const fresh = project.specErrors ? project : await openHere(project.io, { mayUseCache: false });
  const { status: seen, planned } = await planForStatus(fresh, agents, {});
  const unknown = new Set(planned.judged.flatMap((one) => (unseen([one]) ? [one.agent] : [])));
  const views = seen.agents.map(({ agent, sync, health, session, notes }) => {
    const dead = session === null || health === "exited" || health === "crashed" || health === "crash-loop";
    const state = unknown.has(agent) ? ("Unknown" as const) : dead ? ("Not Running" as const) : ("Running" as const);
    const isOrphan = sync === "orphan";
    const why = [dead && session ? `it ${health}` : "", isOrphan ? "not in the registry" : "", ...notes]
      .filter((one) => one !== "")
      .map(visibleLine)
      .join("; ");
    return { agent, isOrphan, session, health, state, why };
  });
  return { views, planned };
}

/** The sessions that are there. Throws E711 when they cannot be seen. */
async function present(project: Opened): Promise<SessionView[]> {
  const { views, planned } = await lookFor(project, []);
  const notSeen = unseen(planned.judged);
  if (notSeen) throw unseenError(notSeen);
  return views.filter((one) => one.session !== null);
}

async function list(project: Opened, filter = ""): Promise<ExitCode> {
  const views = (await present(project)).filter((one) => one.agent.includes(filter));
  const lines = views.map(
    (one) => `${String(one.session?.["name"])}  ${attachment(one)}${one.isOrphan ? "  (not in the registry)" : ""}`,
  );
  project.io.print(lines.length > 0 ? lines.join("\n") : "No sessions");
  return EXIT.done;
}

function attachment({ session }: SessionView): "Attached" | "Detached" {
  return session?.["attached"] === true ? "Attached" : "Detached";
}

async function attach(project: Opened, name = ""): Promise<ExitCode> {
  const named = await agentOrOrphan(project, name);
  if (!project.io.mayAttach)
    throw new UsageError("attach needs a terminal", `in a terminal: claude-agent attach ${named.agent}`);
  return attachTo(project, named);
}

/** Who types kill means it: busy and attached sessions end as well, as they did in the original. */
async function kill(project: Opened, name: string | undefined, { all }: { readonly all: boolean }): Promise<ExitCode> {
  if (all === (name !== undefined)) throw new UsageError("kill takes the name of an agent, or --all");
  const declared = new Set(project.fleet.agents.map((agent) => agent.name));
  const names = all
    ? (await present(project)).map(({ agent }) => ({ agent, orphan: !declared.has(agent) }))
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

async function status(project: Opened, name: string | undefined): Promise<ExitCode> {
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

async function generate(
  project: Opened,
  name: string | undefined,
  { all, pilot }: { readonly all: boolean; readonly pilot: boolean },
): Promise<ExitCode> {
  if ([name !== undefined, all, pilot].filter(Boolean).length > 1)
    throw new UsageError("generate takes the name of an agent, --all, or --pilot");
  const agents = name !== undefined ? [knownAgent(project, name)] : pilot ? pilotAgents(project) : [];
  const request = planRequest(project, { filesOnly: true }, agents);
  const flags = { filesOnly: true, keepGoing: true, lockTimeout: LOCK_WAIT, maxWait: 0 };
  const { run, code } = await convergeHere(project.io, {
    project,
    request,
    flags,
    command: "generate",
    despite: (hold) => hold.stopped === true,
    keepsSpec: agents.length === 0,
  });
  const { remaining } = run;
  for (const one of remaining.blocked)
    project.io.complain(`Error: ${one.address}: ${visibleLine(one.reason)} (${visibleLine(one.hint)})`);
  const chosen = agents.length > 0 ? agents : project.fleet.agents.map((agent) => agent.name);
  const wrong = await wrongFiles(project, chosen);
  const held = chosen.filter((agent) => wrong.has(agent) && isKept(project.store.holds[agent]));
  for (const agent of held) {
    const why = visibleLine(project.store.holds[agent]?.reason ?? "");
    const way = `release it with: rollcall release ${agent}`;
    project.io.complain(`Error: ${agent} is on hold (${why}): its files were left as they are; ${way}`);
  }
  project.io.print(`Generated: ${chosen.filter((agent) => !wrong.has(agent)).length}`);
  return code === EXIT.done && name !== undefined && held.length > 0 ? EXIT.blocked : code;
}

/** A hold that a person put on the agent's files as well; `kill` and `stop` only mean its session. */
const isKept = (hold: Hold | undefined): boolean => hold !== undefined && hold.stopped !== true;

/** The agents whose files are not what the registry says, held or not. */
async function wrongFiles(project: Opened, agents: readonly string[]): Promise<ReadonlySet<string>> {
  const fresh = await openHere(project.io, { mayUseCache: false });
  const planned = await planForAgents(fresh, agents, { despiteHold: true, filesOnly: true });
  return new Set(agents.filter((agent) => outOfSyncFiles(fresh, planned, agent).length > 0));
}

function pilotAgents({ fleet, config }: Project): string[] {
  const labelled = fleet.agents.filter((agent) => agent.labels.includes("pilot")).map((agent) => agent.name);
  if (labelled.length > 0 || config.layout !== "original") {
    if (labelled.length === 0) throw new UsageError("no agent has the label pilot", "labels: [pilot] in the registry");
    return labelled;
  }
  const known = new Set(fleet.agents.map((agent) => agent.name));
  return ORIGINAL_PILOT.filter((name) => known.has(name));
}
