// Asking before something is written: shown on stderr and asked about, or refused where nobody can be asked.
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { OutputFormat } from "./print.ts";
import type { Terminal } from "./terminal.ts";

interface Proposal {
  readonly options: { readonly yes: boolean; readonly output: OutputFormat };
  /** Shows it on stderr. */
  readonly show: () => Promise<void> | void;
  /** Prints it as the result, in the format asked for. */
  readonly print: () => Promise<void>;
  /** What there is to do: "there is work to do". */
  readonly what: string;
  readonly question: string;
}

/** Without a terminal and without -y nothing is written: exit 64, the plan printed. */
export async function askFirst(io: Terminal, proposal: Proposal): Promise<"yes" | ExitCode> {
  const { options, show, print, what, question } = proposal;
  if (options.yes) {
    if (options.output === "text") await show();
    return "yes";
  }
  if (options.output !== "text" || !io.mayAsk) {
    await print();
    io.complain(`E330 ${what}: give -y to do it (nobody to ask here); nothing was written`);
    return EXIT.usage;
  }
  await show();
  const { confirm } = await import("./prompt.ts");
  if (await confirm(question)) return "yes";
  io.say("nothing was written");
  return EXIT.error;
}
