// `rollcall explain CODE`: what a code means, why it is so, what to do.
import { UsageError } from "../../model/errors.ts";
import { didYouMean } from "../../model/nearest.ts";
import { CODES } from "../../report/codes/index.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Without a code: the list of all. */
export function explainCommand({ io, args }: CommandContext<object>): ExitCode {
  const [given] = args;
  if (given === undefined) {
    io.print(
      Object.keys(CODES)
        .sort()
        .map((code) => `${code}  ${CODES[code]?.title}`)
        .join("\n"),
    );
    return EXIT.done;
  }
  const code = given.toUpperCase();
  const entry = CODES[code];
  if (!entry)
    throw new UsageError(
      `unknown code "${given}"`,
      didYouMean(code, Object.keys(CODES)) ?? "rollcall explain lists them all",
    );
  const { paint } = io.stdout;
  io.print(
    `${paint("bold", `${code}: ${entry.title}`)}\n\n${entry.meaning}\n\n${paint("cyan", "What to do:")} ${entry.remedy}`,
  );
  return EXIT.done;
}
