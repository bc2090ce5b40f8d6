// Ending sessions that are no longer desired: their processes first, then the session, by id, and only marked ones.

import type { Address } from "../../model/address.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { RemoveJob } from "../../model/kind.ts";
import type { Obstacle } from "../../model/resource.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Writer } from "../../model/world.ts";
import { failure } from "./apply/start-batch.ts";
import { containsSelf, endProcesses } from "./apply/terminate.ts";
import { inside, paneProcesses } from "./apply/terminate-previous.ts";
import { fleetMark, formerNames } from "./names.ts";
import { type MarkedSession, sortPanes } from "./observe/group-panes.ts";
import { processTable } from "./observe/processes.ts";
import { checkSocketPath } from "./tmux/command.ts";
import { lostServerObstacle, snapshotOrLost } from "./tmux/lost-server.ts";
import { line } from "./tmux/script.ts";
import { runScript } from "./tmux/server.ts";
import type { SessionSeen } from "./types.ts";

type SessionRemoval = RemoveJob<SessionSeen>;

/** Ends sessions with all their processes. One that is gone already is a success, one without our mark is left alone. */
export async function remove(
  jobs: readonly SessionRemoval[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  checkSocketPath(fleet, world);
  const present = await marked(jobs, fleet, world);
  if (!(present instanceof Map)) {
    for (const { address } of jobs) settle(unseen(address, present));
    return;
  }
  const table = processTable(world.files);
  await endOutlived(jobs, world);
  const doomed = jobs.flatMap((job): { job: SessionRemoval; own: MarkedSession }[] => {
    const own = job.have.seen.state === "ours" ? present.get(job.have.seen.id) : undefined;
    if (!own) {
      settle({ address: job.address, result: "done", parts: {} });
      return [];
    }
    if (own.rows.some((row) => !row.dead && containsSelf(row.pid, table, world))) {
      settle(inside(job.address));
      return [];
    }
    return [{ job, own }];
  });
  if (doomed.length === 0) return;
  await endProcesses(
    doomed.flatMap(({ own }) => own.rows.flatMap((row) => paneProcesses(row, table, world))),
    world,
  );
  // On lines of their own: one that is gone already does not keep the others.
  await runScript(
    doomed.map(({ own }) => line([["kill-session", "-t", own.id]])),
    fleet,
    world,
  );
  const left = await marked(jobs, fleet, world);
  for (const { job, own } of doomed) {
    if (!(left instanceof Map)) settle(unseen(job.address, left));
    else if (!left.has(own.id)) settle({ address: job.address, result: "done", parts: {} });
    else settle(failure(job.address, "E710", `the session ${own.name} is still there`));
  }
}

/** Ends what runs on of sessions that are gone. */
async function endOutlived(jobs: readonly SessionRemoval[], world: Writer): Promise<void> {
  const outlived = jobs.flatMap(({ have: { seen } }) =>
    seen.state === "absent" && seen.outlived ? [seen.outlived] : [],
  );
  if (outlived.length > 0) await endProcesses(outlived, world);
}

function unseen(address: Address, why: string | Obstacle): Settled {
  if (typeof why === "string") return failure(address, "E711", why);
  return { address, result: "blocked", reason: why.message, hint: why.hint };
}

/** This fleet's sessions by id, or why they cannot be seen: a server that lost its socket is none that is gone. */
async function marked(
  jobs: readonly SessionRemoval[],
  fleet: Fleet,
  world: Writer,
): Promise<Map<string, MarkedSession> | Obstacle | string> {
  const asking = { socket: fleet.machine.socket, asked: jobs, search: true };
  const { snapshot, lost } = await snapshotOrLost(asking, world);
  if (lost) return lostServerObstacle(lost);
  if (snapshot.state === "silent") return snapshot.reason;
  if (snapshot.state === "not-installed") return "tmux is not installed";
  const { own } = sortPanes(snapshot.panes, fleetMark(fleet), formerNames(fleet));
  return new Map([...own.values()].flat().map((one) => [one.id, one]));
}
