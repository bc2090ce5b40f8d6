// The removal of a listed folder: it leaves as `put` would have it leave.
import type { Fleet } from "../../model/fleet.ts";
import type { RemoveJob } from "../../model/kind.ts";
import type { Settle } from "../../model/settled.ts";
import type { Writer } from "../../model/world.ts";
import { done, moveOut, type Task, task } from "./move-out.ts";
import type { RetiredSeen } from "./types.ts";

/** The engine's deletions come here: the listed folder goes by its own rule, and only if it was seen. */
export async function remove(
  jobs: readonly RemoveJob<RetiredSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  const tasks: Task[] = [];
  for (const { address, have } of jobs) {
    if (have.seen.state === "present") tasks.push(task(address, have.seen.props, have.seen, fleet));
    else settle(done(address));
  }
  await moveOut(tasks, fleet, world, settle);
}
