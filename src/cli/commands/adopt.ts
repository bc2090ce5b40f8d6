// `rollcall adopt`: what is there becomes the recorded base. Shows what would be taken over, asks, records.
import { type AdoptCandidate, adopt, adoptionDocument, candidatesOf, planAdoption } from "../../app/adopt.ts";
import { RollcallError, UsageError } from "../../model/errors.ts";
import type { Run } from "../../model/outcome.ts";
import { errorDocument, jsonDocument } from "../../report/json.ts";
import { visibleLine } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode, outcomesExit } from "../exit-codes.ts";
import { openHere } from "../opened.ts";
import type { Terminal } from "../terminal.ts";

interface AdoptOptions {
  readonly yes: boolean;
  readonly filesOnly: boolean;
  readonly lockTimeout: number;
  readonly output: "text" | "json";
  readonly registry?: boolean;
  readonly out?: string;
}

/** Adopts all that is unowned or conflicting, or what is named. Exit 3 when something named may not be touched. */
export async function adoptCommand({ io, options, args }: CommandContext<AdoptOptions>): Promise<ExitCode> {
  if (options.registry) {
    const { adoptRegistry } = await import("../../legacy/adopt-registry.ts");
    return adoptRegistry({ io, options, args });
  }
  if (options.out !== undefined)
    throw new UsageError("--out goes with --registry", "rollcall adopt --registry --out FILE");
  const project = await openHere(io, { mayUseCache: false });
  const planned = await planAdoption(project, options, { addresses: args });
  const candidates = candidatesOf(planned, args);
  if (candidates.length === 0) return finish(io, options, adoptionDocument(planned));
  if (!(await agreed(io, options, candidates))) return options.output === "text" && io.mayAsk ? EXIT.error : EXIT.usage;
  return finish(io, options, await adopt(project, { ...options, addresses: args }));
}

async function agreed(io: Terminal, options: AdoptOptions, candidates: readonly AdoptCandidate[]): Promise<boolean> {
  if (options.yes) return true;
  const lines = candidates.map(({ judged }) => `  ← ${judged.address} ${judged.verdict}`);
  io.say(["These are taken over as they are; no file is changed:", ...lines].join("\n"));
  if (!io.mayAsk || options.output !== "text") {
    const why = "there is something to adopt: give -y to do it (nobody to ask here); nothing was written";
    if (options.output === "json") io.print(jsonDocument(errorDocument(new RollcallError("E330", why))));
    else io.complain(`E330 ${why}`);
    return false;
  }
  const { confirm } = await import("../prompt.ts");
  return confirm("Adopt them?");
}

function finish(io: Terminal, options: AdoptOptions, run: Run): ExitCode {
  io.print(options.output === "json" ? jsonDocument(run) : text(run));
  return outcomesExit(run);
}

function text({ outcomes, remaining }: Run): string {
  if (outcomes.length === 0) return "Nothing to adopt: everything desired that is there is recorded.";
  const lines = outcomes.map(
    (one) =>
      `  ${one.result === "done" ? "←" : "!"} ${one.address}${one.error ? `: ${visibleLine(one.error.message)}` : ""}`,
  );
  const next =
    remaining.actions.length > 0 ? `; rollcall apply would change ${remaining.actions.length} resources now` : "";
  const done = outcomes.filter((one) => one.result === "done").length;
  return [...lines, `Adopted ${done} of ${outcomes.length}, no file was changed${next}.`].join("\n");
}
