// The kind `retired`: folders that have to leave the agents folder, archived with an index entry, or deleted.
import { defineKind, type Kind } from "../../model/kind.ts";
import { desire, desireFleet } from "./desire.ts";
import { diff } from "./diff.ts";
import { observe } from "./observe.ts";
import { put } from "./put.ts";
import { remove } from "./remove.ts";
import type { RetiredProps, RetiredSeen } from "./types.ts";

export const retired: Kind = defineKind<RetiredProps, RetiredSeen>({
  name: "retired",
  describe: {
    owns: "A folder that has to leave the agents folder: each entry of `retire.archive` and `retire.delete` in fleet.yaml. Folders under `retire.keep`, the archive itself and the folders of registered agents are never touched; a folder nobody listed is told of as unmanaged.",
    inSync:
      "It is not in the agents folder. An archived one stands in `agents/archive/<label>/` and INDEX.md there says where it was, why it went, what replaced it, the digest of its content and how to restore it. A clone that never had the folder is in sync. A folder that code or configuration still names is blocked until --force. A deleted folder is kept whole as a before-image, and `undo` moves either back as it was; with `retire.tag` a git tag marks the commit before anything leaves.",
    addresses: "retired/-/<folder>",
  },
  live: false,
  removalRank: () => 0,
  desire,
  desireFleet,
  observe,
  diff,
  put,
  remove,
  capabilities: {},
});
