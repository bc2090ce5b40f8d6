// Stopping: a hold first, so that nothing starts it again, then the process tree ends.

import type { Judged } from "../engine/classify.ts";
import { mayDisturb } from "../engine/guard.ts";
import type { Settled } from "../model/kind.ts";
import type { Hold, Observed } from "../model/resource.ts";
import { liveOf, lookAt, unseen } from "./one-agent.ts";
import type { Project } from "./project.ts";
import { allowanceOf } from "./request.ts";
import { refuseOwnEnd } from "./within-session.ts";
import { locked, type Writing } from "./writing.ts";

export interface StopJob {
  readonly project: Project;
  readonly names: readonly string[];
  readonly force: boolean;
  readonly reason: string;
  readonly timeout: number;
}

export interface Stopped {
  readonly agent: string;
  readonly result: "stopped" | "not-running" | "busy" | "failed" | "not-ours";
  readonly message?: string;
}

/** Holds and ends the sessions of the agents. A busy, waiting or attached one stays, and is not held, without force. */
export async function stopAgents(job: StopJob): Promise<Stopped[]> {
  const { project, names, timeout } = job;
  refuseOwnEnd(project, names);
  return locked(project, { command: "stop", timeout }, async (writing) => {
    const planned = await lookAt(project, names, { despiteHold: true });
    const results: Stopped[] = [];
    for (const agent of names) {
      const live = liveOf(project, planned, agent);
      const reason = unseen(live);
      if (reason !== undefined) {
        results.push({ agent, result: "failed", message: `nothing is known of its session: ${reason}` });
        continue;
      }
      const found: Stopped[] = [];
      for (const one of live) {
        if (one.have?.exists) found.push(await stopOne({ job, writing, agent, one, have: one.have }));
      }
      if (found.length === 0) writing.commit({ holds: { [agent]: holdOf(project, job.reason) } });
      results.push(found[0] ?? { agent, result: "not-running" });
    }
    return results;
  });
}

interface StopOne {
  readonly job: StopJob;
  readonly writing: Writing;
  readonly agent: string;
  readonly one: Judged;
  readonly have: Observed;
}

async function stopOne({ job, writing, agent, one, have: seen }: StopOne): Promise<Stopped> {
  const { project } = job;
  const kind = project.kinds.find((candidate) => candidate.name === one.kind);
  if (!kind) throw new Error(`no kind ${one.kind}`);
  if (seen.trouble) return { agent, result: "not-ours", message: seen.trouble.message };
  const [have = seen] = (await kind.inspect?.([seen], project.fleet, project.reader)) ?? [];
  const delta = kind.diff(undefined, have, { fleet: project.fleet });
  const disturbance = mayDisturb({ delta, want: undefined, have, allowed: allowanceOf({ force: job.force }) });
  if (disturbance.go === false) return { agent, result: "busy", message: disturbance.reason };
  // The hold first: killed in between, nothing starts it again.
  writing.commit({ holds: { [agent]: holdOf(project, job.reason) } });
  const record = one.record ?? { parts: {}, portable: false, at: one.want?.at ?? "" };
  const words: Settled[] = [];
  await kind.remove(
    [{ address: one.address, have, record }],
    project.fleet,
    writing.world,
    (word) => void words.push(word),
  );
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
export function holdOf({ io, reader }: Project, reason: string): Hold {
  return { reason, since: new Date(reader.now()).toISOString(), by: io.env["USER"] ?? io.env["LOGNAME"] ?? "unknown" };
}
