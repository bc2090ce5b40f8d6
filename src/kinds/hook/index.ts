// The kind `hook`: one executable per agent that answers the client's PreToolUse question, and the Node they run under.
import { defineKind, type Kind } from "../../model/kind.ts";
import { desire } from "./desire.ts";
import { hookGains } from "./diff.ts";
import { diff, health, isHook, isUnproven, observe, type Props, put, remove, type Seen } from "./join.ts";
import { desireNode } from "./node-file.ts";
import { declares } from "./parse-policy.ts";
import { prove } from "./proof.ts";
import { GUARD, KIND } from "./types.ts";

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
  observe,
  diff,
  put,
  remove,
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
