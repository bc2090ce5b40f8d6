// Hands the terminal to a program until it ends: attaching to a session.
import { spawn } from "node:child_process";

export interface Interaction {
  readonly command: readonly string[];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

/** The program's exit code; 127 when it could not be started. */
export function interact({ command, env }: Interaction): Promise<number> {
  const [program = "", ...words] = command;
  return new Promise((done) => {
    const child = spawn(program, words, { stdio: "inherit", env: { ...env } });
    child.on("error", () => done(127));
    child.on("exit", (code) => done(code ?? 1));
  });
}
