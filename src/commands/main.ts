// One process, one command: argv goes to a program, its exit code to the process, what fails to a message.
import process from "node:process";
import { type Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit.ts";
import { failure } from "./failure.ts";
import { quietOnClosedPipe } from "./io.ts";

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
