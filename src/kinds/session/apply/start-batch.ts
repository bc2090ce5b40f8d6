// Starting prepared sessions: one script for all, clients a few at a time, and nothing is called started before it is seen.
import type { Settled } from "../../../model/settled.ts";
import type { ExecResult } from "../../../model/world.ts";
import { listClients } from "../client/agents-json.ts";
import { fleetMark } from "../names.ts";
import { type Sorted, sortPanes } from "../observe/group-panes.ts";
import { readProcess } from "../observe/processes.ts";
import { firstLine } from "../tmux/command.ts";
import { controlledPanes } from "../tmux/control-clients.ts";
import { isTransient, runScript } from "../tmux/server.ts";
import { type Snapshot, takeSnapshot } from "../tmux/snapshot.ts";
import { type OwnSession, writeFacts } from "../types.ts";
import { ownOf, readyAfter, type StartedSession, settleReady, type Watching } from "./ready.ts";
import { factsAfter, type StartMethod, type StartSpec, startLine, startsClient } from "./start-spec.ts";

/** Waits between tries while a server is on its way out (new-session right after kill-server fails 12 times in 40). */
const RETRY_MS = [30, 60, 120, 250, 500, 1_000] as const;
/** A process that tmux forked needs a moment to be in its folder and to be what it shall be. */
const SETTLE_TRIES = 40;
const SETTLE_MS = 25;
/** Clients of one batch get this long to be ready before the next are started. */
const READY_MS = 3_000;
const READY_EVERY_MS = 250;

interface Starting extends Watching {
  /** What was seen right after its start; it is settled later. */
  readonly started: StartedSession[];
}

interface Planned {
  readonly start: StartSpec;
  readonly method: StartMethod;
}

/** A failed outcome. */
export function failure(address: string, code: string, message: string, hint?: string): Settled {
  return { address, result: "failed", error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/**
 * Starts everything: what is no client at once, clients `session.parallel` at a time. What was seen to run is done when
 * it has lived for `session.ready.after`; all of it is waited for side by side.
 */
export async function startAll(planned: readonly Planned[], watching: Watching): Promise<void> {
  const started: StartedSession[] = [];
  await startBatches(planned, { ...watching, started });
  await settleReady(started, watching);
}

async function startBatches(planned: readonly Planned[], starting: Starting): Promise<void> {
  const others = planned.filter(({ start }) => !startsClient(start));
  const clients = planned.filter(({ start }) => startsClient(start));
  if (others.length > 0) await startBatch(others, starting);
  const parallel = Math.max(1, ...clients.map(({ start }) => start.agent.session.parallel));
  for (let first = 0; first < clients.length; first += parallel) {
    const batch = clients.slice(first, first + parallel);
    const pids = await startBatch(batch, starting);
    if (first + parallel < clients.length) await untilReady(batch, pids, starting);
  }
}

/** One script, one look, again while the server was just ending. The pids of what runs, by agent. */
async function startBatch(batch: readonly Planned[], starting: Starting): Promise<ReadonlyMap<string, number>> {
  const { fleet, world, settle } = starting;
  const { loadedComponents } = await import("../observe/loaded-state.ts");
  const lineOf = ({ start, method }: Planned): string => {
    const loaded = loadedComponents(start.agent, { folder: start.want.props.folder, fleet, files: world.files });
    return startLine({ start, method, loaded }, fleet, world);
  };
  let open = await withoutRespawns(batch, starting);
  for (const wait of [...RETRY_MS, null]) {
    const result = await runScript(open.map(lineOf), fleet, world);
    const snapshot = await verifiable(open, starting);
    if (snapshot.state !== "panes") {
      const reason = snapshot.state === "silent" ? snapshot.reason : "tmux is not installed";
      for (const { start } of open) settle(failure(start.want.address, "E711", reason));
      return new Map();
    }
    const sorted = sortPanes(snapshot.panes, fleetMark(fleet));
    const absent = open.filter(({ start }) => !isThere(start, sorted));
    if (wait === null || absent.length === 0 || !isTransient(result))
      return settleBatch(batch, { sorted, result, starting });
    open = absent.map(({ start }): Planned => ({ start, method: { by: "new-session" } }));
    await world.sleep(wait);
  }
  return new Map();
}

/** Asked directly before the script: where a control-mode client looks, the process gets another pane of its session. */
async function withoutRespawns(batch: readonly Planned[], { fleet, world }: Starting): Promise<readonly Planned[]> {
  const panes = batch.flatMap(({ method }) => (method.by === "respawn" ? [method.pane] : []));
  const controlled = await controlledPanes(panes, fleet.machine.socket, world);
  return batch.map(({ start, method }): Planned => {
    if (method.by !== "respawn" || !controlled.has(method.pane)) return { start, method };
    return { start, method: { ...method, by: "another-pane" } };
  });
}

function isThere({ want }: StartSpec, { own, foreign }: Sorted): boolean {
  const { name } = want.props;
  return (own.get(want.agent)?.length ?? 0) > 0 || foreign.some((one) => one.name === name);
}

/** A snapshot in which each new process is settled: it is in its folder, or it has ended with a code. */
async function verifiable(batch: readonly Planned[], { fleet, world, context }: Starting): Promise<Snapshot> {
  for (let attempt = 1; ; attempt++) {
    const snapshot = await takeSnapshot(world, fleet.machine.socket);
    if (snapshot.state !== "panes" || attempt === SETTLE_TRIES) return snapshot;
    const sorted = sortPanes(snapshot.panes, fleetMark(fleet));
    const settled = batch.every(({ start }) => {
      const own = ownOf(start, sorted, context);
      if (!own) return true;
      if (own.exit) return own.exit.code !== undefined || own.exit.signal !== undefined;
      return own.tick !== undefined && own.defect !== "cwd";
    });
    if (settled) return snapshot;
    await world.sleep(SETTLE_MS);
  }
}

function settleBatch(
  batch: readonly Planned[],
  { sorted, result, starting }: { readonly sorted: Sorted; readonly result: ExecResult; readonly starting: Starting },
): ReadonlyMap<string, number> {
  const pids = new Map<string, number>();
  for (const { start } of batch) {
    const own = ownOf(start, sorted, starting.context);
    if (own) verify(start, own, starting);
    else starting.settle(notStarted(start, sorted, result));
    if (own?.pid !== undefined && !own.exit) pids.set(start.want.agent, own.pid);
  }
  return pids;
}

/** What runs as asked for, and what has ended already, is settled when all of the batches are up. */
function verify(start: StartSpec, own: OwnSession, { started, settle }: Starting): void {
  const { want } = start;
  const { address } = want;
  if (own.exit && readyAfter(start) > 0) {
    started.push({ start, own, settled: null });
    return;
  }
  switch (own.defect) {
    case "exited":
      started.push({ start, own, settled: null });
      return;
    case "cwd":
    case "no-pane":
    case "renamed":
    case "fallback":
      settle(failure(address, "E712", `it was started, but is not as asked for (${own.defect})`, "apply again"));
      return;
    default: {
      // Stale: its files were changed just before. It is recorded as what it was started from, and stays a difference.
      const parts = { "": own.mark.fingerprint };
      const facts = writeFacts(factsAfter(start, own));
      started.push({ start, own, settled: { address, result: "done", parts, facts } });
    }
  }
}

function notStarted({ want }: StartSpec, { foreign }: Sorted, result: ExecResult): Settled {
  const { address, props } = want;
  if (foreign.some(({ name }) => name === props.name)) {
    const reason = `a session called ${props.name} is there and does not bear our mark`;
    return { address, result: "blocked", reason, hint: `rollcall adopt ${address}, or rename it` };
  }
  if (result.missing) return failure(address, "E711", "tmux is not installed", "install tmux 3.2 or later");
  if (result.timedOut) return failure(address, "E711", "tmux did not answer in time");
  return failure(address, "E709", `tmux did not start it: ${redacted(result.stderr) || "no session came into being"}`);
}

/** tmux's first words, without what could be a value from the script: it quotes the line it does not understand. */
function redacted(stderr: string): string {
  return firstLine(stderr)
    .replace(/(-e ).*/s, "$1…")
    .slice(0, 200);
}

/** Waits until clients are listed by the client itself, ended, or late: each needs seconds of processor time to start. */
async function untilReady(
  batch: readonly Planned[],
  pids: ReadonlyMap<string, number>,
  starting: Starting,
): Promise<void> {
  const { fleet, world } = starting;
  const agents = batch.map(({ start }) => ({ mark: { agent: start.want.agent } }));
  for (let waited = 0; waited < READY_MS; waited += READY_EVERY_MS) {
    const clients = await listClients(agents, fleet, world);
    const ready = [...pids].every(([agent, pid]) => {
      const entries = clients(agent);
      return entries === null || entries.some((one) => one.pid === pid) || readProcess(world.files, pid) === null;
    });
    if (ready) return;
    await world.sleep(READY_EVERY_MS);
  }
}
