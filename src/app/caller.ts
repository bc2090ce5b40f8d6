// Who calls a use case: its folder, environment and process, and where the events of its runs go.
import type { Emit, RunSource } from "../model/events.ts";

/** What a use case may ask of the process it runs in. */
export interface HostProcess {
  /** Version of Node, without the v. */
  readonly node: string;
  readonly platform: string;
  readonly hostname: string;
  readonly pid: number;
  /** Sends a signal; throws ESRCH when there is no such process. */
  kill(pid: number, signal: NodeJS.Signals | 0): boolean;
  /** Runs something while the current folder is the root of the file system, where nobody plants files for us. */
  inRootDirectory<T>(make: () => T): T;
}

export interface Caller {
  /** The folder the project is looked for from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A configuration file named by the caller. */
  readonly config?: string;
  /** False: nothing kept from an earlier run is believed. */
  readonly cache: boolean;
  /** A person sits at a terminal: its PATH may be recorded. */
  readonly atTerminal: boolean;
  readonly by: RunSource;
  readonly process: HostProcess;
  readonly emit: Emit;
}

/** Tells the caller something that is neither a result nor an error. */
export function note({ emit }: Pick<Caller, "emit">, message: string): void {
  emit({ event: "note", message });
}
