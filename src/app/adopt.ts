// Adopting: what is there becomes the recorded base (R := O). Changes no file; a session only by its address.
import type { Classified } from "../engine/classify.ts";
import { recordObserved } from "../engine/record.ts";
import { scopeOf } from "../engine/scope.ts";
import { parseAddress } from "../model/address.ts";
import { UsageError } from "../model/errors.ts";
import { didYouMean } from "../model/nearest.ts";
import type { Outcome, Run } from "../model/outcome.ts";
import { FORMAT_VERSION, type RecordRepair } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import { isConverged, type Planned, plan } from "../reconcile.ts";
import type { Project } from "./project.ts";
import { NOTHING_ALLOWED } from "./request.ts";
import { locked, type Writing } from "./run/transaction.ts";
import { unseen, unseenError } from "./session/lookup.ts";

/** One resource to take over; `paths` when only some of its keys were named. */
export interface AdoptCandidate {
  readonly judged: Classified;
  readonly paths?: readonly string[];
}

export interface AdoptJob {
  /** Empty: all that is unowned or conflicting. */
  readonly addresses: readonly string[];
  readonly filesOnly: boolean;
  /** Seconds. */
  readonly lockTimeout: number;
}

/** Records under the run lock what lies there then. */
export async function adopt(project: Project, job: AdoptJob): Promise<Run> {
  const { addresses, lockTimeout } = job;
  return locked(project, { command: "adopt", timeout: lockTimeout }, async (writing) => {
    const planNow = () => planAdoption(project, job, { addresses, records: writing.recorder.records() });
    const outcomes = await adoptAll(project, writing, candidatesOf(await planNow(), addresses));
    return adoptionDocument(await planNow(), outcomes, writing.world.run);
  });
}

/** The adoption as the document of a run; without an id, nothing was written. */
export function adoptionDocument(planned: Planned, outcomes: readonly Outcome[] = [], id = ""): Run {
  return {
    kind: "run",
    formatVersion: FORMAT_VERSION,
    id,
    outcomes,
    converged: isConverged(planned),
    remaining: planned.plan,
  };
}

/** Looks at what is there now; `records`: as they are under the lock, where those of the project are old. */
export async function planAdoption(
  project: Project,
  options: { readonly filesOnly: boolean },
  { addresses, records = project.records() }: { readonly addresses: readonly string[]; readonly records?: Records },
): Promise<Planned> {
  const { fleet, kinds, reader } = project;
  const namesSession = addresses.some((address) => parseAddress(address)?.kind === "session");
  // Without a name no session is adopted, so tmux is not even asked.
  const scope = scopeOf({ agents: [], filesOnly: options.filesOnly || !namesSession, portable: false });
  return plan({ fleet, kinds, scope, allowed: NOTHING_ALLOWED, records, wholeBasis: false }, reader);
}

/** All that is unowned or conflicting, or what is named. Throws UsageError for a name that nothing has. */
export function candidatesOf(planned: Planned, addresses: readonly string[]): AdoptCandidate[] {
  if (addresses.length === 0) {
    const adoptable = planned.judged.filter((one) => one.want && !one.have?.obstacle);
    return adoptable.flatMap((judged) => {
      const paths = judged.parts
        .filter((part) => part.verdict === "unowned" || part.verdict === "conflicting")
        .map((part) => part.path);
      return paths.length > 0 ? [{ judged, paths }] : [];
    });
  }
  return addresses.map((address) => named(planned, address));
}

function named(planned: Planned, address: string): AdoptCandidate {
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

async function adoptAll(project: Project, writing: Writing, candidates: readonly AdoptCandidate[]): Promise<Outcome[]> {
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
    if (judged.have?.obstacle) {
      outcomes.push({
        ...base,
        result: "blocked",
        error: { code: "E321", message: judged.have.obstacle.message, hint: judged.have.obstacle.hint },
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
function recordFor({ judged, paths }: AdoptCandidate, isProtected: boolean): RecordRepair | null {
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
