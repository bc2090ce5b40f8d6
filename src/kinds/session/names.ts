// Names of the kind session: addresses, session names, user options, the mark that says whose a session is.
import { digestBytes } from "../../delta/digest.ts";
import { type Address, address } from "../../model/address.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";

export const KIND = "session";

/** `session/<agent>/main`. */
export function sessionAddress(agent: string): Address {
  return address({ kind: KIND, agent, name: "main" });
}

/** The tmux name of an agent's session. */
export function sessionName(agent: Pick<Agent, "name" | "session">): string {
  return `${agent.session.prefix}${agent.name}`;
}

/**
 * What tmux takes as a name and gives back unchanged. It expands formats in names, runs `#(…)` in them and turns `.`
 * and `:` into `_` without a word (measured on 3.3a), so anything else is refused, never mangled.
 */
export function isSafeName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/.test(name);
}

/**
 * User options that carry the mark: one for the whole of it, since tmux's work for each `set-option` grows with its
 * sessions, and one of the pane's own, which tells the agent's pane from one that a person split off.
 */
export const OPTIONS = { session: "@rollcall", pane: "@rollcall_pane" } as const;

/**
 * The fleet's id in marks: not to be guessed, because one `set -g` would label every session of a server. Made from
 * the real root alone, so that renaming the fleet or moving it to another socket does not disown its sessions.
 */
/** Old name → new name of agents that were renamed: a mark that still names the old one is theirs. */
export function formerNames(fleet: Fleet): ReadonlyMap<string, string> {
  const present = new Set(fleet.agents.map((agent) => agent.name));
  return new Map(
    fleet.agents.flatMap(({ name, renamedFrom }) =>
      renamedFrom !== undefined && !present.has(renamedFrom) ? [[renamedFrom, name] as const] : [],
    ),
  );
}

export function fleetMark(fleet: Fleet): string {
  return digestBytes(`rollcall fleet ${fleet.machine.folders.root}`);
}

/** The pane option's value. */
export function paneMark(fleetId: string, agent: string): string {
  return `${fleetId}/${agent}`;
}

/** True when a command is the client itself, which knows `--session-id`, `--resume` and `agents --json`. */
export function isClient(command: readonly string[]): boolean {
  const program = command[0] ?? "";
  const base = program.slice(program.lastIndexOf("/") + 1);
  return base === "claude" || base === "claude.exe";
}
