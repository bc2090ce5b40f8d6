// The original system's command line, `claude-agent`, over the same engine: its verbs, its words.
import process from "node:process";
import { CommanderError } from "commander";
import { claudeAgentProgram } from "./commands/claude-agent.ts";
import { EXIT } from "./commands/exit.ts";
import { failure } from "./commands/failure.ts";
import { quietOnClosedPipe } from "./commands/io.ts";

quietOnClosedPipe();
const argv = process.argv.slice(2);
const program = claudeAgentProgram((code) => {
  process.exitCode = code;
});
try {
  await program.parseAsync(argv, { from: "user" });
} catch (error) {
  process.exitCode =
    error instanceof CommanderError && error.exitCode === 0
      ? EXIT.done
      : failure(error, { argv, help: program.helpInformation() });
}
