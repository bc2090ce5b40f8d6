// Takes hooks away, each when it still is what the plan saw.
import { dirname } from "node:path";
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { RemoveJob } from "../../model/kind.ts";
import type { Observed } from "../../model/resource.ts";
import type { Settle } from "../../model/settled.ts";
import type { Edit, Writer } from "../../model/world.ts";
import { type HookSeen, hookPath } from "./types.ts";
import { left, moved, seenDigest } from "./write-outcome.ts";

export async function remove(
  jobs: readonly RemoveJob<HookSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await inParallel(jobs, fleet.policy.parallelism, async (job) => {
    const path = hookPath(job.record.at, fleet);
    const result = await world.files.remove({ path, run: world.run, edit: goes(job.have) });
    const ended = left(job.address, path, result);
    if (result.state === "written") world.files.removeEmptyFolder(dirname(path));
    settle(ended ?? { address: job.address, result: "done", parts: {} });
  });
}

/** It goes when it is what the plan saw. */
function goes(have: Observed<HookSeen> | undefined): Edit {
  return (current) => {
    if (current === null) return { do: "keep" };
    const digest = seenDigest(current);
    return digest === have?.digest ? { do: "write", bytes: Buffer.alloc(0) } : moved("it changed");
  };
}
