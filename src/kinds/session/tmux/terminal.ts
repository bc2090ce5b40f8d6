// What commands do with one session beside reconciling it: type into it, read its screen.
import type { Fleet } from "../../../model/fleet.ts";
import type { Failure } from "../../../model/outcome.ts";
import type { Observed } from "../../../model/resource.ts";
import type { Reader, Writer } from "../../../model/world.ts";
import type { SessionSeen } from "../types.ts";
import { askTmux, firstLine } from "./command.ts";
import { line } from "./script.ts";
import { runScript } from "./server.ts";

/** A client drops an Enter that comes in the same moment as the text (measured: 50 ms suffice, 500 are safe). */
const ENTER_AFTER_MS = 500;

/**
 * Types a text into the agent's pane and sends it with Enter. Several lines go as one bracketed paste, so that the
 * client takes them for one prompt. Null when it was done.
 */
export async function send(
  { seen }: Observed<SessionSeen>,
  text: string,
  fleet: Fleet,
  world: Writer,
): Promise<Failure | null> {
  if (seen.state !== "ours" || seen.pane === undefined || seen.exit) {
    return { code: "E714", message: "there is no running process of ours to type to" };
  }
  const { pane } = seen;
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
export async function screen(
  { seen }: Observed<SessionSeen>,
  lines: number,
  fleet: Fleet,
  world: Reader,
): Promise<string | null> {
  if (seen.state !== "ours" || seen.pane === undefined) return null;
  const words = ["capture-pane", "-p", "-J", "-S", `-${Math.max(0, Math.floor(lines))}`, "-t", seen.pane];
  const answer = await askTmux(world, { socket: fleet.machine.socket, words });
  return answer.state === "rows" ? answer.text : null;
}
