// `rollcall send AGENT TEXT`: types a prompt into an agent's session. Never into a dialog or a shell by mistake.

import process from "node:process";
import { knownAgent } from "../../app/session/lookup.ts";
import { LONGEST_PROMPT, promptOf, sendPrompt } from "../../app/session/send.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openHere } from "../opened.ts";

interface SendOptions {
  readonly force: boolean;
  readonly lockTimeout: number;
}

/** `-` reads the text from standard input. Exit 3 when the session waits in a dialog or runs its fallback. */
export async function sendCommand({
  io,
  options: { force, lockTimeout },
  args: [name = "", ...words],
}: CommandContext<SendOptions>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const agent = knownAgent(project, name);
  const text = promptOf(words.length === 1 && words[0] === "-" ? await standardInput() : words.join(" "));
  const refusal = await sendPrompt({ project, agent, text, force, lockTimeout });
  if (refusal !== null) {
    io.complain(`E354 nothing was sent to ${agent}: ${refusal}`);
    io.complain(`  hint see it with rollcall logs ${agent} or rollcall attach ${agent}; --force sends all the same`);
    return EXIT.blocked;
  }
  io.print(`sent to ${agent}; rollcall logs ${agent} shows what it makes of it`);
  return EXIT.done;
}

/** No more of it than tells that it is too long. */
async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > 4 * LONGEST_PROMPT) break;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
