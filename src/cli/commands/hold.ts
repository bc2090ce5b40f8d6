// `rollcall hold` and `release`: leave an agent alone, with a reason, until somebody says otherwise.

import { locked } from "../../app/run/transaction.ts";
import { knownAgent } from "../../app/session/lookup.ts";
import { holdOf } from "../../app/session/stop.ts";
import { visibleLine } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Opened } from "../opened.ts";

interface HoldOptions {
  readonly reason?: string;
  readonly lockTimeout: number;
}

/** Records the hold; nothing of the agent is touched. */
export async function holdCommand({ io, options, args: [name = ""] }: CommandContext<HoldOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, (project) => holdAgent(project, name, options));
}

async function holdAgent(project: Opened, name: string, options: HoldOptions): Promise<ExitCode> {
  const { io } = project;
  const agent = knownAgent(project, name);
  const hold = holdOf(project, options.reason ?? "held by hand");
  await locked(project, { command: "hold", timeout: options.lockTimeout }, async ({ commit }) =>
    commit({ holds: { [agent]: hold } }),
  );
  io.print(`${agent} is held (${visibleLine(hold.reason)}): no run touches it until rollcall release ${agent}`);
  return EXIT.done;
}

/** Ends the holds. What has changed meanwhile, the next apply puts right. */
export async function releaseCommand({ io, options, args }: CommandContext<HoldOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, (project) => releaseAgents(project, args, options));
}

async function releaseAgents(project: Opened, args: readonly string[], options: HoldOptions): Promise<ExitCode> {
  const { io } = project;
  const { holds } = project.store;
  const agents = args.map((name) => (holds[name] ? name : knownAgent(project, name)));
  for (const agent of agents) if (!holds[agent]) io.print(`${agent} is not held`);
  const held = agents.filter((agent) => holds[agent]);
  if (held.length === 0) return EXIT.done;
  await locked(project, { command: "release", timeout: options.lockTimeout }, async ({ commit }) =>
    commit({ holds: Object.fromEntries(held.map((agent) => [agent, null])) }),
  );
  const names = held.filter((agent) => agent !== "-").map((agent) => ` ${agent}`);
  io.print(`released: ${held.join(", ")}; rollcall plan${names.join("")} shows what apply would do now`);
  return EXIT.done;
}
