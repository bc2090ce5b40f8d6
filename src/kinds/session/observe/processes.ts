// Processes as procfs tells of them: one process, the table of all, the tree below one.
import { HostError } from "../../../model/errors.ts";
import { isLive, type ProcessStat, parseProcessStat } from "../../../model/process-stat.ts";
import type { FileReader } from "../../../model/world.ts";

export type Process = ProcessStat;

/** The text of a file in procfs; null when the process is gone or not ours to read. */
export function readProc(files: Pick<FileReader, "read">, path: string): string | null {
  try {
    const read = files.read(path, { limit: 1024 * 1024 });
    return read.state === "file" ? read.bytes.toString("utf8") : null;
  } catch (error) {
    // The process went away between opening and reading (ESRCH).
    if (error instanceof HostError) return null;
    throw error;
  }
}

/** One process; null when there is none of that number, or only its remains. */
export function readProcess(files: Pick<FileReader, "read">, pid: number): Process | null {
  const process = readStat(files, pid);
  return process && isLive(process) ? process : null;
}

/** The same, also of one that has ended and was not yet reaped. */
export function readStat(files: Pick<FileReader, "read">, pid: number): Process | null {
  const text = readProc(files, `/proc/${pid}/stat`);
  return text === null ? null : parseProcessStat(text);
}

/** All processes of this machine that live. */
export function processTable(files: Pick<FileReader, "read" | "list">): readonly Process[] {
  return (files.list("/proc") ?? []).flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    const process = readProcess(files, Number(name));
    return process ? [process] : [];
  });
}

/**
 * A process, all below it, and all in its session (a child whose parent ended first is only found by that). Pids of a
 * live session are not given out again, so this never reaches a stranger while the first process lives.
 */
export function processTree(table: readonly Process[], root: number): readonly Process[] {
  const children = new Map<number, Process[]>();
  for (const one of table) {
    const list = children.get(one.parent);
    if (list) list.push(one);
    else children.set(one.parent, [one]);
  }
  const found = new Map<number, Process>();
  const visit = (process: Process) => {
    if (found.has(process.pid)) return;
    found.set(process.pid, process);
    for (const child of children.get(process.pid) ?? []) visit(child);
  };
  const first = table.find(({ pid }) => pid === root);
  if (!first) return [];
  visit(first);
  if (first.session === root) for (const one of table) if (one.session === root) visit(one);
  return [...found.values()];
}

/** This process's own pid, as procfs says it. */
export function ownPid(files: Pick<FileReader, "link">): number {
  return Number(files.link("/proc/self") ?? "0");
}

/**
 * What is left of a dead pane's process: members of its session that outlived it (they ignored the hang-up). The pid
 * may have been given out anew, so each must also carry the pane in its environment.
 */
export function orphanProcesses(
  table: readonly Process[],
  pane: { readonly pid: number; readonly pane: string },
  files: Pick<FileReader, "read">,
): readonly { readonly pid: number; readonly tick: string }[] {
  if (table.some(({ pid }) => pid === pane.pid)) return [];
  return table
    .filter(({ session, pid }) => session === pane.pid && hasEnvironment(pid, `TMUX_PANE=${pane.pane}`, files))
    .map(({ pid, tick }) => ({ pid, tick }));
}

/** True when a process has that entry in its environment. */
export function hasEnvironment(pid: number, variable: string, files: Pick<FileReader, "read">): boolean {
  return (readProc(files, `/proc/${pid}/environ`) ?? "").split("\0").includes(variable);
}
