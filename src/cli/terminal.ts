// The terminal as a command sees it: results on stdout, talk on stderr, colour per stream, quiet and verbose.
import process from "node:process";
import { HostError } from "../model/errors.ts";
import { type Paint, painter } from "../report/style.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly chdir?: string;
  readonly config?: string;
  readonly color: boolean;
  readonly cache: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface Terminal {
  readonly options: GlobalOptions;
  readonly env: Readonly<Record<string, string>>;
  /** The folder the command works from: --chdir or the current one. */
  readonly cwd: string;
  /** Both stdin and stderr are terminals: a question may be asked. */
  readonly mayAsk: boolean;
  /** stdin and stdout are terminals: a program may take them over. */
  readonly mayAttach: boolean;
  readonly stdout: { readonly paint: Paint; readonly isTerminal: boolean };
  /** `columns`: width of the terminal, 80 where it is none. */
  readonly stderr: { readonly paint: Paint; readonly isTerminal: boolean; readonly columns: number };
  /** A result. Ends with a newline. */
  print(text: string): void;
  /** Talk: progress, warnings, notices. Silent with --quiet. */
  say(text: string): void;
  /** Puts a text into the current line of stderr, in place of the one before; the empty text takes it away. Terminals only. */
  redraw(text: string): void;
  /** An error: also with --quiet. */
  complain(text: string): void;
}

function environment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return env;
}

/** Whether a stream gets colour: the flag, NO_COLOR, FORCE_COLOR, TERM=dumb, then whether it is a terminal. */
function coloured(stream: { isTTY?: boolean }, options: GlobalOptions, env: Readonly<Record<string, string>>): boolean {
  if (!options.color || (env["NO_COLOR"] ?? "") !== "") return false;
  if ((env["FORCE_COLOR"] ?? "0") !== "0") return true;
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

function withNewline(text: string): string {
  return text.endsWith("\n") || text === "" ? text : `${text}\n`;
}

/** The streams and the environment of this process. */
export function processTerminal(options: GlobalOptions, cwd: string): Terminal {
  const env = environment();
  const stream = (target: NodeJS.WriteStream) => ({
    paint: painter(coloured(target, options, env)),
    isTerminal: target.isTTY === true,
    columns: target.columns || 80,
  });
  return {
    options,
    env,
    cwd,
    mayAsk: process.stdin.isTTY === true && process.stderr.isTTY === true && !env["CI"],
    mayAttach: process.stdin.isTTY === true && process.stdout.isTTY === true,
    stdout: stream(process.stdout),
    stderr: stream(process.stderr),
    print: (text) => void process.stdout.write(withNewline(text)),
    say: (text) => {
      if (!options.quiet) process.stderr.write(withNewline(text));
    },
    redraw: (text) => void process.stderr.write(`\r\u001b[K${text}`),
    complain: (text) => void process.stderr.write(withNewline(text)),
  };
}

/** The folder the process was started in. Throws E500 when it was removed meanwhile. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new HostError("E500", "the current folder is not there any more", {
      cause,
      hint: "change to a folder that is there",
    });
  }
}

/** A closed pipe (`rollcall plan | head`) is not an error; any other failure to write is one, and ends the command. */
export function quietOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      // A full disk behind `> file`: said where it still can be, and not as if it were a mistake of ours.
      if (stream === process.stdout) process.stderr.write(`error E501 cannot write the result: ${error.message}\n`);
      process.exit(1);
    });
  }
}
