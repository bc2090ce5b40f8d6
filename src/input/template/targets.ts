// Where a rendered file may lie: inside its agent's folder, on nothing reserved, on nothing another output takes.
import { posix } from "node:path";
import type { Folders } from "../../model/fleet.ts";

/** True for a target that belongs to this machine and is not committed: `settings.local.json`. */
export function isLocal(target: string): boolean {
  return posix.basename(target).includes(".local.");
}

export interface TargetFault {
  readonly code: "E216" | "E217" | "E218";
  readonly message: string;
  readonly hint: string;
}

export interface TargetCheck {
  /** The agent's folder, below the agents folder. */
  readonly dir: string;
  readonly folders: Folders;
  /** The targets of one agent, in the order of the fleet's files, each with the template it comes from. */
  readonly targets: readonly { readonly target: string; readonly template: string }[];
  readonly hookPath: string;
}

/** The first fault of one agent's targets, or null. */
export function checkTargets({ dir, folders, targets, hookPath }: TargetCheck): TargetFault | null {
  const taken: { path: string; by: string }[] = [{ path: posix.normalize(hookPath), by: "the hook" }];
  for (const { target, template } of targets) {
    const fault = checkOne(target, posix.join(folders.agents, dir), folders) ?? collision(target, template, taken);
    if (fault) return fault;
    taken.push({ path: posix.normalize(target), by: template });
  }
  return null;
}

function checkOne(target: string, agentFolder: string, folders: Folders): TargetFault | null {
  const path = posix.join(agentFolder, target);
  const inside =
    target !== "" && !target.startsWith("/") && !target.endsWith("/") && path.startsWith(`${agentFolder}/`);
  if (!inside || target.includes("\\") || target.includes("\0")) {
    const resolved = target.startsWith("/") ? target : path;
    return {
      code: "E216",
      message: `the target ${JSON.stringify(target)} is not a file in the agent's folder: ${resolved}`,
      hint: "a target is a relative path that stays inside, like .claude/CLAUDE.md",
    };
  }
  const parts = path.slice(agentFolder.length + 1).split("/");
  const reserved =
    parts.some((part) => part.toLowerCase() === ".git" || /\.rollcall-/.test(part)) ||
    path === posix.join(folders.agents, "rollcall.lock.json") ||
    `${path}/`.startsWith(`${folders.state}/`);
  if (!reserved) return null;
  return { code: "E218", message: `the target is a reserved path: ${path}`, hint: "choose another path" };
}

function collision(
  target: string,
  template: string,
  taken: readonly { path: string; by: string }[],
): TargetFault | null {
  const path = posix.normalize(target);
  const other = taken.find((one) => {
    return one.path === path || one.path.startsWith(`${path}/`) || path.startsWith(`${one.path}/`);
  });
  if (!other) return null;
  const how = other.path === path ? "is also written by" : `stands in the way of ${other.path}, written by`;
  return {
    code: "E217",
    message: `${path}, written by ${template}, ${how} ${other.by}`,
    hint: "give one of them another target",
  };
}
