// Removing what is ours of files, and the folders that held nothing else.
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { RemoveJob } from "../../model/kind.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Writer } from "../../model/world.ts";
import { remainder, removeEdit } from "./edits.ts";
import { type ConfigSeen, pathOf } from "./types.ts";
import { outcome, settled } from "./write-outcome.ts";

/** See Kind.remove. */
export async function remove(
  jobs: readonly RemoveJob<ConfigSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await inParallel(jobs, fleet.policy.parallelism, async (job) => {
    settle(await settled(job.address, () => removeFile(job, fleet, world)));
  });
}

async function removeFile(job: RemoveJob<ConfigSeen>, fleet: Fleet, world: Writer): Promise<Settled> {
  const path = pathOf(job.record.at, fleet);
  const bytes = job.have.seen.bytes ?? Buffer.alloc(0);
  const goes = !job.have.exists || remainder(job, fleet, bytes) === null;
  const edit = removeEdit(job, fleet, goes);
  const mode = job.have.seen.mode ?? 0o644;
  const result = goes
    ? await world.files.remove({ path, run: world.run, edit })
    : await world.files.replace({ path, mode, run: world.run, edit, parents: false });
  if (goes && (result.state === "written" || result.state === "kept")) tidyFolders(job.record.at, fleet, world);
  return outcome(job.address, result, {});
}

/** The folders that held nothing but what went, from the innermost up to the agent's own. */
function tidyFolders(at: string, fleet: Fleet, world: Writer): void {
  for (let folder = parentOf(at); folder !== ""; folder = parentOf(folder)) {
    world.files.removeEmptyFolder(pathOf(folder, fleet));
  }
}

function parentOf(at: string): string {
  return at.slice(0, Math.max(at.lastIndexOf("/"), 0));
}
