// What is refused from inside an agent's own session: a change that gives agents more rights, and the end of that session.
import { readProcess } from "../../host/process/procfs.ts";
import { address } from "../../model/address.ts";
import { RollcallError } from "../../model/errors.ts";
import type { Step } from "../../model/plan.ts";
import type { Project } from "../project.ts";

const OUTSIDE = "run it in a terminal of your own, outside of every agent's session";

/** Processes of recorded sessions, on whatever socket: the agent by `pid start-tick`. */
function sessionProcesses({ records, kinds, agentNames }: Project): ReadonlyMap<string, string> {
  const known = records();
  const found = new Map<string, string>();
  for (const kind of kinds.filter((one) => one.live)) {
    for (const agent of agentNames()) {
      const at = address({ kind: kind.name, agent, name: "main" });
      const all = [known.get(at), ...known.elsewhere(at).map(({ record }) => record)];
      for (const record of all) {
        const { pid, tick } = record?.facts ?? {};
        if (typeof pid === "number" && typeof tick === "string") found.set(`${pid} ${tick}`, agent);
      }
    }
  }
  return found;
}

/** The agent in whose session this process runs: by its variable, or by an ancestor that is a recorded process. */
function surroundingAgent(project: Project): string | null {
  const named = project.caller.env["ROLLCALL_AGENT"] ?? "";
  if (named !== "") return named;
  const sessions = sessionProcesses(project);
  if (sessions.size === 0) return null;
  for (let one = readProcess(project.caller.process.pid); one !== null; one = readProcess(one.parent)) {
    const agent = sessions.get(`${one.pid} ${one.tick}`);
    if (agent !== undefined) return agent;
    if (one.parent <= 1) return null;
  }
  return null;
}

/** Refuses steps that a session may not take for itself. Looks at processes only where there are such steps. */
export function refuseWithin(project: Project, steps: readonly Step[]): void {
  const wide = steps.find((step) => step.widens !== undefined && step.widens.length > 0);
  const live = new Set(project.kinds.filter((kind) => kind.live).map((kind) => kind.name));
  const ends = steps.filter(({ action }) => live.has(action.kind) && /^(?:replace|delete)$/.test(action.action));
  if (wide === undefined && ends.length === 0) return;
  const agent = surroundingAgent(project);
  if (agent === null) return;
  if (wide !== undefined) refuseWidening(agent, wide.action.address, wide.widens ?? []);
  if (ends.some(({ action }) => action.agent === agent)) refuseEnd(agent);
}

/** Refuses to end the session that this process runs in. */
export function refuseOwnEnd(project: Project, names: readonly string[]): void {
  const agent = surroundingAgent(project);
  if (agent !== null && names.includes(agent)) refuseEnd(agent);
}

/** Refuses one change that gives more rights, for plans without steps (`undo`). */
export function refuseWideningWithin(project: Project, address: string, what: string): void {
  const agent = surroundingAgent(project);
  if (agent !== null) refuseWidening(agent, address, [what]);
}

function refuseWidening(agent: string, address: string, widens: readonly string[]): never {
  throw new RollcallError(
    "E910",
    `this runs in the session of ${agent}, and ${address} would give more rights: ${widens.join(", ")}`,
    { hint: OUTSIDE },
  );
}

function refuseEnd(agent: string): never {
  throw new RollcallError("E911", `this runs in the session of ${agent} and would end it`, { hint: OUTSIDE });
}
