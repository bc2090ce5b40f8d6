// The hook an agent should have, and the calls that prove it. Pure.

import type { Policy } from "../../guard/policy.ts";
import { address } from "../../model/address.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import type { Desired } from "../../model/resource.ts";
import { meantPaths } from "./meant-paths.ts";
import { compilePolicy } from "./policy.ts";
import { policyText, renderedDigest } from "./render.ts";
import { type ClosedCall, GUARD, type HookProps, hookDigest, hookParts, KIND, MODE, whereabouts } from "./types.ts";

/** Tools whose arguments the guard looks at: not good for a call that is simply allowed. */
const CHECKED = new Set(["Write", "Edit", "MultiEdit", "NotebookEdit", "Bash", "Task", "Agent"]);

/** A call as the client sends it to a PreToolUse hook (`cwd` is left to the guard: the launch folder). */
function call(tool: string, input: Readonly<Record<string, string>>): string {
  return JSON.stringify({ hook_event_name: "PreToolUse", tool_name: tool, tool_input: input });
}

/** Nobody may write settings; who has no Write is refused the tool. */
function deniedCall(policy: Policy): string {
  return call("Write", { file_path: `${policy.up === "" ? "." : ".claude"}/settings.json`, content: "{}" });
}

function allowedCall(policy: Policy): string | null {
  const free = [...policy.tools, ...policy.always].find((tool) => !CHECKED.has(tool));
  if (free !== undefined) return call(free === "Agent" ? "Task" : free, {});
  if (policy.tools.includes("Bash")) return call("Bash", { command: "true" });
  const writes = policy.tools.find((tool) => tool === "Write" || tool === "Edit");
  return writes === undefined ? null : call(writes, { file_path: "/nonexistent/rollcall-probe" });
}

/** The tools by which an agent can be asked to write to a path, as it has them; none: there is nothing to ask. */
function writeCall({ tools, root }: Policy, path: string): string | null {
  const file = `${root}/${path}`;
  if (tools.includes("Write")) return call("Write", { file_path: file, content: "" });
  if (tools.includes("Edit")) return call("Edit", { file_path: file, old_string: "a", new_string: "b" });
  return tools.includes("Bash") ? call("Bash", { command: `: > '${file.replaceAll("'", "'\\''")}'` }) : null;
}

/** Made from the text of the globs, not from what they were compiled into: a wrong rule fails its own proof. */
function closedCalls(agent: Agent, policy: Policy): ClosedCall[] {
  return agent.deniedGlobs.flatMap(({ glob }) =>
    meantPaths(glob).flatMap((path) => {
      const made = writeCall(policy, path);
      return made === null ? [] : [{ glob, path, call: made }];
    }),
  );
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
      props: {
        policy: text,
        denied: deniedCall(policy),
        allowed: allowedCall(policy),
        closed: closedCalls(agent, policy),
        where,
      },
      parts,
      digest: hookDigest(parts),
      needs: [GUARD],
      portable: true,
      at,
    },
  ];
}
