// The command line: names, options, help. What a command does is in its own file, loaded when it is called.
import { Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import type { ExitCode } from "./exit-codes.ts";
import { currentFolder, type GlobalOptions, processTerminal } from "./terminal.ts";

declare const ROLLCALL_VERSION: string;

type Finish = (code: ExitCode) => void;
type Load<Options> = () => Promise<(call: CommandContext<Options>) => Promise<ExitCode> | ExitCode>;

const output = (...formats: string[]) =>
  new Option("-o, --output <format>", "how to print the result").choices(formats).default("text");
const agents = ["[agent...]", "only these agents"] as const;

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("give a number of seconds");
  return Number(text);
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("give a whole number");
  return Number(text);
}

/** Adds a command: its action gets a Call, and its exit code goes to `finish`. */
type Add = <Options>(name: string, summary: string, load: Load<Options>) => Command;

function adder(program: Command, finish: Finish): Add {
  return <Options>(name: string, summary: string, load: Load<Options>) =>
    withShortFlags(program.command(name), program)
      .description(summary)
      .action(async (...received: unknown[]) => {
        const command = received.at(-1) as Command;
        const globals = command.optsWithGlobals<GlobalOptions & { chdir?: string }>();
        const io = processTerminal(globals, await workingFolder(globals.chdir));
        const run = await load();
        finish(await run({ io, options: command.opts<Options & object>(), args: command.args }));
      });
}

/** `-yq`: of flags that are written together, a command is handed those of the program as well. */
function withShortFlags(command: Command, program: Command): Command {
  for (const [flag, name] of [
    ["-q", "quiet"],
    ["-v", "verbose"],
  ] as const) {
    command.addOption(new Option(`${flag}, --${name}`).hideHelp());
    command.on(`option:${name}`, () => program.setOptionValue(name, true));
  }
  return command;
}

async function workingFolder(chdir: string | undefined): Promise<string> {
  const here = currentFolder();
  return chdir === undefined ? here : (await import("./chdir.ts")).namedFolder(chdir, here);
}

const EXAMPLES = `
Examples:
  rollcall plan                 what would change, and why
  rollcall apply                show the plan, ask, converge
  rollcall status               every agent on two axes: sync and health
  rollcall explain E104         what a code means and what to do`;

/** The program `rollcall`. `finish` is told the exit code of the command that ran. */
export function rollcallProgram(finish: Finish): Command {
  const program = new Command("rollcall")
    .description("Reconciles a fleet of AI coding agents with its registry: plan, apply, verify.")
    .version(typeof ROLLCALL_VERSION === "string" ? ROLLCALL_VERSION : "0.0.0-source")
    .option("--chdir <dir>", "work as if started in this folder")
    .option("--config <file>", "use this rollcall.config.yaml")
    .option("--no-color", "no colour")
    .option("--no-cache", "read no cached spec")
    .option("-q, --quiet", "no talk on stderr", false)
    .option("-v, --verbose", "more: whole diffs, every resource", false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .addHelpText("after", EXAMPLES);
  const add = adder(program, finish);
  readOnly(add);
  checking(add);
  converging(add);
  sessions(add);
  remembering(add);
  return program;
}

function scoped(command: Command): Command {
  return command
    .option("--files-only", "no session, no tmux call", false)
    .option("--portable", "only what a clone holds: no session, no *.local.* file", false);
}

const ONE_KIND = ["--only <kind>", "one kind of resource"] as const;
/** What is quick waits for a running apply by itself. */
const LOCK_WAIT = ["--lock-timeout <seconds>", "wait for a running apply", seconds, 10] as const;
const LOCK_TIMEOUT = ["--lock-timeout <seconds>", "wait for a running apply", seconds, 0] as const;

function readOnly(add: Add): void {
  scoped(add("plan", "preview what apply would do", async () => (await import("./commands/plan.ts")).planCommand))
    .argument(...agents)
    .addOption(output("text", "json", "markdown"))
    .option("--out <file>", "save the plan, to be applied as it is")
    .option("--detailed-exitcode", "exit 2 when there are differences, 3 when something is blocked", false)
    .option(...ONE_KIND)
    .option("--prune", "include the deletion of orphans", false)
    .option("--overwrite", "as apply --overwrite", false)
    .option("--force", "as apply --force", false)
    .option("--allow-delete <n>", "as apply --allow-delete", count);
  scoped(
    add(
      "verify",
      "one line per difference; exit 0 only when there is none",
      async () => (await import("./commands/verify.ts")).verifyCommand,
    ),
  )
    .argument(...agents)
    .addOption(output("text", "json"))
    .option(...ONE_KIND)
    .option("--probe", "also prove by behaviour that every hook bites", false);
  scoped(
    add(
      "status",
      "every agent on two axes: sync and health",
      async () => (await import("./commands/status.ts")).statusCommand,
    ),
  )
    .argument(...agents)
    .addOption(output("text", "json"));
}

function checking(add: Add): void {
  add(
    "validate",
    "check the spec, write nothing",
    async () => (await import("./commands/validate.ts")).validateCommand,
  ).addOption(output("text", "json"));
  add(
    "explain",
    "what a diagnostic code means",
    async () => (await import("./commands/explain.ts")).explainCommand,
  ).argument("[code]", "E104, W203, …; none lists all");
  add(
    "doctor",
    "look at everything the fleet needs, and say what to do",
    async () => (await import("./commands/doctor.ts")).doctorCommand,
  )
    .addOption(output("text", "json"))
    .option("--rebuild-ledger", "make records anew that cannot be read; the only thing doctor writes", false)
    .option(...LOCK_WAIT);
  add(
    "schema",
    "the JSON Schema of a spec file",
    async () => (await import("./commands/schema.ts")).schemaCommand,
  ).addOption(new Option("--of <file>", "which file").choices(["registry", "fleet", "config"]).default("registry"));
}

/** The options of everything that converges. */
function converges(command: Command): Command {
  return scoped(command)
    .option("--prune", "delete orphans, within the budget", false)
    .option("--overwrite", "overwrite conflicting and unowned files (before-images are kept)", false)
    .option("--force", "also end busy, waiting and attached sessions", false)
    .option("--keep-going", "do not stop after several failures", false)
    .option("--allow-delete <n>", "delete up to n agents, whatever the budget", count)
    .option(...LOCK_TIMEOUT)
    .option("--max-wait <seconds>", "wait for deferred changes", seconds, 0)
    .option("--allow-outside", "the agents folder may lie outside of the project", false)
    .addOption(output("text", "json", "markdown"));
}

function converging(add: Add): void {
  converges(
    add(
      "apply",
      "show the plan, ask, converge, observe again",
      async () => (await import("./commands/apply.ts")).applyCommand,
    ),
  )
    .argument("[what...]", "agents, or a saved plan file")
    .option(...NO_WAIT)
    .option("-y, --yes", "do not ask", false);
  converges(
    add(
      "reconcile",
      "one unattended pass for cron and CI: converges, never asks",
      async () => (await import("./commands/reconcile.ts")).reconcileCommand,
    ),
  );
  add(
    "adopt",
    "take over what is there: records it, changes no file",
    async () => (await import("./commands/adopt.ts")).adoptCommand,
  )
    .argument("[address...]", "only these; a session is adopted only by its address")
    .option("-y, --yes", "do not ask", false)
    .option("--registry", "write a registry from the agents' folders, where there is none", false)
    .option("--out <file>", "with --registry: write it there")
    .option("--files-only", "no session, no tmux call", false)
    .option(...LOCK_TIMEOUT)
    .addOption(output("text", "json"));
  add("init", "make a fleet project here", async () => (await import("./commands/init.ts")).initCommand).argument(
    "[dir]",
    "where",
    ".",
  );
}

const NO_WAIT = ["--no-wait", "do not wait until what was started has lived for session.ready.after"] as const;
const FORCE = ["--force", "also when it is busy, waiting or attached", false] as const;
const REASON = ["--reason <text>", "why; shown wherever the agent is listed"] as const;

function sessions(add: Add): void {
  add(
    "start",
    "start an agent's session, and end its hold",
    async () => (await import("./commands/start.ts")).startCommand,
  )
    .argument("<agent>")
    .option(...FORCE)
    .option(...NO_WAIT)
    .option(...LOCK_TIMEOUT);
  add(
    "stop",
    "end an agent's session, and hold the agent",
    async () => (await import("./commands/stop.ts")).stopCommand,
  )
    .argument("<agent>")
    .option(...REASON)
    .option(...FORCE)
    .option(...LOCK_TIMEOUT);
  add(
    "attach",
    "get into an agent's session",
    async () => (await import("./commands/attach.ts")).attachCommand,
  ).argument("<agent>");
  add("send", "type a prompt into an agent's session", async () => (await import("./commands/send.ts")).sendCommand)
    .argument("<agent>")
    .argument("<text...>", "what to send; - reads it from standard input")
    .option("--force", "also when it waits in a dialog or runs its fallback", false)
    .option(...LOCK_WAIT);
  add("logs", "what an agent's session shows and showed", async () => (await import("./commands/logs.ts")).logsCommand)
    .argument("<agent>")
    .option("-n, --lines <lines>", "how many lines", count, 50);
  add("list", "the sessions that are there", async () => (await import("./commands/list.ts")).listCommand)
    .argument("[filter]", "part of a name")
    .addOption(output("text", "json"));
  add("hold", "leave an agent alone", async () => (await import("./commands/hold.ts")).holdCommand)
    .argument("<agent>")
    .option(...REASON)
    .option(...LOCK_TIMEOUT);
  add("release", "end a hold", async () => (await import("./commands/hold.ts")).releaseCommand)
    .argument("<agent...>")
    .option(...LOCK_TIMEOUT);
}

function remembering(add: Add): void {
  add(
    "unlock",
    "take away the lock that a run on another host left behind",
    async () => (await import("./commands/unlock.ts")).unlockCommand,
  ).option("-y, --yes", "do not ask", false);
  add("undo", "put back what a run changed, and hold it", async () => (await import("./commands/undo.ts")).undoCommand)
    .argument("<run>", "its id; rollcall history lists them")
    .argument(...agents)
    .option("-y, --yes", "do not ask", false)
    .option(...LOCK_TIMEOUT)
    .addOption(output("text", "json"));
  add(
    "history",
    "the runs, newest first",
    async () => (await import("./commands/history.ts")).historyCommand,
  ).addOption(output("text", "json"));
  add("why", "where a file or a part of it comes from", async () => (await import("./commands/why.ts")).whyCommand)
    .argument("<file>", "with #/pointer or :LINE behind it: a key or a line of it")
    .addOption(output("text", "json"));
  add("show", "a run or a saved plan", async () => (await import("./commands/show.ts")).showCommand)
    .argument("<what>", "a run's id, or a plan file")
    .addOption(output("text", "json", "markdown"));
}
