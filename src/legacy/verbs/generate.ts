// `claude-agent generate`: agents' files rendered, whatever their sessions do.
import type { Project } from "../../app/project.ts";
import { planRequest } from "../../app/run/converge.ts";
import { knownAgent, outOfSyncFiles, planForAgents } from "../../app/session/lookup.ts";
import { convergeHere } from "../../cli/converge.ts";
import { EXIT, type ExitCode } from "../../cli/exit-codes.ts";
import { type Opened, openHere } from "../../cli/opened.ts";
import { UsageError } from "../../model/errors.ts";
import type { Hold } from "../../model/resource.ts";
import { visibleLine } from "../../report/redact.ts";
import { LOCK_WAIT } from "./lock-wait.ts";

/** The agents of the original's first three configurations, where no agent has the label `pilot`. */
const ORIGINAL_PILOT = ["planning-agent", "researcher-agent", "backend-agent"];

export async function generate(
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
