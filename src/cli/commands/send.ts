// `rollcall send AGENT TEXT`: types a prompt into an agent's session. Never into a dialog or a shell by mistake.

import process from "node:process";
import type { Project } from "../../app/project.ts";
import { locked } from "../../app/run/transaction.ts";
import { knownAgent, type LiveThing, sessionOf } from "../../app/session/lookup.ts";
import { RollcallError, UsageError } from "../../model/errors.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openHere } from "../opened.ts";

interface SendOptions {
  readonly force: boolean;
  readonly lockTimeout: number;
}

/** Characters; the words of a tmux command and a client's prompt have their limits, a file has none. */
const LONGEST = 64 * 1024;

/** `-` reads the text from standard input. Exit 3 when the session waits in a dialog or runs its fallback. */
export async function sendCommand({
  io,
  options,
  args: [name = "", ...words],
}: CommandContext<SendOptions>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const agent = knownAgent(project, name);
  const text = checked(words.length === 1 && words[0] === "-" ? await standardInput() : words.join(" "));
  return locked(project, { command: "send", timeout: options.lockTimeout }, async ({ world }) => {
    const thing = await sessionOf(project, { agent, orphan: false });
    const refusal = options.force ? null : await unfit(project, thing);
    if (refusal !== null) {
      io.complain(`E354 nothing was sent to ${agent}: ${refusal}`);
      io.complain(`  hint see it with rollcall logs ${agent} or rollcall attach ${agent}; --force sends all the same`);
      return EXIT.blocked;
    }
    const failure = await thing.kind.capabilities.attachable?.send(thing.have, text, project.fleet, world);
    if (failure) throw new RollcallError(failure.code, failure.message, { hint: `rollcall start ${agent}` });
    io.print(`sent to ${agent}; rollcall logs ${agent} shows what it makes of it`);
    return EXIT.done;
  });
}

/** A text would answer a dialog, and a shell would run it: neither is what a prompt is for. */
async function unfit({ fleet, reader }: Project, { kind, one, have }: LiveThing): Promise<string | null> {
  const [closer = have] = (await kind.inspect?.([have], fleet, reader)) ?? [];
  if (closer.live?.activity === "waiting") return "it waits in a dialog, which the text would answer";
  const notes = one.want ? (kind.capabilities.monitored?.health(one.want, closer, one.record).notes ?? []) : [];
  return notes.includes("fallback") ? "it runs the fallback, which is not its client" : null;
}

function checked(text: string): string {
  const body = text.replace(/\r\n/g, "\n").replace(/\n+$/, "");
  if (body.trim() === "") throw new UsageError("there is no text to send", "rollcall send AGENT TEXT, or - for stdin");
  if (body.length > LONGEST)
    throw new UsageError(`the text is longer than ${LONGEST} characters`, "put it into a file and send its name");
  // Typed into a terminal, a control character is a key: Escape, Ctrl+C.
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(body)?.[0];
  if (control === undefined) return body;
  const code = `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  throw new UsageError(`the text holds the control character ${code}, which is a key in a terminal`, "take it out");
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > 4 * LONGEST) break;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
