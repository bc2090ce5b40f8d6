// Writing files: side by side, each through the door that keeps a before-image and merges late writers.
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { PutJob } from "../../model/kind.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Edit, Writer } from "../../model/world.ts";
import { carryKeys, putEdit } from "./edits.ts";
import { MODE } from "./parts.ts";
import { type ConfigProps, type ConfigSeen, modeWord, pathOf } from "./types.ts";
import { outcome, settled } from "./write-outcome.ts";

/** See Kind.put. */
export async function put(
  jobs: readonly PutJob<ConfigProps, ConfigSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await inParallel(jobs, fleet.policy.parallelism, async (job) => {
    settle(await settled(job.want.address, () => putFile(job, fleet, world)));
  });
}

async function putFile(job: PutJob<ConfigProps, ConfigSeen>, fleet: Fleet, world: Writer): Promise<Settled> {
  const { want, have, write } = job;
  const path = pathOf(want.at, fleet);
  const own = new Set(Object.keys(want.parts));
  const present = have?.exists ? have.seen.mode : null;
  const mode = present === null || present === undefined || write.includes(MODE) ? want.props.mode : present;
  const result = await world.files.replace({
    path,
    mode,
    run: world.run,
    edit: write.includes(MODE) ? withMode(putEdit(job, fleet), mode) : putEdit(job, fleet),
    ...(want.props.merge === "keys" ? { carry: (change) => carryKeys(change, own) } : {}),
    parents: true,
  });
  const parts = Object.fromEntries(write.map((one) => [one, want.parts[one]?.digest ?? ""]));
  return outcome(want.address, result, parts);
}

/** Bytes that may stay are written again where the mode may not: so the old mode can be brought back like old bytes. */
function withMode(edit: Edit, mode: number): Edit {
  return (current) => {
    const result = edit(current);
    const isOther = current !== null && modeWord(current.facts.mode) !== modeWord(mode);
    return result.do === "keep" && isOther ? { do: "write", bytes: current.bytes } : result;
  };
}
