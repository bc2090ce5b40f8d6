// argv becomes a command and its exit code. Nothing heavy is loaded here: each command brings its own.
import process from "node:process";
import { CommanderError } from "commander";
import { EXIT } from "./commands/exit.ts";
import { failure } from "./commands/failure.ts";
import { quietOnClosedPipe } from "./commands/io.ts";
import { rollcallProgram } from "./commands/program.ts";

async function main(): Promise<void> {
  quietOnClosedPipe();
  const argv = process.argv.slice(2);
  const program = rollcallProgram((code) => {
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
}

await main();
