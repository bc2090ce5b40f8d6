// How a person gets into a session: the command that attaches to it, by id.

import type { AttachCommand } from "../../../model/capabilities.ts";
import type { Fleet } from "../../../model/fleet.ts";
import type { Observed } from "../../../model/resource.ts";
import type { Reader } from "../../../model/world.ts";
import type { SessionSeen } from "../types.ts";
import { tmuxCommand } from "./command.ts";

/** Null when there is no live session of ours. The terminal's own variables are passed on: tmux draws by them. */
export function attachCommand(have: Observed<SessionSeen>, fleet: Fleet, world: Reader): AttachCommand | null {
  if (have.seen.state !== "ours") return null;
  const { TMUX: _, TMUX_PANE: __, TMUX_TMPDIR: ___, ...env } = world.env;
  return { command: tmuxCommand(fleet.machine.socket, ["attach-session", "-t", have.seen.id]), env };
}
