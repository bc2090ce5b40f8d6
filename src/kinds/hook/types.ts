// What the kind `hook` carries through the loop: the desired props, what was seen, and the digests both are told by.
import { join, posix } from "node:path";
import { digestBytes, digestParts } from "../../delta/digest.ts";
import { type Address, address } from "../../model/address.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Desired, Parts } from "../../model/resource.ts";
import { renderHook, type Whereabouts } from "./render.ts";

export const KIND = "hook";
/** Permission bits of a hook that we write. */
export const MODE = 0o755;

/** What the hooks of all agents share. */
export const GUARD: Address = address({ kind: KIND, agent: "-", name: "guard" });
/** The file that names this machine's Node, relative to the agents folder; its name says that it is not committed. */
export const NODE_AT = ".rollcall/node.local.path";
/** Name of the ledger in the state folder: where it is, this machine has applied, and the file above has to be there. */
export const LEDGER = "ledger.json";

export interface HookProps {
  /** The policy as it stands in the executable: JSON. */
  readonly policy: string;
  /** A call the guard has to refuse and one it has to allow, as the client would send them; `allowed` null: there is none. */
  readonly denied: string;
  readonly allowed: string | null;
  readonly where: Whereabouts;
}

/** Where a hook of this place, relative to the agents folder, finds what is not in it. */
export function whereabouts(at: string, dir: string, { machine: { folders } }: Fleet): Whereabouts {
  const up = (folder: string): string => posix.relative(`/${folder}`, "/") || ".";
  return {
    fromHook: up(posix.dirname(at)),
    fromHome: up(dir),
    node: NODE_AT,
    ledger: `${posix.relative(folders.agents, folders.state)}/${LEDGER}`,
  };
}

/** Whether the thing at the path can be the hook at all, and how it differs when it does. */
export type HookState = "absent" | "same" | "empty" | "idle" | "ours" | "other";

export interface HookSeen {
  readonly content: HookState;
  /** Permission bits, null when absent. */
  readonly mode: number | null;
  /** The policy inside an executable of ours that differs from the desired one. */
  readonly policy: string | null;
  /** The Node that the hook runs under here; null: none. */
  readonly interpreter: string | null;
  readonly searchPath: string;
}

const MODES: readonly string[] = [0, 1, 2, 3].map((bits) =>
  digestBytes(`executable ${(bits & 1) !== 0}, writable by others ${(bits & 2) !== 0}`),
);

/** Permissions as far as they count: the owner may execute, others may not write. A clone under any umask is in sync. */
export function modeDigest(mode: number): string {
  return MODES[((mode & 0o100) >> 6) | (mode & 0o002)] ?? "";
}

/** The parts of a hook whose bytes have this digest. Digests only: hooks are never shown. */
export function hookParts(bytesDigest: string, mode: number): Parts {
  return {
    "": { digest: bytesDigest, enforced: true },
    mode: { digest: modeDigest(mode), enforced: true },
  };
}

export function hookDigest(parts: Parts): string {
  return digestParts(parts);
}

export function hookBytes(want: Desired<HookProps>): Buffer {
  return renderHook(want.props.policy, want.props.where);
}

/** Where a hook lies, from the place relative to the agents folder. */
export function hookPath(at: string, fleet: Fleet): string {
  return join(fleet.machine.folders.agents, at);
}

/** What a proof holds for. When any of it changes, the hook has to be proven again. */
export function proofKey(bytesDigest: string, seen: Pick<HookSeen, "mode" | "interpreter" | "searchPath">): string {
  const mode = modeDigest(seen.mode ?? 0);
  return digestBytes([bytesDigest, mode, seen.interpreter ?? "", seen.searchPath].join("\n"));
}
