// Folders nobody listed: neither an agent's, nor retired, nor kept by rule. They are told of and left alone.
import type { Fleet } from "../../model/fleet.ts";
import type { FileFacts } from "../../model/world.ts";
import { ownFolders, shownIn } from "./paths.ts";

/** The paths of unlisted folders directly below the agents folder, relative to the project root. */
export function unmanagedFolders(
  entries: readonly { readonly name: string; readonly type: FileFacts["type"] }[],
  fleet: Fleet,
): string[] {
  const { archive, delete: deleted, keep } = fleet.retire;
  const known = new Set([...ownFolders(fleet), ...archive.map(({ dir }) => dir), ...deleted, ...keep]);
  for (const agent of fleet.agents) known.add(agent.dir);
  const { root, agents } = fleet.machine.folders;
  const folder = shownIn(root, agents);
  return entries
    .filter(({ name, type }) => type === "folder" && !name.startsWith(".") && !known.has(name))
    .map(({ name }) => `${folder}/${name}`);
}
