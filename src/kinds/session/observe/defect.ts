// What is wrong with a session of ours: the first flaw that applies, and how its process ended.

import { defined } from "../../../model/defined.ts";
import type { Desired } from "../../../model/resource.ts";
import { locate } from "../launch.ts";
import type { PaneRow } from "../tmux/snapshot.ts";
import type { Defect, Exit, Mark, OwnSession, SessionProps } from "../types.ts";
import { launchContext, type ObserveContext } from "./context.ts";
import type { MarkedSession } from "./group-panes.ts";

/** Numbers of signal(7) on Linux, as far as they end processes in practice. */
const SIGNALS: Readonly<Record<string, string>> = {
  "1": "SIGHUP",
  "2": "SIGINT",
  "3": "SIGQUIT",
  "4": "SIGILL",
  "6": "SIGABRT",
  "7": "SIGBUS",
  "8": "SIGFPE",
  "9": "SIGKILL",
  "11": "SIGSEGV",
  "13": "SIGPIPE",
  "14": "SIGALRM",
  "15": "SIGTERM",
};

/** How the process of a dead pane ended; without code and signal while tmux has not heard of it yet. */
export function exitOf(pane: PaneRow): Exit {
  const { deadSignal: signal, deadStatus: status, deadTime: time } = pane;
  return defined({
    code: status === "" ? undefined : Number(status),
    signal: signal === "" ? undefined : (SIGNALS[signal] ?? `signal ${signal}`),
    at: time === 0 ? undefined : time * 1000,
  });
}

/**
 * Where the process is, when that is not the agent's folder, or that folder was deleted under it (an inode number can
 * come back, so the link's text decides). In a fallback shell a person may walk about.
 */
export function wrongCwd(
  folder: string,
  { pid, mark }: { readonly pid: number; readonly mark: Mark },
  { world }: ObserveContext,
): string | undefined {
  const link = world.files.link(`/proc/${pid}/cwd`);
  if (link === null || link === world.files.real(folder)) return undefined;
  return mark.program === "fallback" && !link.endsWith(" (deleted)") ? undefined : link;
}

/** The first thing that is wrong, or undefined. */
export function findDefect(
  {
    want,
    own,
    exit,
    cwd,
    stale,
    agent,
  }: {
    readonly want: Desired<SessionProps>;
    readonly own: MarkedSession;
    readonly exit: Exit | undefined;
    readonly cwd: string | undefined;
    readonly stale: boolean;
    readonly agent: string;
  },
  context: ObserveContext,
): Defect | undefined {
  const { props } = want;
  if (!own.agentPane) return "no-pane";
  if (exit && restarts(props, exit)) return "exited";
  if (cwd !== undefined) return "cwd";
  // An end that `restart` does not cover is left as it is, whatever changed meanwhile.
  if (!exit && own.mark.program === "fallback" && commandIsThere(props, agent, context)) return "fallback";
  if (!exit && stale) return "stale";
  return own.name === props.name && own.formerName === undefined ? undefined : "renamed";
}

/** Whether the restart rule covers this end. */
export function restarts({ restart }: Pick<SessionProps, "restart">, exit: Exit): boolean {
  switch (restart) {
    case "always":
      return true;
    case "never":
      return false;
    case "on-failure":
      return exit.code !== 0;
  }
}

function commandIsThere(props: SessionProps, agent: string, context: ObserveContext): boolean {
  return locate(props.command[0] ?? "", { ...launchContext(agent, context), folder: props.folder }) !== null;
}

/** The observed digest of a flawed session: never the desired one, and telling what it is. */
export function defectDigest(seen: OwnSession): string {
  const defect = seen.defect ?? "stale";
  switch (defect) {
    case "stale":
      return seen.mark.fingerprint;
    case "exited":
      return `dead:${exitWords(seen.exit)}`;
    case "no-pane":
      return "dead:no-pane";
    case "cwd":
      return `cwd:${seen.cwd ?? ""}`;
    case "renamed":
      return `name:${seen.name}`;
    case "fallback":
      return `fallback:${seen.mark.fingerprint}`;
  }
}

/** `exit-7`, `SIGKILL`, `ended`. */
export function exitWords(exit: Exit | undefined): string {
  if (exit?.signal !== undefined) return exit.signal;
  return exit?.code === undefined ? "ended" : `exit-${exit.code}`;
}
