// The way into an agent's session, and what it shows.

import type { AttachCommand } from "../../model/capabilities.ts";
import { RollcallError } from "../../model/errors.ts";
import type { Project } from "../project.ts";
import { sessionOf } from "./lookup.ts";
import type { NamedAgent } from "./orphans.ts";

/** The program that takes the terminal into the session. Throws E351 when there is no session, E711 when it cannot be seen. */
export async function entranceTo(project: Project, named: NamedAgent): Promise<AttachCommand> {
  const { kind, have } = await sessionOf(project, named);
  const entrance = kind.capabilities.attachable?.attach(have, project.fleet, project.reader);
  if (!entrance) throw new Error(`${kind.name} has no way in`);
  return entrance;
}

/** What the session shows and showed, with that many lines of its past. Throws E353 when it cannot be read. */
export async function screenOf(project: Project, named: NamedAgent, lines: number): Promise<string> {
  const { kind, have } = await sessionOf(project, named);
  const text = await kind.capabilities.attachable?.screen(have, lines, project.fleet, project.reader);
  if (text === null || text === undefined)
    throw new RollcallError("E353", `the session of ${named.agent} cannot be read`, {
      hint: "rollcall status tells more",
    });
  return text;
}
