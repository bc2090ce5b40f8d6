// One process, one command: argv goes to a program, its exit code to the process, what fails to a message.
import process from "node:process";
import { type Command, CommanderError } from "commander";
import { failure } from "./error-output.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { quietOnClosedPipe } from "./terminal.ts";

/** Runs the program of this process. */
export async function main(programOf: (finish: (code: ExitCode) => void) => Command): Promise<void> {
  quietOnClosedPipe();
  const argv = process.argv.slice(2);
  const program = programOf((code) => {
    process.exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    process.exitCode = isHelp ? EXIT.done : failure(error, { argv, help: program.helpInformation() });
  }
}
