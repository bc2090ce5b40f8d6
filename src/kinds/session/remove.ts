// Ending sessions that are no longer desired: their processes first, then the session, by id, and only marked ones.
import type { Fleet } from "../../model/fleet.ts";
import type { RemoveJob, Settle } from "../../model/kind.ts";
import type { Writer } from "../../model/world.ts";
import { endProcesses, holdsUs } from "./ending.ts";
import { fleetMark, formerNames } from "./names.ts";
import { inside, paneProcesses } from "./old.ts";
import { processTable } from "./processes.ts";
import { line } from "./script.ts";
import { runScript } from "./server.ts";
import { takeSnapshot } from "./snapshot.ts";
import { type MarkedSession, sortPanes } from "./sort.ts";
import { failure } from "./starting.ts";
import { checkSocketPath } from "./tmux.ts";
import type { SessionSeen } from "./view.ts";

type SessionRemoval = RemoveJob<SessionSeen>;

/** Ends sessions with all their processes. One that is gone already is a success, one without our mark is left alone. */
export async function remove(
  jobs: readonly SessionRemoval[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  checkSocketPath(fleet, world);
  const present = await marked(fleet, world);
  if (typeof present === "string") {
    for (const { address } of jobs) settle(failure(address, "E711", present));
    return;
  }
  const table = processTable(world.files);
  const doomed = jobs.flatMap((job): { job: SessionRemoval; own: MarkedSession }[] => {
    const own = job.have.seen.state === "ours" ? present.get(job.have.seen.id) : undefined;
    if (!own) {
      settle({ address: job.address, result: "done", parts: {} });
      return [];
    }
    if (own.rows.some((row) => !row.dead && holdsUs(row.pid, table, world))) {
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
  const left = await marked(fleet, world);
  for (const { job, own } of doomed) {
    const gone = typeof left !== "string" && !left.has(own.id);
    if (gone) settle({ address: job.address, result: "done", parts: {} });
    else
      settle(failure(job.address, "E710", typeof left === "string" ? left : `the session ${own.name} is still there`));
  }
}

/** This fleet's sessions by id, or why they cannot be seen. */
async function marked(fleet: Fleet, world: Writer): Promise<ReadonlyMap<string, MarkedSession> | string> {
  const snapshot = await takeSnapshot(world, fleet.machine.socket);
  if (snapshot.state === "silent") return snapshot.reason;
  if (snapshot.state === "not-installed") return "tmux is not installed";
  const { ours } = sortPanes(snapshot.panes, fleetMark(fleet), formerNames(fleet));
  return new Map([...ours.values()].flat().map((one) => [one.id, one]));
}
