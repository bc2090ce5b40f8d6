// Proof by behaviour: a call the hook has to refuse is refused, one it has to allow is allowed. Only rendered bytes are run.
import { dirname } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { Fleet } from "../../model/fleet.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Desired } from "../../model/resource.ts";
import type { Settle } from "../../model/settled.ts";
import type { ExecResult, Writer } from "../../model/world.ts";
import { type BatchProbe, PROBE_SCRIPT, probeResult } from "./batch-probe.ts";
import { type ClosedCall, closedCalls } from "./closed-calls.ts";
import { interpreterMissing, surroundings } from "./observe.ts";
import { type HookProps, hookBytes, hookPath, LEDGER, NODE_AT, proofKey } from "./types.ts";

const TIMEOUT_MS = 10_000;
/** Up to so many hooks are each started for real; of more, one is, and the others are rehearsed in one process. */
const FEW = 2;

export interface Prover {
  readonly fleet: Fleet;
  readonly world: Writer;
  readonly around: ReturnType<typeof surroundings>;
}

/** Null when it bites. */
export type ProofResult = Failure | null;

function failure(code: string, message: string, hint: string): Failure {
  return { code, message, hint };
}

function environment({ fleet, world }: Prover): Record<string, string> {
  const home = world.env["HOME"];
  return { PATH: fleet.machine.sessionPath, ...(home === undefined ? {} : { HOME: home }) };
}

/** Not ours any more, or not executable: it is not run. */
function mayRun(want: Desired<HookProps>, { fleet, world }: Prover): ProofResult {
  const path = hookPath(want.at, fleet);
  const compared = world.files.compare(path, hookBytes(want));
  if (compared.state === "file" && compared.same && (compared.facts.mode & 0o100) !== 0) return null;
  const what =
    compared.state === "file"
      ? compared.same
        ? "is not executable"
        : "holds other bytes than rendered"
      : "is not there as rendered";
  return failure("E605", `${path} ${what}: it was not run`, "run rollcall apply to put it right");
}

async function start(want: Desired<HookProps>, call: string, prover: Prover): Promise<ExecResult> {
  const path = hookPath(want.at, prover.fleet);
  return prover.world.exec.run([path], {
    input: call,
    cwd: dirname(path),
    env: environment(prover),
    timeoutMs: TIMEOUT_MS,
  });
}

function shown(result: ExecResult): string {
  if (result.timedOut) return "it did not end in 10 s";
  const said = result.stderr.trim().split("\n")[0] ?? "";
  const end = result.signal === null ? `exit ${result.code}` : result.signal;
  return said === "" ? end : `${end}: ${said.slice(0, 200)}`;
}

function proofResult(want: Desired<HookProps>, denied: ExecResult, allowed: ExecResult | null): ProofResult {
  if (denied.code === 0) {
    return failure(
      "E602",
      `the hook of ${want.agent} does not bite: it allowed what it has to refuse`,
      "look which node and which /bin/sh the session's PATH leads to; rollcall doctor shows it",
    );
  }
  if (denied.code !== 2) {
    return failure(
      "E604",
      `the hook of ${want.agent} cannot be run (${shown(denied)})`,
      "run it by hand; rollcall doctor shows how",
    );
  }
  if (allowed !== null && allowed.code !== 0) {
    return failure(
      "E603",
      `the hook of ${want.agent} refuses what it has to allow (${shown(allowed)})`,
      "look which node the session's PATH leads to; Node 20 or later is needed",
    );
  }
  return null;
}

/** Starts one hook twice, as the client would. */
async function isEnforcing(want: Desired<HookProps>, prover: Prover): Promise<ProofResult> {
  const refused = mayRun(want, prover);
  if (refused !== null) return refused;
  const { denied, allowed } = want.props;
  const [first, second] = await Promise.all([
    start(want, denied, prover),
    allowed === null ? null : start(want, allowed, prover),
  ]);
  return proofResult(want, first, second);
}

/** Starts one hook for every place that is closed, where no rehearsal answered for it. */
async function closes(want: Desired<HookProps>, prover: Prover): Promise<ProofResult> {
  for (const closed of closedCalls(want.agent, prover.fleet)) {
    const result = await start(want, closed.call, prover);
    if (result.code !== 2) return open(want, closed);
  }
  return null;
}

function open(want: Desired<HookProps>, { glob, path }: ClosedCall): Failure {
  return failure(
    "E602",
    `the hook of ${want.agent} allows writing to ${path}, which the glob ${JSON.stringify(glob)} closes`,
    "this is a fault of Rollcall: write the glob otherwise (rollcall explain E602) and report it",
  );
}

/** How the calls of one hook ended in a rehearsal: those of the closed places, and the two that every hook answers. */
interface Rehearsed {
  readonly good: boolean;
  readonly closed: readonly (number | null)[];
}

/** The ends of every hook that could be rehearsed, by address. */
async function rehearse(wants: readonly Desired<HookProps>[], prover: Prover): Promise<ReadonlyMap<string, Rehearsed>> {
  const { interpreter } = prover.around;
  if (interpreter === null || wants.length === 0) return new Map();
  const ready = wants.filter((want) => mayRun(want, prover) === null);
  const input: BatchProbe[] = ready.map((want) => ({
    path: hookPath(want.at, prover.fleet),
    digest: digestBytes(hookBytes(want)),
    calls: [
      ...closedCalls(want.agent, prover.fleet).map(({ call }) => call),
      want.props.denied,
      ...(want.props.allowed === null ? [] : [want.props.allowed]),
    ],
  }));
  const result = await prover.world.exec.run([interpreter, "--input-type=commonjs", "-e", PROBE_SCRIPT], {
    input: JSON.stringify(input),
    env: environment(prover),
    timeoutMs: TIMEOUT_MS + 50 * ready.length,
  });
  const all = probeResult(result) ?? [];
  return new Map(
    ready.flatMap((want, at) => {
      const ends = all[at];
      if (ends === undefined || ends === null) return [];
      const count = ends.length - (want.props.allowed === null ? 1 : 2);
      const [denied, allowed = 42] = ends.slice(count);
      return [[want.address, { good: denied === 2 && allowed === 42, closed: ends.slice(0, count) }]];
    }),
  );
}

/** Whether the closed places are closed, by the rehearsal where there was one. */
async function closedVerdict(
  want: Desired<HookProps>,
  seen: Rehearsed | undefined,
  prover: Prover,
): Promise<ProofResult> {
  return seen?.good ? closedIn(want, seen, prover) : closes(want, prover);
}

function closedIn(want: Desired<HookProps>, seen: Rehearsed, { fleet }: Prover): ProofResult {
  const at = seen.closed.findIndex((end) => end !== 2);
  const left = at < 0 ? undefined : closedCalls(want.agent, fleet)[at];
  return left === undefined ? null : open(want, left);
}

/** True on a machine where only portable things are applied: its hooks have no Node and refuse every call, as they should. */
function isUnnamed({ fleet, world }: Prover): boolean {
  const { agents, state } = fleet.machine.folders;
  return world.files.facts(`${agents}/${NODE_AT}`) === null && world.files.facts(`${state}/${LEDGER}`) !== null;
}

async function rehearseAll(
  wants: readonly Desired<HookProps>[],
  prover: Prover,
): Promise<ReadonlyMap<string, ProofResult>> {
  const passed = await rehearse(wants, prover);
  return new Map(
    wants.map((want) => {
      const seen = passed.get(want.address);
      return [want.address, seen?.good ? closedIn(want, seen, prover) : unrehearsed(want, prover)];
    }),
  );
}

function unrehearsed(want: Desired<HookProps>, prover: Prover): ProofResult {
  const message = `the program in the hook of ${want.agent} does not answer as it has to`;
  return (
    mayRun(want, prover) ??
    failure("E604", message, "run rollcall apply without --portable to have it started for real")
  );
}

/**
 * Proves hooks. `each`: every one is started by itself (a Node each: slow). Else one is, and the others, which differ
 * from it in their policy alone, are rehearsed; whatever does not pass that is started by itself after all. The calls to
 * closed places are made in the rehearsal, for all of them in one process.
 */
export async function proveAll(
  wants: readonly Desired<HookProps>[],
  prover: Prover,
  each: boolean,
): Promise<ReadonlyMap<string, ProofResult>> {
  const found = new Map<string, ProofResult>();
  const width = prover.fleet.policy.parallelism;
  if (isUnnamed(prover)) return rehearseAll(wants, prover);
  const [first, ...others] = wants;
  if (first === undefined) return found;
  const all = each || wants.length <= FEW;
  const rehearsing = rehearse(
    all ? wants.filter(({ agent }) => closedCalls(agent, prover.fleet).length > 0) : wants,
    prover,
  );
  const one = async (want: Desired<HookProps>): Promise<void> => {
    const verdict = await isEnforcing(want, prover);
    found.set(want.address, verdict ?? (await closedVerdict(want, (await rehearsing).get(want.address), prover)));
  };
  if (all) {
    await inParallel(wants, width, one);
    return found;
  }
  await one(first);
  const seen = await rehearsing;
  const trusted = new Set(
    others.filter(({ address }) => found.get(first.address) === null && seen.get(address)?.good === true),
  );
  for (const want of trusted) found.set(want.address, await closedVerdict(want, seen.get(want.address), prover));
  await inParallel(
    others.filter((want) => !trusted.has(want)),
    width,
    one,
  );
  return found;
}

/** What is recorded of a proven hook. */
export function proofOf(want: Desired<HookProps>, prover: Prover): { readonly proof: string } {
  const mode = prover.world.files.facts(hookPath(want.at, prover.fleet))?.mode ?? null;
  return { proof: proofKey(want.parts[""]?.digest ?? "", { ...prover.around, mode }) };
}

/** `each`: every hook is started by itself, as `verify --probe` and `doctor` do it. */
export async function prove(
  wants: readonly Desired<HookProps>[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
  { each }: { readonly each: boolean } = { each: true },
): Promise<void> {
  const prover: Prover = { fleet, world, around: surroundings(fleet, world.files) };
  if (prover.around.interpreter === null) {
    const { code, message, hint = "" } = interpreterMissing(prover.around);
    for (const { address } of wants) settle({ address, result: "failed", error: failure(code, message, hint) });
    return;
  }
  const verdicts = await proveAll(wants, prover, each);
  for (const want of wants) {
    const error = verdicts.get(want.address) ?? null;
    const parts = Object.fromEntries(Object.entries(want.parts).map(([path, part]) => [path, part.digest]));
    if (error === null) settle({ address: want.address, result: "done", parts, facts: proofOf(want, prover) });
    else settle({ address: want.address, result: "failed", error });
  }
}
