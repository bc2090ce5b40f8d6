// The resource `hook/-/guard`: the file that names the Node under which the hooks of this machine run.
import { dirname } from "node:path";
import { digestBytes, digestParts } from "../../delta/digest.ts";
import type { Fleet } from "../../model/fleet.ts";
import { type Delta, NO_DELTA, type Query } from "../../model/kind.ts";
import type { Desired, Observed, Parts, Recorded } from "../../model/resource.ts";
import type { FileReader } from "../../model/world.ts";
import { namedIn, namedNode, nodesOn, offeredNode } from "./node.ts";
import { interpreterMissing, obstacleOf } from "./observe.ts";
import { GUARD, hookPath, KIND, modeDigest, NODE_AT } from "./types.ts";

/** Permission bits of the file. */
export const NODE_MODE = 0o644;

export interface NodeProps {
  readonly file: "node";
}

export interface NodeSeen {
  /** The Node the file has to name; null: none can be found. */
  readonly right: string | null;
  /** What the file names; null when it is not there or does not hold one absolute path. */
  readonly named: string | null;
  /** The Node recorded here, when it is not there or not executable any more. */
  readonly gone: string | null;
  readonly mode: number | null;
}

/** The path differs from machine to machine, the desired state must not: desired is that the file names the right Node. */
const RIGHT = digestBytes("the Node of this machine");

/** Permissions as for hooks: others may not write. */
export function nodeParts(bytes: Buffer, mode: number, right: string | null): Parts {
  const isRight = right !== null && bytes.equals(nodeBytes(right));
  return {
    "": { digest: isRight ? RIGHT : digestBytes(bytes), enforced: true },
    mode: { digest: modeDigest(mode), enforced: true },
  };
}

export function nodeBytes(path: string): Buffer {
  return Buffer.from(`${path}\n`);
}

/** The resource, where there is an agent with a hook. Pure, and the same on every machine. */
export function desireNode({ agents }: Fleet): Desired<NodeProps>[] {
  if (agents.length === 0) return [];
  const parts: Parts = {
    "": { digest: RIGHT, enforced: true },
    mode: { digest: modeDigest(NODE_MODE), enforced: true },
  };
  const digest = digestParts(parts);
  const base = { address: GUARD, kind: KIND, agent: "-", props: { file: "node" as const }, parts, digest };
  return [{ ...base, needs: [], portable: false, at: NODE_AT, shared: true }];
}

/**
 * The Node the file has to name: the recorded one as long as it can be run, whatever lies before it on the PATH by now.
 * Without a record (a lost ledger, a copied project) what the file names stays, if the PATH has it at all.
 */
function rightNode(record: Recorded | undefined, fleet: Fleet, files: FileReader): Pick<NodeSeen, "right" | "gone"> {
  const { sessionPath } = fleet.machine;
  const recorded = record?.facts?.["node"];
  const known = typeof recorded === "string" ? recorded : null;
  const gone = known !== null && files.find(known, "") === null ? known : null;
  if (files.find("node", sessionPath) === null || files.find("/bin/sh", "") === null) return { right: null, gone };
  if (known !== null && gone === null) return { right: known, gone };
  const named = known === null ? namedNode(fleet, files) : null;
  const stays = named !== null && nodesOn(sessionPath, files).includes(named);
  return { right: stays ? named : offeredNode(sessionPath, files), gone };
}

/** The file as it lies there. */
export function inspectNode(query: Query<NodeProps>, fleet: Fleet, files: FileReader): Observed<NodeSeen> {
  const { address, want, record } = query;
  const path = hookPath(want?.at ?? record?.at ?? NODE_AT, fleet);
  const { right, gone } = rightNode(record, fleet, files);
  const seen: NodeSeen = { right, gone, named: null, mode: null };
  const nothing = { address, exists: false, same: false, parts: {}, seen, digest: "absent" };
  const folder = files.folder(dirname(path));
  const read = folder.state === "folder" ? files.read(path, { owned: true, limit: 64 * 1024 }) : folder;
  switch (read.state) {
    case "absent":
      return nothing;
    case "refused":
      return { ...nothing, exists: true, digest: digestBytes(read.message), obstacle: obstacleOf(read) };
    case "file": {
      const { mode } = read.facts;
      const parts = nodeParts(read.bytes, mode, right);
      const digest = digestParts(parts);
      const shown = { ...seen, named: namedIn(read.bytes.toString("utf8")), mode };
      // Its place alone makes it ours: nobody has to adopt it after the ledger was lost.
      const known = { address, exists: true, parts, digest, seen: shown, mark: {} };
      if (right !== null) return { ...known, same: digest === want?.digest };
      const { message, hint = "" } = interpreterMissing({ searchPath: fleet.machine.sessionPath });
      return { ...known, same: false, obstacle: { why: "no-interpreter", message, hint } };
    }
  }
}

/** What is wrong with the file, in one clause, with both paths. */
export function diffNode(want: Desired<NodeProps> | undefined, have: Observed<NodeSeen> | undefined): Delta {
  if (want === undefined) {
    const changes = [{ path: "", before: have?.seen.named ?? null, after: null }];
    return { ...NO_DELTA, changes, reason: "no agent has a hook any more" };
  }
  const right = have?.seen.right ?? null;
  if (have === undefined || !have.exists) {
    return { ...NO_DELTA, changes: [{ path: "", before: null, after: right }], reason: "the file is missing" };
  }
  if (have.same) return { ...NO_DELTA, reason: "the file is as it should be" };
  const { named, gone, mode } = have.seen;
  const isWrong = have.parts[""]?.digest !== RIGHT;
  const isOpen = have.parts["mode"]?.digest !== want.parts["mode"]?.digest;
  return {
    ...NO_DELTA,
    reason: [isWrong ? wrong(have.seen) : "", isOpen ? "its permissions differ" : ""].filter(Boolean).join("; "),
    changes: [
      ...(isWrong ? [{ path: "", before: named ?? gone, after: right }] : []),
      ...(isOpen ? [{ path: "mode", before: `0${(mode ?? 0).toString(8)}`, after: `0${NODE_MODE.toString(8)}` }] : []),
    ],
  };
}

function wrong({ named, gone, right }: NodeSeen): string {
  if (gone !== null) return `the hooks' Node ${gone} is not there or not executable any more; ${right} takes its place`;
  if (named === null) return "the file does not hold one absolute path";
  return `the file names ${named}, the hooks' Node is ${right}`;
}
