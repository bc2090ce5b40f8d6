// Looks at hooks: bytes and permissions, never by running them.
import { dirname } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Observation, Query } from "../../model/kind.ts";
import type { Observed, Obstacle } from "../../model/resource.ts";
import type { FileReader, Reader, Refused } from "../../model/world.ts";
import { namedNode, offeredNode } from "./node.ts";
import { carriedPolicy } from "./render.ts";
import {
  type HookProps,
  type HookSeen,
  type HookState,
  hookBytes,
  hookDigest,
  hookParts,
  hookPath,
  modeDigest,
} from "./types.ts";

const HINTS: Readonly<Record<Refused["why"], string>> = {
  link: "replace the link by the real thing, or remove it",
  "not-a-file": "move it away",
  "not-a-folder": "move it away",
  owner: "give it to the user who runs rollcall (chown), or move it away",
  "hard-link": "remove the other name, or copy the file",
  "world-writable": "take write permission from others (chmod o-w)",
  "too-large": "move it away",
  outside: "keep the agents folder inside the project",
  unreadable: "give its owner read permission (chmod u+r)",
};

export function obstacleOf(refused: Refused): Obstacle {
  return { why: refused.why, message: refused.message, hint: HINTS[refused.why] };
}

type Surroundings = Pick<HookSeen, "interpreter" | "searchPath">;

/** The Node that a session's hook runs under: the one the file names, else what the PATH offers for it. */
export function surroundings(fleet: Fleet, files: FileReader): Surroundings {
  const searchPath = fleet.machine.sessionPath;
  const isThere = files.find("node", searchPath) !== null && files.find("/bin/sh", searchPath) !== null;
  return { interpreter: isThere ? (namedNode(fleet, files) ?? offeredNode(searchPath, files)) : null, searchPath };
}

/** Reported once, before anything is written: without its interpreter no hook can refuse or allow a call. */
export function interpreterMissing({ searchPath }: Pick<Surroundings, "searchPath">): Diagnostic {
  return {
    code: "E601",
    severity: "error",
    file: "desired/fleet.yaml",
    line: 1,
    col: 1,
    message: `the hook's interpreter is missing: no node (or no /bin/sh) on the sessions' PATH ${searchPath}`,
    hint: "run rollcall apply in a terminal whose PATH has node, or set session.path in rollcall.config.yaml",
  };
}

export function observe(queries: readonly Query<HookProps>[], fleet: Fleet, world: Reader): Observation<HookSeen> {
  const around = surroundings(fleet, world.files);
  const needed = around.interpreter === null && queries.some((query) => query.want !== undefined);
  return {
    observed: queries.map((query) => {
      const seen = observeHook(query, { fleet, files: world.files, around });
      return needed && query.want ? lame(seen) : seen;
    }),
    unmanaged: [],
    warnings: needed ? [interpreterMissing(around)] : [],
  };
}

/** A hook that nothing can run is not in sync, whatever its bytes; writing it again would not help either. */
function lame(seen: Observed<HookSeen>): Observed<HookSeen> {
  if (!seen.exists || seen.obstacle) return seen;
  const { message, hint = "" } = interpreterMissing(seen.seen);
  return { ...seen, same: false, parts: {}, obstacle: { why: "no-interpreter", message, hint } };
}

interface HookContext {
  readonly fleet: Fleet;
  readonly files: FileReader;
  readonly around: Surroundings;
}

/** One hook as it lies there. The hot path compares bytes and makes nothing else. */
function observeHook(query: Query<HookProps>, { fleet, files, around }: HookContext): Observed<HookSeen> {
  const { want, address } = query;
  const at = want?.at ?? query.record?.at;
  const nothing = { address, exists: false, same: false, parts: {} };
  const seen = (kind: HookState, mode: number | null = null, policy: string | null = null): HookSeen => ({
    ...around,
    content: kind,
    mode,
    policy,
  });
  const absent = (): Observed<HookSeen> => ({ ...nothing, seen: seen("absent"), digest: "absent" });
  const obstructed = (refused: Refused): Observed<HookSeen> => ({
    ...nothing,
    exists: true,
    seen: seen("other"),
    digest: digestBytes(refused.message),
    obstacle: obstacleOf(refused),
  });
  if (at === undefined) return absent();
  const path = hookPath(at, fleet);
  const folder = files.folder(dirname(path));
  if (folder.state === "refused") return obstructed(folder);
  if (folder.state === "absent") return absent();
  if (want !== undefined) {
    const compared = files.compare(path, hookBytes(want));
    if (compared.state === "refused") return obstructed(compared);
    if (compared.state === "absent") return absent();
    if (compared.same && modeDigest(compared.facts.mode) === want.parts["mode"]?.digest) {
      const { parts, digest } = want;
      return { address, exists: true, same: true, parts, digest, seen: seen("same", compared.facts.mode) };
    }
  }
  const read = files.read(path, { owned: true });
  if (read.state === "refused") return obstructed(read);
  if (read.state === "absent") return absent();
  const parts = hookParts(digestBytes(read.bytes), read.facts.mode);
  const sameBytes = parts[""]?.digest === want?.parts[""]?.digest;
  const text = sameBytes ? "" : read.bytes.toString("utf8");
  const kind = sameBytes ? "same" : stateOf(text);
  return {
    address,
    exists: true,
    same: false,
    parts,
    digest: hookDigest(parts),
    seen: seen(kind, read.facts.mode, kind === "ours" ? carriedPolicy(text) : null),
  };
}

/** What kind of thing lies there instead. */
function stateOf(text: string): HookState {
  if (text.trim() === "") return "empty";
  if (carriedPolicy(text) !== null) return "ours";
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  return lines.every((line) => /^\s*(?:exit(?: 0)?|true|:|pass|process\.exit\((?:0)?\);?)\s*$/.test(line))
    ? "idle"
    : "other";
}
