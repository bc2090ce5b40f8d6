// Questions, only ever asked on a terminal. The question and its answer go to stderr.
import process from "node:process";

/** Asks yes or no; Ctrl+C and Escape are no. */
export async function confirm(message: string): Promise<boolean> {
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message, initialValue: false, output: process.stderr });
  return answer === true;
}
