// What live sessions are doing, asked only when a plan would disturb them or a person asks for the status.
import type { Fleet } from "../../../model/fleet.ts";
import type { Live, Loss, Observed } from "../../../model/resource.ts";
import type { Reader } from "../../../model/world.ts";
import { inspectOutlived } from "../apply/outlived-processes.ts";
import { lossesOf } from "../observe/observation.ts";
import { type Process, processTable, processTree } from "../observe/processes.ts";
import { askTmux } from "../tmux/command.ts";
import type { OwnSession, SessionSeen } from "../types.ts";
import { type ClientEntry, listClients } from "./agents-json.ts";

/** A client that is younger than this and not listed yet is starting, not stuck. */
const STARTING_MS = 10_000;

type SessionObserved = Observed<SessionSeen>;
type Status = NonNullable<OwnSession["status"]>;

/**
 * Adds activity, attachment within the grace, and what would be lost. One process table for all, one `agents --json`
 * per folder of the client, one `list-clients` when somebody is attached.
 */
export async function inspect(
  observed: readonly SessionObserved[],
  fleet: Fleet,
  world: Reader,
): Promise<readonly SessionObserved[]> {
  const haves = await inspectOutlived(observed, fleet, world);
  const live = haves.flatMap(({ seen }) =>
    seen.state === "ours" && seen.pane !== undefined && !seen.exit ? [seen] : [],
  );
  if (live.length === 0) return haves;
  const table = processTable(world.files);
  const clients = await listClients(
    live.filter((seen) => seen.client),
    fleet,
    world,
  );
  const keys = live.some((seen) => seen.clients > 0) ? await lastKeys(fleet, world) : new Map<string, number>();
  return haves.map((have) => {
    const { seen } = have;
    if (seen.state !== "ours" || !live.includes(seen)) return have;
    const tree = processTree(table, seen.pid ?? 0);
    const found = seen.client
      ? clientStatus(seen, tree, clients(seen.mark.agent))
      : { status: terminalStatus(seen, tree) };
    const attached = isAttached(seen, keys, { now: world.now(), graceMs: fleet.policy.attachedGraceMs });
    const closer: OwnSession = { ...seen, ...found };
    return { ...have, seen: closer, live: liveFrom(closer, { attached, tree }) };
  });
}

function liveFrom(
  seen: OwnSession,
  { attached, tree }: { readonly attached: Attached; readonly tree: readonly Process[] },
): Live {
  const activity = activityOf(seen.status ?? "unknown");
  const losses = new Set<Loss>(lossesOf(seen, attached.now));
  if (activity === "busy") losses.add("turn");
  if (activity === "waiting") losses.add("dialog");
  if (tree.length > 1) losses.add("background");
  const since = attached.now && attached.since !== undefined ? { since: new Date(attached.since).toISOString() } : {};
  return { activity, attached: attached.now, loses: [...losses], ...since };
}

function activityOf(status: Status): Live["activity"] {
  switch (status) {
    case "busy":
    case "idle":
    case "waiting":
      return status;
    case "stuck-in-dialog":
      return "waiting";
    case "starting":
    case "unknown":
      return "unknown";
  }
}

/** What the client says of itself. A live process that it does not list is held by a start-up dialog. */
export function clientStatus(
  seen: OwnSession,
  tree: readonly Process[],
  entries: readonly ClientEntry[] | null,
): { status: Status; waitingFor?: string } {
  if (entries === null) return { status: "unknown" };
  const pids = new Set([seen.pid, ...tree.map(({ pid }) => pid)]);
  const entry = entries.find(({ pid }) => pids.has(pid));
  if (!entry) {
    const young = seen.mark.startedAt > 0 && seen.at - seen.mark.startedAt < STARTING_MS;
    return { status: young ? "starting" : "stuck-in-dialog" };
  }
  return { status: entry.status, ...(entry.waitingFor === undefined ? {} : { waitingFor: entry.waitingFor }) };
}

/** Another command is idle when it owns its terminal's foreground group and has no children. */
export function terminalStatus(seen: Pick<OwnSession, "pid">, tree: readonly Process[]): Status {
  const first = tree.find(({ pid }) => pid === seen.pid);
  if (!first) return "unknown";
  return first.foreground === first.group && tree.length === 1 ? "idle" : "busy";
}

interface Attached {
  readonly now: boolean;
  /** Milliseconds since the epoch of the last key. */
  readonly since?: number;
}

/** Attached counts until the grace after the last key has run out; a client of unknown activity counts. */
function isAttached(
  seen: OwnSession,
  keys: ReadonlyMap<string, number> | null,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): Attached {
  if (seen.clients === 0) return { now: false };
  const last = keys?.get(seen.pane ?? "");
  if (last === undefined) return { now: true };
  return { now: now - last < graceMs, since: last };
}

/** The time of the last key (milliseconds) per pane on which a client looks; null when it could not be asked. */
async function lastKeys(fleet: Fleet, world: Reader): Promise<ReadonlyMap<string, number> | null> {
  const words = ["list-clients", "-F", "#{client_activity}:#{session_id}"];
  const clients = await askTmux(world, { socket: fleet.machine.socket, words });
  if (clients.state !== "rows") return null;
  const panes = await askTmux(world, {
    socket: fleet.machine.socket,
    words: ["list-panes", "-a", "-F", "#{session_id}:#{pane_id}"],
  });
  if (panes.state !== "rows") return null;
  const bySession = new Map<string, number>();
  for (const row of clients.text.split("\n")) {
    const [time = "", session = ""] = row.split(":");
    if (session !== "") bySession.set(session, Math.max(bySession.get(session) ?? 0, Number(time) * 1000));
  }
  const byPane = new Map<string, number>();
  for (const row of panes.text.split("\n")) {
    const [session = "", pane = ""] = row.split(":");
    const last = bySession.get(session);
    if (last !== undefined) byPane.set(pane, Math.max(byPane.get(pane) ?? 0, last));
  }
  return byPane;
}
