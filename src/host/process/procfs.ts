// What procfs tells about processes (proc(5)): who they are, since when, and what they do at their terminal.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessFacts {
  readonly pid: number;
  /** The name of its program, at most 15 bytes. */
  readonly name: string;
  /** One letter: R running, S sleeping, T stopped, Z zombie, … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Process group that has its terminal's foreground; -1 without a terminal. */
  readonly foreground: number;
  /** Start time in clock ticks since boot: with the pid it names one process for one boot. */
  readonly startTick: string;
}

/** Facts of a live process; null when there is none. A zombie is still listed, its `state` says so. */
export function readProcess(pid: number): ProcessFacts | null {
  const text = procText(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(pid, text);
}

/** The name may hold spaces and parentheses: the fields are counted from the last `)`. */
function parseStat(pid: number, text: string): ProcessFacts | null {
  const close = text.lastIndexOf(")");
  if (close < 0) return null;
  const fields = text.slice(close + 2).split(" ");
  const [state = "", parent, group, session, , foreground] = fields;
  const startTick = fields[19];
  if (startTick === undefined) return null;
  return {
    pid,
    name: text.slice(text.indexOf("(") + 1, close),
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    foreground: Number(foreground),
    startTick,
  };
}

/** Start tick of a process that lives; null for one that is gone, or dead and only not yet reaped by its parent. */
export function liveStartTick(pid: number): string | null {
  const facts = readProcess(pid);
  return facts === null || facts.state === "Z" || facts.state === "X" ? null : facts.startTick;
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
    startTick: readProcess(pid)?.startTick ?? "",
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
