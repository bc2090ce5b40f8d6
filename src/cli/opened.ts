// A project opened for a command: with the terminal the command speaks to.
import { type Opening, openProject, type Project } from "../app/project.ts";
import { callerOf } from "./caller.ts";
import type { Terminal } from "./terminal.ts";

export interface Opened extends Project {
  readonly io: Terminal;
}

/** Opens the project of the terminal's folder. Throws SpecError with everything that is wrong in it. */
export async function openHere(io: Terminal, opening: Opening): Promise<Opened> {
  return { ...(await openProject(callerOf(io), opening)), io };
}
