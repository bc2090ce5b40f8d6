// Stopping: a hold first, so that nothing starts it again, then the process tree ends.

import type { Classified } from "../../engine/classify.ts";
import { canDisrupt, livesOrExists } from "../../engine/guard.ts";
import type { Hold, Observed } from "../../model/resource.ts";
import type { Settled } from "../../model/settled.ts";
import type { Project } from "../project.ts";
import { allowanceOf } from "../request.ts";
import { locked, type Writing } from "../run/transaction.ts";
import { liveOf, planForAgents, type Unseen, unseen } from "./lookup.ts";
import { type NamedAgent, observeLive } from "./orphans.ts";
import { refuseOwnEnd } from "./within-session.ts";

export interface StopJob {
  readonly project: Project;
  readonly names: readonly NamedAgent[];
  readonly force: boolean;
  readonly reason: string;
  readonly timeout: number;
}

export interface Stopped {
  readonly agent: string;
  readonly result: "stopped" | "not-running" | "busy" | "failed" | "not-ours" | "unreachable";
  readonly message?: string;
}

/**
 * Holds and ends the sessions of the agents. A busy, waiting or attached one stays, and is not held, without force. An
 * orphan needs no hold: nothing would start it again. Its record is forgotten.
 */
export async function stopAgents(job: StopJob): Promise<Stopped[]> {
  const { project, names, timeout } = job;
  refuseOwnEnd(
    project,
    names.map((one) => one.agent),
  );
  return locked(project, { command: "stop", timeout }, async (writing) => {
    const declared = names.filter((one) => !one.orphan).map((one) => one.agent);
    const planned = declared.length > 0 ? await planForAgents(project, declared, { despiteHold: true }) : null;
    const life = names.some((one) => one.orphan) ? await observeLive(project) : null;
    const results: Stopped[] = [];
    for (const { agent, orphan } of names) {
      const seen = orphan ? life : planned;
      results.push(await stopAgent({ job, writing, agent, orphan }, seen ? liveOf(project, seen, agent) : []));
    }
    return results;
  });
}

function refused(agent: string, { reason, hint }: Unseen): Stopped {
  const message = `nothing is known of its session: ${reason}`;
  return hint === undefined
    ? { agent, result: "failed", message }
    : { agent, result: "unreachable", message: `${message} (${hint})` };
}

async function stopAgent(stopping: Stopping, live: readonly Classified[]): Promise<Stopped> {
  const { agent } = stopping;
  const notSeen = unseen(live);
  if (notSeen) return refused(agent, notSeen);
  const found: Stopped[] = [];
  for (const one of live) {
    if (one.have && livesOrExists(one.have)) found.push(await stopOne({ ...stopping, one, have: one.have }));
  }
  if (found.length === 0) settleStop(stopping, live);
  return found[0] ?? { agent, result: "not-running" };
}

interface Stopping {
  readonly job: StopJob;
  readonly writing: Writing;
  readonly agent: string;
  readonly orphan: boolean;
}

/** A hold for an agent of the registry, and also where nobody knows what the registry says; an orphan is forgotten. */
function settleStop({ job, writing, agent, orphan }: Stopping, live: readonly Classified[]): void {
  if (isHeld(job.project, orphan)) {
    writing.commit({ holds: { [agent]: { ...holdOf(job.project, job.reason), stopped: true } } });
  } else writing.commit({ repairs: live.map(({ address }) => ({ address, record: undefined })) });
}

const isHeld = ({ specErrors }: Project, orphan: boolean): boolean => !orphan || specErrors !== undefined;

interface StopOne extends Stopping {
  readonly one: Classified;
  readonly have: Observed;
}

async function stopOne(stopping: StopOne): Promise<Stopped> {
  const { job, writing, agent, one, have: seen } = stopping;
  const { project } = job;
  const kind = project.kinds.find((candidate) => candidate.name === one.kind);
  if (!kind) throw new Error(`no kind ${one.kind}`);
  if (seen.obstacle) return { agent, result: "not-ours", message: seen.obstacle.message };
  const [have = seen] = (await kind.inspect?.([seen], project.fleet, project.reader)) ?? [];
  const delta = kind.diff(undefined, have, { fleet: project.fleet });
  const disturbance = canDisrupt({ delta, want: undefined, have, allowed: allowanceOf({ force: job.force }) });
  if (disturbance.go === false) return { agent, result: "busy", message: disturbance.reason };
  // The hold first: killed in between, nothing starts it again.
  if (isHeld(project, stopping.orphan)) settleStop(stopping, [one]);
  const record = one.record ?? { parts: {}, portable: false, at: one.want?.at ?? "" };
  const words: Settled[] = [];
  await kind.remove(
    [{ address: one.address, have, record }],
    project.fleet,
    writing.world,
    (word) => void words.push(word),
  );
  if (!isHeld(project, stopping.orphan) && words[0]?.result === "done") settleStop(stopping, [one]);
  return outcome(agent, words[0]);
}

function outcome(agent: string, settled: Settled | undefined): Stopped {
  if (settled?.result === "done") return { agent, result: "stopped" };
  if (settled?.result === "failed") return { agent, result: "failed", message: settled.error.message };
  return {
    agent,
    result: "failed",
    message: settled?.result === "blocked" ? settled.reason : "nothing was heard of it",
  };
}

/** A hold in the name of whoever runs this. */
export function holdOf({ caller, reader }: Project, reason: string): Hold {
  return {
    reason,
    since: new Date(reader.now()).toISOString(),
    by: caller.env["USER"] ?? caller.env["LOGNAME"] ?? "unknown",
  };
}
