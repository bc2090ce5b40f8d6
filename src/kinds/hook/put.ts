// Puts hooks in place and proves them. Nothing strange is ever run, nothing that moved is overwritten.
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { PutJob } from "../../model/kind.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Edit, Writer } from "../../model/world.ts";
import { interpreterMissing, surroundings } from "./observe.ts";
import { type Prover, proofOf, proveAll } from "./proof.ts";
import { type HookProps, type HookSeen, hookBytes, hookPath, MODE, modeDigest } from "./types.ts";
import { left, moved, seenDigest } from "./write-outcome.ts";

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
