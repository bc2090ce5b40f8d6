// How a start that did not work is said, by every command that starts a session.
import type { Started } from "../app/session/start.ts";
import { visibleLine } from "../report/redact.ts";
import { failureText } from "../report/text.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Says why the agent was not started and returns the exit code for it; null when nothing was in the way. */
export function notStarted(
  io: Terminal,
  agent: string,
  { drift, failed }: Started<{ readonly code: ExitCode }>,
): ExitCode | null {
  if (drift.length > 0) {
    const lines = drift.map((line) => `  ${visibleLine(line)}`);
    const hint = `  hint rollcall apply ${agent} puts it right`;
    io.complain([`E350 ${agent} has drift, so it is not started:`, ...lines, hint].join("\n"));
    return EXIT.blocked;
  }
  if (!failed) return null;
  io.complain(`${agent} did not start: ${failureText(failed.failure)}`);
  return failed.ended.code;
}
