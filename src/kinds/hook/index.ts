// The kind `hook`: one self-contained executable per agent that answers the client's PreToolUse question.
import { defineKind, type HealthReport, type Kind } from "../../model/kind.ts";
import type { Desired, Observed, Recorded } from "../../model/resource.ts";
import { put, remove } from "./converge.ts";
import { declares } from "./declares.ts";
import { check, desire } from "./desire.ts";
import { diff } from "./diff.ts";
import { observe } from "./observe.ts";
import { prove } from "./proof.ts";
import { type HookProps, type HookSeen, KIND, proofKey } from "./view.ts";

function isUnproven(want: Desired<HookProps>, have: Observed<HookSeen>, record: Recorded | undefined): boolean {
  return record?.facts?.["proof"] !== proofKey(want.parts[""]?.digest ?? "", have.seen);
}

/** A hook has no life of its own: only a note when nothing proves that it does its work. */
function health(
  want: Desired<HookProps>,
  have: Observed<HookSeen> | undefined,
  record: Recorded | undefined,
): HealthReport {
  const proven = have?.same === true && !isUnproven(want, have, record);
  return { health: have?.exists === true ? "running" : "absent", notes: proven ? [] : ["unproven"], session: null };
}

const kind: Kind<HookProps, HookSeen> = {
  name: KIND,
  describe: {
    owns: "The executable of an agent's PreToolUse hook, `.claude/hooks/auto-deny`: it refuses tools, places and delegations that the registry does not give to the agent.",
    inSync:
      "Its bytes are the rendered ones, its owner may execute it, others may not write to it. It is proven by behaviour: after it was written, " +
      "one call it has to refuse was refused and one it has to allow was allowed. Without a proof it is `unproven`, which is no difference.",
    addresses: "`hook/<agent>/auto-deny`",
  },
  live: false,
  removalRank: () => 2,
  desire,
  check,
  observe,
  diff: (want, have, { paths }) => diff(want, have, paths === undefined ? {} : { paths }),
  put,
  remove,
  prove,
  isUnproven,
  health,
  declares,
};

export const hook: Kind = defineKind(kind);
