// The program `claude-agent`: the verbs of the original's scripts, create, list, attach, kill, status, generate.

import { Command } from "commander";
import { despiteSpec } from "../cli/despite-spec.ts";
import type { ExitCode } from "../cli/exit-codes.ts";
import { type Opened, openHere } from "../cli/opened.ts";
import { currentFolder, processTerminal, type Terminal } from "../cli/terminal.ts";
import { generate } from "./verbs/generate.ts";
import { list, status } from "./verbs/list-and-status.ts";
import { attach, create, kill } from "./verbs/start-and-stop.ts";

/** The verbs that also work while the spec has errors, from what is recorded. */
const WITHOUT_SPEC: ReadonlySet<string> = new Set(["list", "attach", "kill", "status"]);

type Verb<Options> = (project: Opened, name: string | undefined, options: Options) => Promise<ExitCode>;

/** The program `claude-agent`. `finish` is told the exit code. */
export function claudeAgentProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("claude-agent")
    .description("Generates agents' configurations and keeps their sessions: the original's verbs over Rollcall.")
    .option("--chdir <dir>", "work as if started in this folder")
    .option("--config <file>", "use this rollcall.config.yaml")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const verb = <Options>(name: string, summary: string, act: Verb<Options>) =>
    program
      .command(name)
      .description(summary)
      .action(async (...received: unknown[]) => {
        const command = received.at(-1) as Command;
        const io = await ioFor(command);
        const work = (project: Opened) => act(project, command.args[0], command.opts<Options & object>());
        const opening = { mayUseCache: false };
        finish(WITHOUT_SPEC.has(name) ? await despiteSpec(io, opening, work) : await work(await openHere(io, opening)));
      });
  verb("create", "start an agent's session", create).argument("<name>");
  verb("list", "the sessions that are there", list).argument("[filter]", "part of a name");
  verb("attach", "get into an agent's session", attach).argument("<name>");
  verb("kill", "end an agent's session; it stays ended until create", kill)
    .argument("[name]")
    .option("--all", "every session of the fleet", false);
  verb("status", "one agent, or all", status).argument("[name]");
  verb("generate", "render an agent's files", generate)
    .argument("[name]")
    .option("--all", "every agent", false)
    .option("--pilot", "the agents labelled pilot", false);
  return program;
}

async function ioFor(command: Command): Promise<Terminal> {
  const { chdir, config } = command.optsWithGlobals<{ chdir?: string; config?: string }>();
  const options = {
    color: true,
    cache: true,
    quiet: false,
    verbose: false,
    ...(config === undefined ? {} : { config }),
  };
  const here = currentFolder();
  return processTerminal(
    options,
    chdir === undefined ? here : (await import("../cli/chdir.ts")).namedFolder(chdir, here),
  );
}
