// The calls that a hook has to refuse because of its globs: made from their text, not from what they were compiled into.
// Made only for a proof: a plan has no use for them.
import { posix } from "node:path";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { meantPaths } from "./meant-paths.ts";

export interface ClosedCall {
  readonly glob: string;
  /** Relative to the project root. */
  readonly path: string;
  readonly call: string;
}

/** A call as the client sends it to a PreToolUse hook (`cwd` is left to the guard: the launch folder). */
export function callText(tool: string, input: Readonly<Record<string, string>>): string {
  return JSON.stringify({ hook_event_name: "PreToolUse", tool_name: tool, tool_input: input });
}

/** One call for each path that a reader takes the closed globs of an agent to mean; none where it has no tool to write with. */
export function closedCalls(name: string, fleet: Fleet): readonly ClosedCall[] {
  const agent = agentsOf(fleet).get(name);
  if (agent === undefined) return [];
  return agent.deniedGlobs.flatMap(({ glob }) =>
    meantPaths(glob).flatMap((path) => {
      const call = writeCall(agent, posix.join(fleet.machine.folders.root, path));
      return call === null ? [] : [{ glob, path, call }];
    }),
  );
}

const rosters = new WeakMap<Fleet, ReadonlyMap<string, Agent>>();

function agentsOf(fleet: Fleet): ReadonlyMap<string, Agent> {
  const found = rosters.get(fleet) ?? new Map(fleet.agents.map((agent) => [agent.name, agent]));
  rosters.set(fleet, found);
  return found;
}

/** The tools by which an agent can be asked to write to a path, as it has them. */
function writeCall({ tools }: Agent, file: string): string | null {
  if (tools.includes("Write")) return callText("Write", { file_path: file, content: "" });
  if (tools.includes("Edit")) return callText("Edit", { file_path: file, old_string: "a", new_string: "b" });
  return tools.includes("Bash") ? callText("Bash", { command: `: > '${file.replaceAll("'", "'\\''")}'` }) : null;
}
