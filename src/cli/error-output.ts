// How a command ends that could not do its work: a message that leads to the mend, or one JSON document.
import { CommanderError } from "commander";
import { HostError, NoProjectError, RollcallError, SpecError, UsageError } from "../model/errors.ts";
import { diagnosticsText } from "../report/diagnostics.ts";
import { errorDocument, jsonDocument } from "../report/json.ts";
import { visible } from "../report/redact.ts";
import { type ExitCode, errorExit } from "./exit-codes.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

export interface FailedCall {
  readonly argv: readonly string[];
  /** The program's help, for a call that names no command. */
  readonly help: string;
}

/** Tells what went wrong and returns the exit code. Reads `-o json` off the command line itself: parsing may have failed. */
export function failure(error: unknown, { argv, help }: FailedCall): ExitCode {
  const isBare = error instanceof CommanderError && error.code === "commander.help";
  const known = isBare ? new UsageError("no command given", "rollcall --help") : asRollcallError(error);
  const color = !argv.includes("--no-color");
  const io = processTerminal(
    { color, cache: true, quiet: false, verbose: argv.includes("-v") || argv.includes("--verbose") },
    "/",
  );
  if (wantsJson(argv)) io.print(jsonDocument(errorDocument(known)));
  else if (isBare) io.complain(help);
  else printError(known, error, io);
  return errorExit(known);
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      word === "-ojson" ||
      word === "--output=json" ||
      ((word === "-o" || word === "--output") && argv[index + 1] === "json"),
  );
}

function printError(known: RollcallError, original: unknown, io: Terminal): void {
  const { paint } = io.stderr;
  if (known instanceof SpecError && known.diagnostics.length > 0) {
    io.complain(diagnosticsText(known.diagnostics, paint));
    io.complain(`${visible(known.message)}; nothing was written`);
    return;
  }
  if (known instanceof NoProjectError) {
    if (known.diagnostics.length > 0) io.complain(diagnosticsText(known.diagnostics, paint));
    io.complain(known.message);
    return;
  }
  io.complain(`${paint("red", "error")} ${known.code} ${visible(known.message)}`);
  if (known.hint !== undefined) io.complain(`  ${paint("cyan", "hint")} ${visible(known.hint)}`);
  if (known instanceof BugError && original instanceof Error && io.options.verbose)
    io.complain(visible(original.stack ?? ""));
}

/** Anything that is not one of our errors is a mistake of ours, and says so. */
class BugError extends RollcallError {}

function asRollcallError(error: unknown): RollcallError {
  if (error instanceof RollcallError) return error;
  if (error instanceof CommanderError) return new UsageError(error.message.replace(/^error: /, ""), "rollcall --help");
  const system = error as NodeJS.ErrnoException;
  if (error instanceof Error && typeof system.code === "string" && typeof system.syscall === "string") {
    const place = system.path === undefined ? {} : { path: system.path };
    return new HostError("E500", `${system.syscall} failed: ${system.message}`, {
      cause: error,
      errno: system.code,
      ...place,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new BugError("E001", `this is a mistake in Rollcall: ${message}`, {
    cause: error,
    hint: "run it again with -v and report what it prints",
  });
}
