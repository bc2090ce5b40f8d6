// One process as the kernel tells of it in /proc/<pid>/stat (proc(5)).

export interface ProcessStat {
  readonly pid: number;
  /** The name of its program, at most 15 bytes. */
  readonly name: string;
  /** One letter: R running, S sleeping, T stopped; Z ended and waits for its parent, X gone. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly terminal: number;
  /** Process group that has its terminal's foreground; -1 without a terminal. */
  readonly foreground: number;
  /** Start time in clock ticks since boot: with the pid it names one process for one boot. */
  readonly tick: string;
  /** How it ended, as wait(2) gives it; means something in state Z only. Null where the kernel does not tell. */
  readonly exitStatus: number | null;
}

/** Reads the file's one line; null where it is none. The name stands in brackets and may hold brackets and spaces. */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 1 || close < open) return null;
  // Counted as proc(5) does, field 3 is the first of these.
  const fields = text.slice(close + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3] ?? "0");
  return {
    pid: Number(text.slice(0, open - 1)),
    name: text.slice(open + 1, close),
    state: fields[0] ?? "",
    parent: field(4),
    group: field(5),
    session: field(6),
    terminal: field(7),
    foreground: field(8),
    tick: fields[22 - 3] ?? "",
    exitStatus: fields[52 - 3] === undefined ? null : field(52),
  };
}

/** False for one that ended and was only not yet reaped by its parent. */
export const isLive = ({ state }: ProcessStat): boolean => state !== "Z" && state !== "X";
