// Two resources under one kind: an agent's hook, and the file that names the Node of them all. Each verb does both.
import type { HealthReport } from "../../model/capabilities.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Delta, PutJob, Query, RemoveJob } from "../../model/kind.ts";
import type { Desired, Observed, Recorded } from "../../model/resource.ts";
import type { Settle } from "../../model/settled.ts";
import type { Reader, Writer } from "../../model/world.ts";
import { diff as diffHook } from "./diff.ts";
import { diffNode, inspectNode, type NodeProps, type NodeSeen } from "./node-file.ts";
import { putNode, removeNode } from "./node-put.ts";
import { observe as observeHooks } from "./observe.ts";
import { put as putHooks } from "./put.ts";
import { remove as removeHooks } from "./remove.ts";
import { GUARD, type HookProps, type HookSeen, proofKey } from "./types.ts";

export type Props = HookProps | NodeProps;
export type Seen = HookSeen | NodeSeen;

const isNodeQuery = (one: Query<Props>): one is Query<NodeProps> => one.address === GUARD;
const isHookQuery = (one: Query<Props>): one is Query<HookProps> => one.address !== GUARD;
const isNode = (one: Desired<Props>): one is Desired<NodeProps> => one.address === GUARD;
export const isHook = (one: Desired<Props>): one is Desired<HookProps> => one.address !== GUARD;
const isNodeSeen = (one: Observed<Seen> | undefined): one is Observed<NodeSeen> => one?.address === GUARD;
const isHookSeen = (one: Observed<Seen> | undefined): one is Observed<HookSeen> => !!one && one.address !== GUARD;
const isNodePut = (job: PutJob<Props, Seen>): job is PutJob<NodeProps, NodeSeen> => job.want.address === GUARD;
const isHookPut = (job: PutJob<Props, Seen>): job is PutJob<HookProps, HookSeen> => job.want.address !== GUARD;
const isNodeRemoval = (job: RemoveJob<Seen>): job is RemoveJob<NodeSeen> => job.address === GUARD;
const isHookRemoval = (job: RemoveJob<Seen>): job is RemoveJob<HookSeen> => job.address !== GUARD;

/** See Kind.observe. */
export function observe(queries: readonly Query<Props>[], fleet: Fleet, world: Reader) {
  const sight = observeHooks(queries.filter(isHookQuery), fleet, world);
  const node = queries.filter(isNodeQuery).map((query) => inspectNode(query, fleet, world.files));
  return { ...sight, observed: [...node, ...sight.observed] };
}

/** See Kind.diff. */
export function diff(
  want: Desired<Props> | undefined,
  have: Observed<Seen> | undefined,
  { paths }: { readonly paths?: readonly string[] },
): Delta {
  if (want === undefined ? isNodeSeen(have) : isNode(want))
    return diffNode(want && isNode(want) ? want : undefined, isNodeSeen(have) ? have : undefined);
  const hook = want && isHook(want) ? want : undefined;
  return diffHook(hook, isHookSeen(have) ? have : undefined, paths === undefined ? {} : { paths });
}

/** Hooks are only proven under a Node that is named. See Kind.put. */
export async function put(
  jobs: readonly PutJob<Props, Seen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  for (const job of jobs.filter(isNodePut)) await putNode(job, fleet, world, settle);
  const hooks = jobs.filter(isHookPut);
  if (hooks.length > 0) await putHooks(hooks, fleet, world, settle);
}

/** A hook without the file refuses every call: the file goes after the hooks. See Kind.remove. */
export async function remove(
  jobs: readonly RemoveJob<Seen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await removeHooks(jobs.filter(isHookRemoval), fleet, world, settle);
  for (const job of jobs.filter(isNodeRemoval)) await removeNode(job, fleet, world, settle);
}

/** True for a hook whose present state was not proven. See Provable. */
export function isUnproven(want: Desired<Props>, have: Observed<Seen>, record: Recorded | undefined): boolean {
  if (!isHook(want) || !isHookSeen(have)) return false;
  return record?.facts?.["proof"] !== proofKey(want.parts[""]?.digest ?? "", have.seen);
}

/** A hook has no life of its own: only a note when nothing proves that it does its work. */
export function health(
  want: Desired<Props> | undefined,
  have: Observed<Seen> | undefined,
  record: Recorded | undefined,
): HealthReport {
  const proven = want !== undefined && (!isHook(want) || (have?.same === true && !isUnproven(want, have, record)));
  return { health: have?.exists === true ? "running" : "absent", notes: proven ? [] : ["unproven"], session: null };
}
