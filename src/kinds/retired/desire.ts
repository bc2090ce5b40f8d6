// Which folders shall not be in the agents folder, from the lists in fleet.yaml. Pure.
import { digestJson, digestParts } from "../../delta/digest.ts";
import { address } from "../../model/address.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Desired } from "../../model/resource.ts";
import { ownFolders, registeredFolders } from "./paths.ts";
import type { RetiredProps } from "./types.ts";

/** No agent has one: the lists are the fleet's. */
export const desire = (): Desired<RetiredProps>[] => [];

/**
 * One resource per listed folder. Being absent is its desired state and therefore in sync, so a clone that never had
 * the folder has nothing to do.
 *
 * The folder of a registered agent never is one of them, listed or not: the spec's checks refuse such a list (E139),
 * and should they ever be passed by, the agent still keeps its folder. The same holds for `keep` and our own folders.
 */
export function desireFleet(fleet: Fleet): Desired<RetiredProps>[] {
  const { label, archive, delete: deleted, keep } = fleet.retire;
  if (archive.length === 0 && deleted.length === 0) return [];
  const never = new Set([...registeredFolders(fleet), ...ownFolders(fleet), ...keep.map((name) => name.toLowerCase())]);
  const wanted = new Map<string, RetiredProps>();
  for (const { dir, replacedBy } of archive) {
    wanted.set(dir, { folder: dir, rule: "archive", label, ...(replacedBy === undefined ? {} : { replacedBy }) });
  }
  // Listed under both, it is archived: of two wishes, the one that loses nothing.
  for (const dir of deleted) if (!wanted.has(dir)) wanted.set(dir, { folder: dir, rule: "delete", label });
  return [...wanted.values()].filter(({ folder }) => !never.has(folder.toLowerCase())).map(desired);
}

function desired(props: RetiredProps): Desired<RetiredProps> {
  const { folder, rule, label } = props;
  const parts = { "": { digest: digestJson(rule === "archive" ? { rule, label } : { rule }) } };
  return {
    address: address({ kind: "retired", agent: "-", name: folder }),
    kind: "retired",
    agent: "-",
    props,
    parts,
    digest: digestParts(parts),
    needs: [],
    portable: true,
    at: folder,
    optional: true,
  };
}
