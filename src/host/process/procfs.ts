// What procfs tells about processes (proc(5)): who they are, since when, and what they do at their terminal.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isLive, type ProcessStat, parseProcessStat } from "../../model/process-stat.ts";

/** Facts of a process; null when there is none. A zombie is still listed, its `state` says so. */
export function readProcess(pid: number): ProcessStat | null {
  const text = procText(`/proc/${pid}/stat`);
  return text === null ? null : parseProcessStat(text);
}

/** Start tick of a process that lives; null for one that is gone, or dead and only not yet reaped by its parent. */
export function liveStartTick(pid: number): string | null {
  const facts = readProcess(pid);
  return facts !== null && isLive(facts) ? facts.tick : null;
}

/** Who we are and who lives, as the run lock asks (ledger/lock.ts). */
export function createProcesses(): {
  readonly host: string;
  readonly pid: number;
  readonly startTick: string;
  readonly bootId: string;
  /** The pid namespace: a pid of another one says nothing here. */
  readonly space: string;
  startTickOf(pid: number): string | null;
} {
  const pid = Number(readlinkSync("/proc/self"));
  return {
    host: hostname(),
    pid,
    startTick: readProcess(pid)?.tick ?? "",
    bootId: (procText("/proc/sys/kernel/random/boot_id") ?? "").trim(),
    space: readlinkSync("/proc/self/ns/pid"),
    startTickOf: liveStartTick,
  };
}

/** Text of a file of procfs; null when the process is gone or not ours to look at. */
function procText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
