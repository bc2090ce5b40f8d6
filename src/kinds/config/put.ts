// Writing and removing files: side by side, each through the door that keeps a before-image and merges late writers.
import { HostError, RollcallError } from "../../model/errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { PutJob, RemoveJob } from "../../model/kind.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Edit, ReplaceResult, Writer } from "../../model/world.ts";
import { carryKeys, putEdit, remainder, removeEdit } from "./edits.ts";
import { MODE } from "./parts.ts";
import { type ConfigProps, type ConfigSeen, modeWord, pathOf } from "./types.ts";

const AGAIN = "run apply again: it plans on what is there now";

/** See Kind.put. */
export async function putFiles(
  jobs: readonly PutJob<ConfigProps, ConfigSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await inParallel(jobs, fleet.policy.parallelism, async (job) => {
    settle(await settled(job.want.address, () => putFile(job, fleet, world)));
  });
}

/** See Kind.remove. */
export async function removeFiles(
  jobs: readonly RemoveJob<ConfigSeen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await inParallel(jobs, fleet.policy.parallelism, async (job) => {
    settle(await settled(job.address, () => removeFile(job, fleet, world)));
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

function outcome(address: string, result: ReplaceResult, parts: Readonly<Record<string, string>>): Settled {
  switch (result.state) {
    case "written":
    case "kept":
      return { address, result: "done", parts };
    case "moved":
      return { address, result: "blocked", reason: result.reason, hint: AGAIN };
    case "refused":
      return {
        address,
        result: "blocked",
        reason: result.message,
        hint: "see to what lies there, then run apply again",
      };
  }
}

async function settled(address: string, act: () => Promise<Settled>): Promise<Settled> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { address, result: "failed", error: failureOf(error) };
  }
}

function failureOf(error: RollcallError): Failure {
  const hint = error.hint ?? (error instanceof HostError && error.retryable ? "run apply again" : undefined);
  return { code: error.code, message: error.message, ...(hint === undefined ? {} : { hint }) };
}
