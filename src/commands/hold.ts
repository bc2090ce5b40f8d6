// `rollcall hold` and `release`: leave an agent alone, with a reason, until somebody says otherwise.
import { visibleLine } from "../report/redact.ts";
import type { Call } from "./call.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { knownAgent } from "./one-agent.ts";
import { openProject } from "./project.ts";
import { holdOf } from "./stopping.ts";
import { locked } from "./writing.ts";

interface HoldOptions {
  readonly reason?: string;
  readonly lockTimeout: number;
}

/** Records the hold; nothing of the agent is touched. */
export async function holdCommand({ io, options, args: [name = ""] }: Call<HoldOptions>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: false });
  const agent = knownAgent(project, name);
  const hold = holdOf(project, options.reason ?? "held by hand");
  await locked(project, { command: "hold", timeout: options.lockTimeout }, async ({ commit }) =>
    commit({ holds: { [agent]: hold } }),
  );
  io.print(`${agent} is held (${visibleLine(hold.reason)}): no run touches it until rollcall release ${agent}`);
  return EXIT.done;
}

/** Ends the hold. What has changed meanwhile, the next apply puts right. */
export async function releaseCommand({ io, options, args: [name = ""] }: Call<HoldOptions>): Promise<ExitCode> {
  const project = await openProject(io, { mayUseCache: false });
  const agent = project.store.holds[name] ? name : knownAgent(project, name);
  if (!project.store.holds[agent]) {
    io.print(`${agent} is not held`);
    return EXIT.done;
  }
  await locked(project, { command: "release", timeout: options.lockTimeout }, async ({ commit }) =>
    commit({ holds: { [agent]: null } }),
  );
  io.print(`${agent} is released; rollcall plan ${agent} shows what apply would do now`);
  return EXIT.done;
}
