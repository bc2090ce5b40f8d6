// Puts hooks in place and proves them; takes them away. Nothing strange is ever run, nothing that moved is overwritten.
import { dirname } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { PutJob, RemoveJob } from "../../model/kind.ts";
import type { Observed } from "../../model/resource.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Edit, FileFacts, ReplaceResult, Writer } from "../../model/world.ts";
import { interpreterMissing, obstacleOf, surroundings } from "./observe.ts";
import { type Prover, proofOf, proveAll } from "./proof.ts";
import {
  type HookProps,
  type HookSeen,
  hookBytes,
  hookDigest,
  hookParts,
  hookPath,
  MODE,
  modeDigest,
} from "./types.ts";

type Job = PutJob<HookProps, HookSeen>;

export async function put(jobs: readonly Job[], fleet: Fleet, world: Writer, settle: Settle): Promise<void> {
  const prover: Prover = { fleet, world, around: surroundings(fleet, world.files) };
  if (prover.around.interpreter === null) {
    const { code, message, hint } = interpreterMissing(prover.around);
    const error = hint === undefined ? { code, message } : { code, message, hint };
    for (const { want } of jobs) settle({ address: want.address, result: "failed", error });
    return;
  }
  const placed: Job[] = [];
  await inParallel(jobs, fleet.policy.parallelism, async (job) => {
    const left = await place(job, fleet, world);
    if (left === null) placed.push(job);
    else settle(left);
  });
  // Only now: a program cannot be started while another process of ours still holds it open for writing.
  const verdicts = await proveAll(
    placed.map(({ want }) => want),
    prover,
    false,
  );
  for (const { want } of placed) {
    const error = verdicts.get(want.address) ?? null;
    if (error !== null) settle({ address: want.address, result: "failed", error });
    else settle({ address: want.address, result: "done", parts: digests(want.parts), facts: proofOf(want, prover) });
  }
}

function digests(parts: Job["want"]["parts"]): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([path, part]) => [path, part.digest]));
}

/** Brings bytes and permissions to what is desired; null when they are, else how it ended. */
async function place({ want, have }: Job, fleet: Fleet, world: Writer): Promise<Settled | null> {
  const path = hookPath(want.at, fleet);
  const bytes = hookBytes(want);
  const edit: Edit = (current) => {
    if (current === null) return have?.exists === true ? moved("it has gone") : { do: "write", bytes };
    const sameBytes = current.bytes.equals(bytes);
    if (sameBytes && modeDigest(current.facts.mode) === want.parts["mode"]?.digest) return { do: "keep" };
    const known = sameBytes || seenDigest(current) === have?.digest;
    return known ? { do: "write", bytes } : moved("it changed");
  };
  const result = await world.files.replace({ path, mode: MODE, run: world.run, edit, parents: true });
  return left(want.address, path, result);
}

function seenDigest(current: { readonly bytes: Buffer; readonly facts: FileFacts }): string {
  return hookDigest(hookParts(digestBytes(current.bytes), current.facts.mode));
}

function moved(what: string): { readonly do: "moved"; readonly reason: string } {
  return { do: "moved", reason: `${what} since the plan was made` };
}

/** How a write ended when the thing is not as it should be after it; null when it is. */
export function left(address: string, path: string, result: ReplaceResult): Settled | null {
  switch (result.state) {
    case "written":
    case "kept":
      return null;
    case "moved":
      return { address, result: "blocked", reason: result.reason, hint: "plan again and look at what changed" };
    case "refused": {
      const { message, hint } = obstacleOf(result);
      return { address, result: "failed", error: { code: "E606", message: `${path}: ${message}`, hint } };
    }
  }
}

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
