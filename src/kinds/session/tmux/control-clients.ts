// Control-mode clients (`tmux -C`, iTerm2): a respawn of a pane at which one looks can kill the whole tmux server.
// Measured on 3.3a: dead after 6 of 25 respawns, after none of 55 new windows with the old pane killed; see tmux#5499.
import type { Reader } from "../../../model/world.ts";
import { askTmux } from "./command.ts";
import { takeSnapshot } from "./snapshot.ts";

/**
 * Those of the panes whose session a control-mode client looks at, through any session that shows them. One process,
 * two where there is such a client. Where tmux cannot be asked it may be any of them.
 */
export async function controlledPanes(
  panes: readonly string[],
  socket: string,
  world: Reader,
): Promise<ReadonlySet<string>> {
  if (panes.length === 0) return new Set();
  const words = ["list-clients", "-F", "#{client_control_mode} #{session_id}"];
  const answer = await askTmux(world, { socket, words });
  if (answer.state === "silent") return new Set(panes);
  const rows = answer.state === "rows" ? answer.text.split("\n").map((row) => row.split(" ")) : [];
  const sessions = new Set(rows.flatMap(([mode, session = ""]) => (mode === "1" ? [session] : [])));
  if (sessions.size === 0) return new Set();
  const snapshot = await takeSnapshot(world, socket);
  if (snapshot.state !== "panes") return new Set(panes);
  const shown = new Set(snapshot.panes.filter(({ session }) => sessions.has(session)).map(({ pane }) => pane));
  return new Set(panes.filter((pane) => shown.has(pane)));
}
