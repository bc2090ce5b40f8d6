// What commands do with one session beside reconciling it: attach to it, type into it, read its screen, list them all.
import type { Fleet } from "../../model/fleet.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Reader, Writer } from "../../model/world.ts";
import { fleetMark } from "./names.ts";
import { line } from "./script.ts";
import { runScript } from "./server.ts";
import { takeSnapshot } from "./snapshot.ts";
import { sortPanes } from "./sort.ts";
import { askTmux, firstLine, tmuxCommand } from "./tmux.ts";

export { socketPath } from "./tmux.ts";

/** A client drops an Enter that comes in the same moment as the text (measured: 50 ms suffice, 500 are safe). */
const ENTER_AFTER_MS = 500;

export interface ListedSession {
  readonly agent: string;
  readonly name: string;
  /** tmux's id, `$3`: what to act by. */
  readonly id: string;
  /** The agent's pane, `%7`; undefined when it is gone. */
  readonly pane?: string;
  readonly attached: boolean;
  /** Its process has ended. */
  readonly ended: boolean;
  /** Seconds since the epoch. */
  readonly created: number;
}

export type Listing =
  | { readonly state: "listed"; readonly sessions: readonly ListedSession[] }
  | { readonly state: "unknown"; readonly reason: string };

/** This fleet's sessions as they are, by their marks, in the order of their names. One tmux process. */
export async function listSessions(fleet: Fleet, world: Reader): Promise<Listing> {
  const snapshot = await takeSnapshot(world, fleet.machine.socket);
  if (snapshot.state === "silent") return { state: "unknown", reason: snapshot.reason };
  if (snapshot.state === "not-installed") return { state: "unknown", reason: "tmux is not installed" };
  const { ours } = sortPanes(snapshot.panes, fleetMark(fleet));
  const sessions = [...ours.values()].flat().map(
    ({ mark, name, id, created, clients, agentPane }): ListedSession => ({
      agent: mark.agent,
      name,
      id,
      created,
      attached: clients > 0,
      ended: agentPane?.dead ?? true,
      ...(agentPane ? { pane: agentPane.pane } : {}),
    }),
  );
  return { state: "listed", sessions: sessions.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)) };
}

/**
 * The command that attaches the terminal it is given to a session, by id. To be run with the caller's environment less
 * TMUX and TMUX_TMPDIR, so that it works from inside another tmux and finds the same socket.
 */
export function attachCommand(fleet: Fleet, { id }: Pick<ListedSession, "id">): readonly string[] {
  return tmuxCommand(fleet.machine.socket, ["attach-session", "-t", id]);
}

/** The caller's environment for `attachCommand`. */
export function attachEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TMUX")));
}

/**
 * Types a text into the agent's pane and sends it with Enter. Several lines go as one bracketed paste, so that the
 * client takes them for one prompt. Null when it was done.
 */
export async function sendText(
  { pane, text }: { readonly pane: string; readonly text: string },
  fleet: Fleet,
  world: Writer,
): Promise<Failure | null> {
  const buffer = `rollcall-${world.run}`;
  const words = text.includes("\n")
    ? line([
        ["set-buffer", "-b", buffer, "--", text],
        ["paste-buffer", "-p", "-d", "-b", buffer, "-t", pane],
      ])
    : line([["send-keys", "-t", pane, "-l", "--", text]]);
  const typed = await runScript([words], fleet, world);
  if (typed.code !== 0) return { code: "E714", message: `the text did not reach ${pane}: ${firstLine(typed.stderr)}` };
  await world.sleep(ENTER_AFTER_MS);
  const sent = await runScript([line([["send-keys", "-t", pane, "Enter"]])], fleet, world);
  return sent.code === 0 ? null : { code: "E714", message: `Enter did not reach ${pane}: ${firstLine(sent.stderr)}` };
}

/** What the pane shows and showed, the last `lines` lines of its history with it; null when it cannot be read. */
export async function readScreen(
  { pane, lines }: { readonly pane: string; readonly lines: number },
  fleet: Fleet,
  world: Reader,
): Promise<string | null> {
  const words = ["capture-pane", "-p", "-J", "-S", `-${Math.max(0, Math.floor(lines))}`, "-t", pane];
  const answer = await askTmux(world, { socket: fleet.machine.socket, words });
  return answer.state === "rows" ? answer.text : null;
}
