// Writes and removes the file that names the hooks' Node; a program that is not a working Node is never named in it.
import { dirname } from "node:path";
import { digestParts } from "../../delta/digest.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { PutJob, RemoveJob } from "../../model/kind.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Settle } from "../../model/settled.ts";
import type { Edit, FileFacts, Writer } from "../../model/world.ts";
import { offeredNode } from "./node.ts";
import { NODE_MODE, type NodeProps, type NodeSeen, nodeBytes, nodeParts } from "./node-file.ts";
import { interpreterMissing } from "./observe.ts";
import { hookPath } from "./types.ts";
import { left } from "./write-outcome.ts";

const MAJOR = 20;
const TIMEOUT_MS = 10_000;

type Job = PutJob<NodeProps, NodeSeen>;

export async function putNode({ want, have }: Job, fleet: Fleet, world: Writer, settle: Settle): Promise<void> {
  const { address } = want;
  const right = have?.seen.right ?? offeredNode(fleet.machine.sessionPath, world.files);
  const error =
    right === null
      ? asFailure(interpreterMissing({ searchPath: fleet.machine.sessionPath }))
      : await whyNotNode(right, fleet, world);
  if (right === null || error !== null) {
    if (error !== null) settle({ address, result: "failed", error });
    return;
  }
  const bytes = nodeBytes(right);
  const edit: Edit = (current) => {
    if (current === null) return have?.exists === true ? MOVED : { do: "write", bytes };
    const digest = digestOf(current, right);
    if (digest === want.digest) return { do: "keep" };
    return digest === have?.digest || current.bytes.equals(bytes) ? { do: "write", bytes } : MOVED;
  };
  const path = hookPath(want.at, fleet);
  const result = await world.files.replace({ path, mode: NODE_MODE, run: world.run, edit, parents: true });
  const parts = Object.fromEntries(Object.entries(want.parts).map(([name, part]) => [name, part.digest]));
  settle(left(address, path, result) ?? { address, result: "done", parts, facts: { node: right } });
}

const MOVED = { do: "moved", reason: "it changed since the plan was made" } as const;

function digestOf({ bytes, facts }: { readonly bytes: Buffer; readonly facts: FileFacts }, right: string | null) {
  return digestParts(nodeParts(bytes, facts.mode, right));
}

function asFailure({ code, message, hint }: ReturnType<typeof interpreterMissing>): Failure {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

/** Asks a program for its version in a way that one which merely ends with 0 does not answer. Rollcall's own is known. */
async function whyNotNode(program: string, { machine }: Fleet, { files, exec }: Writer): Promise<Failure | null> {
  if (program === files.link("/proc/self/exe")) return null;
  const command = [program, "-p", '"node " + process.versions.node'];
  const asked = await exec.run(command, { env: { PATH: machine.sessionPath }, cwd: "/", timeoutMs: TIMEOUT_MS });
  const major = /^node (\d+)\./.exec(asked.stdout)?.[1];
  if (asked.code === 0 && major !== undefined && Number(major) >= MAJOR) return null;
  const why = major === undefined ? "it does not work as Node" : `it is Node ${major}, and ${MAJOR} is needed`;
  return {
    code: "E608",
    message: `${program} is the node on the sessions' PATH, but ${why}: the hooks cannot run under it`,
    hint: `install Node ${MAJOR} or later before it on that PATH, or set session.path in rollcall.config.yaml`,
  };
}

export async function removeNode(
  { address, have, record }: RemoveJob<NodeSeen>,
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<void> {
  const path = hookPath(record.at, fleet);
  const edit: Edit = (current) => {
    if (current === null) return { do: "keep" };
    return digestOf(current, have.seen.right) === have.digest ? { do: "write", bytes: Buffer.alloc(0) } : MOVED;
  };
  const result = await world.files.remove({ path, run: world.run, edit });
  if (result.state === "written") world.files.removeEmptyFolder(dirname(path));
  settle(left(address, path, result) ?? { address, result: "done", parts: {} });
}
