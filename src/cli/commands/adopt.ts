// `rollcall adopt`: what is there becomes the recorded base (R := O). Changes no file; a session only by its address.

import type { Project } from "../../app/project.ts";
import { LOOKING } from "../../app/request.ts";
import { locked, type Writing } from "../../app/run/transaction.ts";
import { unseen, unseenError } from "../../app/session/lookup.ts";
import type { Classified } from "../../engine/classify.ts";
import { recordObserved } from "../../engine/record.ts";
import { scopeOf } from "../../engine/scope.ts";
import { parseAddress } from "../../model/address.ts";
import { RollcallError, UsageError } from "../../model/errors.ts";
import { didYouMean } from "../../model/nearest.ts";
import type { Outcome, Run } from "../../model/outcome.ts";
import { FORMAT_VERSION, type RecordRepair } from "../../model/plan.ts";
import type { Records } from "../../model/resource.ts";
import { isConverged, type Planned, plan } from "../../reconcile.ts";
import { errorDocument, jsonDocument } from "../../report/json.ts";
import { visibleLine } from "../../report/redact.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
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

/** One resource to take over; `paths` when only some of its keys were named. */
interface Candidate {
  readonly judged: Classified;
  readonly paths?: readonly string[];
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
  const planned = await look(project, options, { addresses: args });
  const candidates = candidatesOf(planned, args);
  if (candidates.length === 0) {
    return finish({ io, options, outcomes: [], planned, id: "" });
  }
  if (!(await agreed(io, options, candidates))) return options.output === "text" && io.mayAsk ? EXIT.error : EXIT.usage;
  return locked(project, { command: "adopt", timeout: options.lockTimeout }, async (writing) => {
    const lookAgain = () => look(project, options, { addresses: args, records: writing.recorder.records() });
    const outcomes = await adoptAll(project, writing, candidatesOf(await lookAgain(), args));
    const after = await lookAgain();
    return finish({ io, options, outcomes, planned: after, id: writing.world.run });
  });
}

/** Looks at what is there now; `records`: as they are under the lock, where those of the project are old. */
async function look(
  project: Project,
  options: AdoptOptions,
  { addresses, records = project.records() }: { readonly addresses: readonly string[]; readonly records?: Records },
): Promise<Planned> {
  const { fleet, kinds, reader } = project;
  const namesSession = addresses.some((address) => parseAddress(address)?.kind === "session");
  // Without a name no session is adopted, so tmux is not even asked.
  const scope = scopeOf({ agents: [], filesOnly: options.filesOnly || !namesSession, portable: false });
  return plan({ fleet, kinds, scope, allowed: LOOKING, records, wholeBasis: false }, reader);
}

function candidatesOf(planned: Planned, addresses: readonly string[]): Candidate[] {
  if (addresses.length === 0) {
    const adoptable = planned.judged.filter((one) => one.want && !one.have?.trouble);
    return adoptable.flatMap((judged) => {
      const paths = judged.parts
        .filter((part) => part.verdict === "unowned" || part.verdict === "conflicting")
        .map((part) => part.path);
      return paths.length > 0 ? [{ judged, paths }] : [];
    });
  }
  return addresses.map((address) => named(planned, address));
}

function named(planned: Planned, address: string): Candidate {
  const [base = "", pointer] = address.split("#");
  const judged = planned.judged.find((one) => one.address === base);
  if (!judged?.want) {
    const known = planned.judged.map((one) => one.address);
    throw new UsageError(
      `nothing desired has the address "${address}"`,
      didYouMean(base, known) ?? "rollcall verify prints addresses",
    );
  }
  const notSeen = unseen([judged]);
  if (notSeen) throw unseenError(notSeen);
  if (!judged.have?.exists)
    throw new UsageError(`${base} is not there: there is nothing to adopt`, "rollcall apply makes it");
  if (pointer === undefined) return { judged };
  const paths = judged.parts
    .map((part) => part.path)
    .filter((path) => path === pointer || path.startsWith(`${pointer}/`));
  if (paths.length === 0)
    throw new UsageError(`${base} has no difference at ${pointer}`, "rollcall plan shows the pointers");
  return { judged, paths };
}

async function agreed(io: Terminal, options: AdoptOptions, candidates: readonly Candidate[]): Promise<boolean> {
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

async function adoptAll(project: Project, writing: Writing, candidates: readonly Candidate[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const repairs: RecordRepair[] = [];
  for (const candidate of candidates) {
    const { judged } = candidate;
    const base = { address: judged.address, action: "adopt" as const, corrective: false };
    const marked = await mark(project, writing, judged);
    if (marked !== null) {
      outcomes.push({ ...base, ...marked.outcome });
      if (marked.repair) repairs.push(marked.repair);
      continue;
    }
    if (judged.have?.trouble) {
      outcomes.push({
        ...base,
        result: "blocked",
        error: { code: "E321", message: judged.have.trouble.message, hint: judged.have.trouble.hint },
      });
      continue;
    }
    const repair = recordFor(
      candidate,
      project.fleet.agents.find((agent) => agent.name === judged.agent)?.protect ?? false,
    );
    if (repair) repairs.push(repair);
    outcomes.push({ ...base, result: "done" });
  }
  await writing.recorder.commit(repairs);
  return outcomes;
}

/** The whole resource's record, or the old record with only the named keys as they are observed. */
function recordFor({ judged, paths }: Candidate, isProtected: boolean): RecordRepair | null {
  const whole = recordObserved(judged, isProtected);
  if (!whole?.record || paths === undefined || !judged.record) return whole;
  const parts = { ...judged.record.parts };
  for (const path of paths) {
    const digest = whole.record.parts[path];
    if (digest !== undefined) parts[path] = digest;
  }
  return { address: whole.address, record: { ...judged.record, parts } };
}

interface Marked {
  readonly outcome: Pick<Outcome, "result" | "error">;
  readonly repair: RecordRepair | null;
}

/** Kinds that mark what is theirs put their mark; null for the others. */
async function mark(project: Project, writing: Writing, judged: Classified): Promise<Marked | null> {
  const markable = project.kinds.find((one) => one.name === judged.kind)?.capabilities.markable;
  if (!markable || !judged.want || !judged.have) return null;
  const settled = await markable.mark(judged.want, judged.have, project.fleet, writing.world);
  switch (settled.result) {
    case "done":
      return {
        outcome: { result: "done" },
        repair: recordObserved(
          { ...judged, have: { ...judged.have, parts: partsFrom(settled.parts) } },
          false,
          settled.facts,
        ),
      };
    case "failed":
      return { outcome: { result: "failed", error: settled.error }, repair: null };
    case "blocked":
      return {
        outcome: { result: "blocked", error: { code: "E321", message: settled.reason, hint: settled.hint } },
        repair: null,
      };
  }
}

function partsFrom(digests: Readonly<Record<string, string>>): Record<string, { digest: string }> {
  return Object.fromEntries(Object.entries(digests).map(([path, digest]) => [path, { digest }]));
}

interface Finish {
  readonly io: Terminal;
  readonly options: AdoptOptions;
  readonly outcomes: readonly Outcome[];
  readonly planned: Planned;
  readonly id: string;
}

function finish({ io, options, outcomes, planned, id }: Finish): ExitCode {
  const run: Run = {
    kind: "run",
    formatVersion: FORMAT_VERSION,
    id,
    outcomes,
    converged: isConverged(planned),
    remaining: planned.plan,
  };
  if (options.output === "json") io.print(jsonDocument(run));
  else io.print(text(outcomes, planned));
  if (outcomes.some((one) => one.result === "failed"))
    return outcomes.some((one) => one.result === "done") ? EXIT.partly : EXIT.error;
  return outcomes.some((one) => one.result === "blocked") ? EXIT.blocked : EXIT.done;
}

function text(outcomes: readonly Outcome[], planned: Planned): string {
  if (outcomes.length === 0) return "Nothing to adopt: everything desired that is there is recorded.";
  const lines = outcomes.map(
    (one) =>
      `  ${one.result === "done" ? "←" : "!"} ${one.address}${one.error ? `: ${visibleLine(one.error.message)}` : ""}`,
  );
  const next =
    planned.plan.actions.length > 0 ? `; rollcall apply would change ${planned.plan.actions.length} resources now` : "";
  const done = outcomes.filter((one) => one.result === "done").length;
  return [...lines, `Adopted ${done} of ${outcomes.length}, no file was changed${next}.`].join("\n");
}
