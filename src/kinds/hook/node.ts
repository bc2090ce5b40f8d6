// Which Node hooks run under: the one this machine's file names, and the one that a PATH offers for it.
import { basename, dirname, join } from "node:path";
import type { Fleet } from "../../model/fleet.ts";
import type { FileReader } from "../../model/world.ts";
import { NODE_AT } from "./types.ts";

/** The program a file's text names, when it is one line with an absolute path. */
export function namedIn(text: string): string | null {
  return /^(\/[^\n\0]*)\n$/.exec(text)?.[1] ?? null;
}

/** The executable that the file names; null when it names none. This is what hooks run under. */
export function namedNode({ machine }: Fleet, files: FileReader): string | null {
  const read = files.read(join(machine.folders.agents, NODE_AT), { limit: 64 * 1024 });
  const named = read.state === "file" ? namedIn(read.bytes.toString("utf8")) : null;
  return named !== null && files.find(named, "") !== null ? named : null;
}

/**
 * The program behind a `node` of a PATH, without the links of a version manager, which lead elsewhere tomorrow. Only
 * where the link leads to a program of another name (one that acts by the name it is called by), it is the link itself.
 */
function programBehind(path: string, files: FileReader): string {
  const real = files.real(path) ?? path;
  return /^node(?:js)?[\d.-]*$/.test(basename(real)) ? real : join(files.real(dirname(path)) ?? dirname(path), "node");
}

/** The programs called node on a PATH, in its order. */
export function nodesOn(searchPath: string, files: FileReader): string[] {
  const folders = searchPath.split(":").filter((folder) => folder.startsWith("/"));
  const found = folders.flatMap((folder) => files.find(join(folder, "node"), "") ?? []);
  return [...new Set(found.map((path) => programBehind(path, files)))];
}

/** The Node that the sessions' PATH offers: the one Rollcall itself runs under if it is there, else the first. */
export function offeredNode(searchPath: string, files: FileReader): string | null {
  const all = nodesOn(searchPath, files);
  const own = files.link("/proc/self/exe");
  return own !== null && all.includes(own) ? own : (all[0] ?? null);
}
