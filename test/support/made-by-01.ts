// A project as 0.1 left it: three agents applied, one of them held. Its records and marks as that version wrote them,
// with the place and the socket put in.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestBytes } from "../../src/delta/digest.ts";

const folder = fileURLToPath(new URL("made-by-0.1", import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

/** The spec it was applied from, by path below the root. */
export function specOf01(): Record<string, string> {
  const names = ["desired", "templates"].flatMap((dir) => readdirSync(join(folder, dir)).map((one) => `${dir}/${one}`));
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

interface PlaceOf01 {
  readonly root: string;
  readonly socket: string;
  /** The process of each agent's session, by agent. */
  readonly processes?: ReadonlyMap<string, { readonly pid: number; readonly tick: string }>;
}

/** Its ledger: what names a place or a process names this one, and the digest at the end proves it, as 0.1 made it. */
export function ledgerOf01({ root, socket, processes = new Map() }: PlaceOf01): string {
  let text = read("ledger.txt").replace('"/fleet"', JSON.stringify(root)).replaceAll("SOCKET", socket);
  for (const [agent, { pid, tick }] of processes) {
    const line = new RegExp(`("session/${agent}/main@.*)"pid":\\d+,"tick":"\\d+"`);
    text = text.replace(line, `$1"pid":${pid},"tick":"${tick}"`);
  }
  const proven = text.slice(0, text.lastIndexOf('  "digest": "'));
  return `${proven}  "digest": "${digestBytes(proven)}"\n}\n`;
}

export const lockFileOf01 = (): string => read("lock-file.txt");

/** The marks of its sessions by session name: the value of `@rollcall` for a fleet of that id. */
export function marksOf01(fleetId: string): ReadonlyMap<string, string> {
  const lines = read("marks.txt").trim().split("\n");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", (line.split(" ")[1] ?? "").replace("FLEET", fleetId)]));
}
