// Typing a prompt into an agent's session: what text may be typed, and into what.
import { RollcallError, UsageError } from "../../model/errors.ts";
import type { Project } from "../project.ts";
import { locked } from "../run/transaction.ts";
import { type LiveThing, sessionOf } from "./lookup.ts";

/** Characters; the words of a tmux command and a client's prompt have their limits, a file has none. */
export const LONGEST_PROMPT = 64 * 1024;

export interface SendJob {
  readonly project: Project;
  readonly agent: string;
  /** As `promptOf` gives it back. */
  readonly text: string;
  readonly force: boolean;
  /** Seconds to wait for a running apply. */
  readonly lockTimeout: number;
}

/** Sends the text under the run lock; the clause that says why not, where it would answer a dialog or be run by a shell. */
export async function sendPrompt({ project, agent, text, force, lockTimeout }: SendJob): Promise<string | null> {
  return locked(project, { command: "send", timeout: lockTimeout }, async ({ world }) => {
    const thing = await sessionOf(project, { agent, orphan: false });
    const refusal = force ? null : await unfit(project, thing);
    if (refusal !== null) return refusal;
    const failure = await thing.kind.capabilities.attachable?.send(thing.have, text, project.fleet, world);
    if (failure) throw new RollcallError(failure.code, failure.message, { hint: `rollcall start ${agent}` });
    return null;
  });
}

/** A text would answer a dialog, and a shell would run it: neither is what a prompt is for. */
async function unfit({ fleet, reader }: Project, { kind, one, have }: LiveThing): Promise<string | null> {
  const [closer = have] = (await kind.inspect?.([have], fleet, reader)) ?? [];
  if (closer.live?.activity === "waiting") return "it waits in a dialog, which the text would answer";
  const notes = one.want ? (kind.capabilities.monitored?.health(one.want, closer, one.record).notes ?? []) : [];
  return notes.includes("fallback") ? "it runs the fallback, which is not its client" : null;
}

/** The text as it may be typed, without line ends at its end. Throws a usage error for one that is no prompt. */
export function promptOf(text: string): string {
  const body = text.replace(/\r\n/g, "\n").replace(/\n+$/, "");
  if (body.trim() === "") throw new UsageError("there is no text to send", "rollcall send AGENT TEXT, or - for stdin");
  if (body.length > LONGEST_PROMPT)
    throw new UsageError(
      `the text is longer than ${LONGEST_PROMPT} characters`,
      "put it into a file and send its name",
    );
  // Typed into a terminal, a control character is a key: Escape, Ctrl+C.
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(body)?.[0];
  if (control === undefined) return body;
  const code = `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  throw new UsageError(`the text holds the control character ${code}, which is a key in a terminal`, "take it out");
}
