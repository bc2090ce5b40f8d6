// The kind `hook`: one executable per agent that answers the client's PreToolUse question, and the Node they run under.
import type { HealthReport } from "../../model/capabilities.ts";
import type { Fleet } from "../../model/fleet.ts";
import { defineKind, type Kind, type PutJob, type Query, type RemoveJob } from "../../model/kind.ts";
import type { Desired, Observed, Recorded } from "../../model/resource.ts";
import type { Settle } from "../../model/settled.ts";
import type { Reader, Writer } from "../../model/world.ts";
import { desire } from "./desire.ts";
import { diff, hookGains } from "./diff.ts";
import { desireNode, diffNode, inspectNode, type NodeProps, type NodeSeen } from "./node-file.ts";
import { putNode, removeNode } from "./node-put.ts";
import { observe } from "./observe.ts";
import { declares } from "./parse-policy.ts";
import { prove } from "./proof.ts";
import { put, remove } from "./put.ts";
import { GUARD, type HookProps, type HookSeen, KIND, proofKey } from "./types.ts";

type Props = HookProps | NodeProps;
type Seen = HookSeen | NodeSeen;

const isNodeQuery = (one: Query<Props>): one is Query<NodeProps> => one.address === GUARD;
const isHookQuery = (one: Query<Props>): one is Query<HookProps> => one.address !== GUARD;
const isNode = (one: Desired<Props>): one is Desired<NodeProps> => one.address === GUARD;
const isHook = (one: Desired<Props>): one is Desired<HookProps> => one.address !== GUARD;
const isNodeSeen = (one: Observed<Seen> | undefined): one is Observed<NodeSeen> => one?.address === GUARD;
const isHookSeen = (one: Observed<Seen> | undefined): one is Observed<HookSeen> => !!one && one.address !== GUARD;
const isNodePut = (job: PutJob<Props, Seen>): job is PutJob<NodeProps, NodeSeen> => job.want.address === GUARD;
const isHookPut = (job: PutJob<Props, Seen>): job is PutJob<HookProps, HookSeen> => job.want.address !== GUARD;
const isNodeRemoval = (job: RemoveJob<Seen>): job is RemoveJob<NodeSeen> => job.address === GUARD;
const isHookRemoval = (job: RemoveJob<Seen>): job is RemoveJob<HookSeen> => job.address !== GUARD;

function observeBoth(queries: readonly Query<Props>[], fleet: Fleet, world: Reader) {
  const observation = observe(queries.filter(isHookQuery), fleet, world);
  const node = queries.filter(isNodeQuery).map((query) => inspectNode(query, fleet, world.files));
  return { ...observation, observed: [...node, ...observation.observed] };
}

async function putBoth(
  jobs: readonly PutJob<Props, Seen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  for (const job of jobs.filter(isNodePut)) await putNode(job, fleet, world, settle);
  const hooks = jobs.filter(isHookPut);
  if (hooks.length > 0) await put(hooks, fleet, world, settle);
}

async function removeBoth(
  jobs: readonly RemoveJob<Seen>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  await remove(jobs.filter(isHookRemoval), fleet, world, settle);
  for (const job of jobs.filter(isNodeRemoval)) await removeNode(job, fleet, world, settle);
}

function isUnproven(want: Desired<Props>, have: Observed<Seen>, record: Recorded | undefined): boolean {
  if (!isHook(want) || !isHookSeen(have)) return false;
  return record?.facts?.["proof"] !== proofKey(want.parts[""]?.digest ?? "", have.seen);
}

/** A hook has no life of its own: only a note when nothing proves that it does its work. */
function health(
  want: Desired<Props> | undefined,
  have: Observed<Seen> | undefined,
  record: Recorded | undefined,
): HealthReport {
  const proven = want !== undefined && (!isHook(want) || (have?.same === true && !isUnproven(want, have, record)));
  return { health: have?.exists === true ? "running" : "absent", notes: proven ? [] : ["unproven"], session: null };
}

const kind: Kind<Props, Seen> = {
  name: KIND,
  describe: {
    owns:
      "The executable of an agent's PreToolUse hook, `.claude/hooks/auto-deny`: it refuses tools, places and delegations that the registry does not give to the agent. " +
      "And `.rollcall/node.local.path` in the agents folder, which names the Node that all hooks of this machine run under; it is not committed.",
    inSync:
      "A hook's bytes are the rendered ones, its owner may execute it, others may not write to it. It is proven by behaviour: after it was written, " +
      "one call it has to refuse was refused and one it has to allow was allowed. Without a proof it is `unproven`, which is no difference. " +
      "The file names the recorded Node, as long as that can be run.",
    addresses: "`hook/<agent>/auto-deny`, `hook/-/guard`",
  },
  live: false,
  // A hook without the file refuses every call: it goes last.
  removalRank: (address) => (address === GUARD ? 4 : 2),
  desire,
  desireFleet: desireNode,
  observe: observeBoth,
  diff: (want, have, { paths }) => {
    if (want === undefined ? isNodeSeen(have) : isNode(want))
      return diffNode(want && isNode(want) ? want : undefined, isNodeSeen(have) ? have : undefined);
    const hook = want && isHook(want) ? want : undefined;
    return diff(hook, isHookSeen(have) ? have : undefined, paths === undefined ? {} : { paths });
  },
  put: putBoth,
  remove: removeBoth,
  capabilities: {
    permissive: { gains: ({ before, after }) => hookGains(before, after) },
    provable: {
      prove: (wants, fleet, world, settle, how) => prove(wants.filter(isHook), fleet, world, settle, how),
      isUnproven,
    },
    monitored: { health },
    readable: { declares },
  },
};

export const hook: Kind = defineKind(kind);
