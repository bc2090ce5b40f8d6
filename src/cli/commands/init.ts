// `rollcall init [dir]`: makes a fleet project with two example agents. What is there already is never touched.
import { relative, resolve } from "node:path";
import { type Scaffolded, scaffold } from "../../app/init.ts";
import { UsageError } from "../../model/errors.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

/** Exit 0 when the project is there; 1 when there already is a registry or something is in the way. */
export async function initCommand({ io, args }: CommandContext<object>): Promise<ExitCode> {
  if (args.length > 1) throw new UsageError("init takes one folder", "rollcall init DIR");
  const made = await scaffold(resolve(io.cwd, args[0] ?? "."), io);
  printCreated(io, made);
  nextSteps(io, made.target);
  return EXIT.done;
}

function printCreated(io: Terminal, { target, made, left, toIgnore }: Scaffolded): void {
  const { paint } = io.stdout;
  io.print(`A fleet project in ${target}`);
  for (const path of made) io.print(`  ${paint("green", "+")} ${path}`);
  for (const path of left) io.print(`  ${paint("dim", "=")} ${path} was there and is left as it is`);
  if (toIgnore.length > 0) io.print(["", "Add to .gitignore:", ...toIgnore.map((line) => `  ${line}`)].join("\n"));
}

/** A path as a word of a shell line. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function nextSteps(io: Terminal, target: string): void {
  const here = relative(io.cwd, target);
  const steps = [
    ...(target === resolve(io.cwd) || here === "" ? [] : [[`cd ${quoted(here)}`, "the project"]]),
    ["$EDITOR desired/registry.yaml", "put your agents in place of the two examples"],
    ["rollcall validate", "is the spec right?"],
    ["rollcall plan", "what would be made, and why"],
    ["rollcall apply --files-only", "the agents' files; without the flag their sessions start as well"],
    ["rollcall status", "every agent: in sync, and alive?"],
  ];
  const width = Math.max(...steps.map(([command = ""]) => command.length));
  io.print(["", "Next:", ...steps.map(([command = "", what]) => `  ${command.padEnd(width)}  ${what}`)].join("\n"));
  const elsewhere = io.env["PROJECT_ROOT"];
  if (elsewhere) io.say(`note: PROJECT_ROOT is ${elsewhere}, and commands work there while it is set`);
}
