// The hook an agent should have, and the calls that prove it. Pure.

import type { GuardPolicy } from "../../guard/policy.ts";
import { address } from "../../model/address.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import type { Desired } from "../../model/resource.ts";
import { callText } from "./closed-calls.ts";
import { compilePolicy } from "./policy.ts";
import { policyText, renderedDigest } from "./render.ts";
import { GUARD, type HookProps, hookDigest, hookParts, KIND, MODE, whereabouts } from "./types.ts";

/** Tools whose arguments the guard looks at: not good for a call that is simply allowed. */
const CHECKED = new Set(["Write", "Edit", "MultiEdit", "NotebookEdit", "Bash", "Task", "Agent"]);

/** Nobody may write settings; who has no Write is refused the tool. */
function deniedCall(policy: GuardPolicy): string {
  return callText("Write", { file_path: `${policy.up === "" ? "." : ".claude"}/settings.json`, content: "{}" });
}

function allowedCall(policy: GuardPolicy): string | null {
  const free = [...policy.tools, ...policy.always].find((tool) => !CHECKED.has(tool));
  if (free !== undefined) return callText(free === "Agent" ? "Task" : free, {});
  if (policy.tools.includes("Bash")) return callText("Bash", { command: "true" });
  const writes = policy.tools.find((tool) => tool === "Write" || tool === "Edit");
  return writes === undefined ? null : callText(writes, { file_path: "/nonexistent/rollcall-probe" });
}

export function desire(agent: Agent, fleet: Fleet): readonly Desired<HookProps>[] {
  const policy = compilePolicy(agent, fleet);
  const text = policyText(policy);
  const at = `${agent.dir}/${fleet.hook.path}`;
  const where = whereabouts(at, agent.dir, fleet);
  const parts = hookParts(renderedDigest(text, where), MODE);
  return [
    {
      address: address({ kind: KIND, agent: agent.name, name: "auto-deny" }),
      kind: KIND,
      agent: agent.name,
      props: { policy: text, denied: deniedCall(policy), allowed: allowedCall(policy), where },
      parts,
      digest: hookDigest(parts),
      needs: [GUARD],
      portable: true,
      at,
    },
  ];
}
