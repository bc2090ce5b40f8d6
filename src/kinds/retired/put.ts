// Taking listed folders out of the agents folder, each by its own rule.
import type { Fleet } from "../../model/fleet.ts";
import type { PutJob } from "../../model/kind.ts";
import type { Settle } from "../../model/settled.ts";
import type { Writer } from "../../model/world.ts";
import { moveOut, task } from "./move-out.ts";
import type { RetiredProps, RetiredSeen } from "./types.ts";

export async function put(
  jobs: readonly PutJob<RetiredProps, RetiredSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  const tasks = jobs.map(({ want, have }) => task(want.address, want.props, have?.seen, fleet));
  await moveOut(tasks, fleet, world, settle);
}
