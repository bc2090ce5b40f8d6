// Proof by behaviour: a call the hook has to refuse is refused, one it has to allow is allowed. Only rendered bytes are run.
import { dirname } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Settle } from "../../model/kind.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Desired } from "../../model/resource.ts";
import type { ExecResult, Writer } from "../../model/world.ts";
import { interpreterMissing, surroundings } from "./observe.ts";
import { REHEARSE, type Rehearsal, rehearsed } from "./rehearsal.ts";
import { type HookProps, hookBytes, hookPath, proofKey } from "./view.ts";

const TIMEOUT_MS = 10_000;
/** Up to so many hooks are each started for real; of more, one is, and the others are rehearsed in one process. */
const FEW = 2;

export interface Prover {
  readonly fleet: Fleet;
  readonly world: Writer;
  readonly around: ReturnType<typeof surroundings>;
}

/** Null when it bites. */
export type Verdict = Failure | null;

function failure(code: string, message: string, hint: string): Failure {
  return { code, message, hint };
}

/** Runs work on all items, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(width, queue.length)) }, lane));
}

function environment({ fleet, world }: Prover): Record<string, string> {
  const home = world.env["HOME"];
  return { PATH: fleet.machine.sessionPath, ...(home === undefined ? {} : { HOME: home }) };
}

/** Not ours any more, or not executable: it is not run. */
function mayRun(want: Desired<HookProps>, { fleet, world }: Prover): Verdict {
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

function judge(want: Desired<HookProps>, denied: ExecResult, allowed: ExecResult | null): Verdict {
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
async function bites(want: Desired<HookProps>, prover: Prover): Promise<Verdict> {
  const refused = mayRun(want, prover);
  if (refused !== null) return refused;
  const { denied, allowed } = want.props;
  const [first, second] = await Promise.all([
    start(want, denied, prover),
    allowed === null ? null : start(want, allowed, prover),
  ]);
  return judge(want, first, second);
}

/** Hooks whose rehearsal ended as it should. */
async function rehearse(wants: readonly Desired<HookProps>[], prover: Prover): Promise<ReadonlySet<string>> {
  const { interpreter } = prover.around;
  if (interpreter === null || wants.length === 0) return new Set();
  const ready = wants.filter((want) => mayRun(want, prover) === null);
  const input: Rehearsal[] = ready.map((want) => ({
    path: hookPath(want.at, prover.fleet),
    digest: digestBytes(hookBytes(want)),
    calls: [want.props.denied, ...(want.props.allowed === null ? [] : [want.props.allowed])],
  }));
  const result = await prover.world.exec.run([interpreter, "--input-type=commonjs", "-e", REHEARSE], {
    input: JSON.stringify(input),
    env: environment(prover),
    timeoutMs: TIMEOUT_MS + 50 * ready.length,
  });
  const ends = rehearsed(result) ?? [];
  const good = ready.filter((_, at) => ends[at]?.[0] === 2 && (ends[at]?.length === 1 || ends[at]?.[1] === 42));
  return new Set(good.map((want) => want.address));
}

/**
 * Proves hooks. `each`: every one is started by itself (a Node each: slow). Else one is, and the others, which differ
 * from it in their policy alone, are rehearsed; whatever does not pass that is started by itself after all.
 */
export async function proveAll(
  wants: readonly Desired<HookProps>[],
  prover: Prover,
  each: boolean,
): Promise<ReadonlyMap<string, Verdict>> {
  const found = new Map<string, Verdict>();
  const width = prover.fleet.policy.parallelism;
  const one = async (want: Desired<HookProps>): Promise<void> => {
    found.set(want.address, await bites(want, prover));
  };
  const [first, ...others] = wants;
  if (each || first === undefined || wants.length <= FEW) {
    await inParallel(wants, width, one);
    return found;
  }
  const [, passed] = await Promise.all([one(first), rehearse(others, prover)]);
  const trusted = found.get(first.address) === null ? passed : new Set<string>();
  for (const want of others) if (trusted.has(want.address)) found.set(want.address, null);
  await inParallel(
    others.filter((want) => !trusted.has(want.address)),
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
