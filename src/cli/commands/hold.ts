// `rollcall hold` and `release`: leave an agent alone, with a reason, until somebody says otherwise.

import { heldAmong, holdAgent, releaseAgents } from "../../app/session/hold.ts";
import { knownAgent } from "../../app/session/lookup.ts";
import { visibleLine } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

interface HoldOptions {
  readonly reason?: string;
  readonly lockTimeout: number;
}

/** Records the hold; nothing of the agent is touched. */
export async function holdCommand({ io, options, args: [name = ""] }: CommandContext<HoldOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, async (project) => {
    const agent = knownAgent(project, name);
    const { lockTimeout, reason = "held by hand" } = options;
    const hold = await holdAgent(project, agent, { reason, lockTimeout });
    io.print(`${agent} is held (${visibleLine(hold.reason)}): no run touches it until rollcall release ${agent}`);
    return EXIT.done;
  });
}

/** Ends the holds. Says so of an agent that is not held. */
export async function releaseCommand({ io, options, args }: CommandContext<HoldOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, async (project) => {
    const { held, notHeld } = heldAmong(project, args);
    for (const agent of notHeld) io.print(`${agent} is not held`);
    if (held.length === 0) return EXIT.done;
    await releaseAgents(project, held, options);
    const names = held.filter((agent) => agent !== "-").map((agent) => ` ${agent}`);
    io.print(`released: ${held.join(", ")}; rollcall plan${names.join("")} shows what apply would do now`);
    return EXIT.done;
  });
}
