// Looking at sessions: one snapshot of the socket, then the process behind each pane. It writes nothing.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Observation, Query } from "../../model/kind.ts";
import type { Observed, Obstacle } from "../../model/resource.ts";
import type { Reader } from "../../model/world.ts";
import { fleetMark, formerNames, sessionAddress } from "./names.ts";
import { type ObserveContext, observeContext } from "./observe/context.ts";
import { type MarkedSession, type Sorted, sortPanes } from "./observe/group-panes.ts";
import {
  observedAbsent,
  observedOutlived,
  observedOwn,
  observedTaken,
  observedUnknown,
  observedUnreachable,
} from "./observe/observation.ts";
import { findElsewhere } from "./observe/other-sockets.ts";
import { checkSocketPath, warning } from "./tmux/command.ts";
import { type LostServer, lostServerObstacle, type Remains, remainsOf, snapshotOrLost } from "./tmux/lost-server.ts";
import { endingUnit } from "./tmux/server.ts";
import type { SessionProps, SessionSeen } from "./types.ts";

type SessionQuery = Query<SessionProps>;
type SessionObservation = Observation<SessionSeen>;

/**
 * Looks at all queries at once: one tmux process on the fleet's socket, one more for each other socket on which the
 * ledger knows sessions. Throws E701 when the socket's path is too long.
 */
export async function observe(
  queries: readonly SessionQuery[],
  fleet: Fleet,
  world: Reader,
): Promise<SessionObservation> {
  checkSocketPath(fleet, world);
  const { socket } = fleet.machine;
  // What is neither recorded nor to be started cannot be doubled: no table of processes is read for it.
  const search = queries.some(({ want, record }) => record !== undefined || (want !== undefined && !want.optional));
  const { snapshot, lost } = await snapshotOrLost({ socket, asked: queries, search }, world);
  if (lost) return allUnreachable(queries, lost);
  if (snapshot.state === "not-installed") return allUnknown(queries, "tmux is not installed", notInstalled());
  if (snapshot.state === "silent") {
    return allUnknown(queries, snapshot.reason, silent(fleet, snapshot.reason));
  }
  const sorted = sortPanes(snapshot.panes, fleetMark(fleet), formerNames(fleet));
  const absent = queries.filter(({ agent }) => !sorted.own.has(agent));
  const remains = await remainsOf(absent, snapshot, { socket, world });
  const elsewhere = await findElsewhere(queries, fleet, world);
  const context = observeContext(fleet, world);
  const warnings: Diagnostic[] = [];
  const observed = queries.map((query) => {
    const one = observeOne(query, { sorted, remains: remains.get(query) }, context);
    warnings.push(...duplicates(query.agent, sorted, fleet));
    const other = elsewhere.get(query.address);
    if (other && one.same) warnings.push(warning("W706", `${query.agent} runs here, and ${other.message}`, other.hint));
    return other ? withObstacle(one, other) : one;
  });
  const orphans = unasked(queries, sorted, context);
  const taken = new Set(queries.flatMap(({ want }) => (want ? [want.props.name] : [])));
  warnings.push(
    ...unreachables(remains.values()),
    ...fallbacks(observed, queries),
    ...endingServer(snapshot.panes.length === 0 && queries.length > 0, world),
  );
  return {
    observed: [...observed, ...orphans],
    unmanaged: sorted.foreign.map(({ name }) => name).filter((name) => !taken.has(name)),
    warnings,
  };
}

interface SessionSearch {
  readonly sorted: Sorted;
  /** What is left of a session that is not among the sorted ones. */
  readonly remains: Remains | undefined;
}

function observeOne(
  query: SessionQuery,
  { sorted, remains }: SessionSearch,
  context: ObserveContext,
): Observed<SessionSeen> {
  const found = sorted.own.get(query.agent) ?? [];
  const name = query.want?.props.name;
  const own = found.find((one) => one.name === name) ?? found[0];
  const foreign = name === undefined ? undefined : sorted.foreign.find((one) => one.name === name);
  if (!own) {
    if (remains?.state === "unreachable") return observedUnreachable(query, remains.server);
    if (foreign) return observedTaken(query, foreign, context);
    const absent = remains ? observedOutlived(query, remains.process, context) : observedAbsent(query, context);
    const moved = sorted.moved.get(query.agent);
    return moved ? withObstacle(absent, movedPane(query, moved.name)) : absent;
  }
  const one = observedOwn(query, own, context);
  if (one.same) return one;
  if (foreign) return withObstacle(one, nameTaken(own, foreign.name));
  const moved = own.agentPane ? undefined : sorted.moved.get(query.agent);
  if (moved) return withObstacle(one, movedPane(query, moved.name));
  if (found.length > 1) return withObstacle(one, duplicate(query.agent, found));
  return one;
}

/** Marked sessions of this fleet that nobody asked about and nobody wants: the ledger was lost, the agent has left. */
function unasked(queries: readonly SessionQuery[], sorted: Sorted, context: ObserveContext): Observed<SessionSeen>[] {
  const asked = new Set(queries.map(({ agent }) => agent));
  const enabled = [...context.agents.values()].filter((agent) => agent.enabled);
  // A look at some agents only says nothing about others.
  if (enabled.some(({ name }) => !asked.has(name))) return [];
  return [...sorted.own.entries()].flatMap(([agent, [own]]) => {
    if (asked.has(agent) || !own) return [];
    return [observedOwn({ address: sessionAddress(agent), agent }, own, context)];
  });
}

function withObstacle(one: Observed<SessionSeen>, obstacle: Obstacle): Observed<SessionSeen> {
  return { ...one, obstacle };
}

function allUnknown(queries: readonly SessionQuery[], reason: string, said: Diagnostic): SessionObservation {
  return { observed: queries.map((query) => observedUnknown(query, reason)), unmanaged: [], warnings: [said] };
}

/** One warning for all sessions that would start their fallback. */
function fallbacks(observed: readonly Observed<SessionSeen>[], queries: readonly SessionQuery[]): Diagnostic[] {
  const starting = observed.flatMap(({ seen }, index) => {
    const want = queries[index]?.want;
    return want && !want.optional && seen.state === "absent" && seen.startsFallback ? [want] : [];
  });
  const [first] = starting;
  if (!first) return [];
  const { command, fallback } = first.props;
  const more = starting.length === 1 ? first.props.name : `${starting.length} sessions`;
  return [
    warning(
      "W704",
      `${command[0]} is not installed: ${more} will run the fallback ${fallback.join(" ")}`,
      `install ${command[0]}, or set session.path or session.command in rollcall.config.yaml`,
    ),
  ];
}

/** Inside a unit of systemd that takes its processes along, and without the means to leave it. */
function endingServer(starts: boolean, world: Reader): Diagnostic[] {
  const unit = starts ? endingUnit(world) : null;
  if (unit === null || world.files.find("systemd-run", world.env["PATH"] ?? "") !== null) return [];
  return [
    warning(
      "W705",
      `a tmux server started here may end together with the unit ${unit}`,
      `put KillMode=process into ${unit}, or install systemd-run`,
    ),
  ];
}

/** Nobody answers where the sessions should be, and the server they are in lives: nothing is known of any of them. */
function allUnreachable(queries: readonly SessionQuery[], server: LostServer): SessionObservation {
  const observed = queries.map((query) => observedUnreachable(query, server));
  const { message, hint } = lostServerObstacle(server);
  return { observed, unmanaged: [], warnings: [warning("W720", message, hint)] };
}

/** One warning for each server that somebody else's took the socket from. */
function unreachables(remains: Iterable<Remains>): Diagnostic[] {
  const servers = [...remains].flatMap((one) => (one.state === "unreachable" ? [one.server] : []));
  const each = new Map(servers.map((server) => [server.pid, lostServerObstacle(server)]));
  return [...each.values()].map(({ message, hint }) => warning("W721", message, hint));
}

function notInstalled(): Diagnostic {
  return warning(
    "W701",
    "tmux is not installed: nothing is known of the sessions",
    "install tmux 3.2 or later, or give --files-only",
  );
}

function silent(fleet: Fleet, reason: string): Diagnostic {
  const { socket } = fleet.machine;
  return warning(
    "W702",
    `nothing is known of the sessions on socket ${socket}: ${reason}`,
    `see whether the server runs: tmux -L ${socket} list-sessions`,
  );
}

const listed = (found: readonly MarkedSession[]): string => found.map(({ name, id }) => `${name} (${id})`).join(", ");

function duplicates(agent: string, sorted: Sorted, { machine }: Fleet): Diagnostic[] {
  const found = sorted.own.get(agent) ?? [];
  if (found.length < 2) return [];
  return [
    warning(
      "W703",
      `${agent} has ${found.length} marked sessions: ${listed(found)}`,
      `end the one that is too many: tmux -L ${machine.socket} kill-session -t '$N'`,
    ),
  ];
}

function duplicate(agent: string, found: readonly MarkedSession[]): Obstacle {
  return {
    why: "duplicate",
    message: `${agent} has ${found.length} marked sessions: ${listed(found)}`,
    hint: "end the one that is too many, then apply again",
  };
}

function nameTaken(own: MarkedSession, name: string): Obstacle {
  return {
    why: "unmarked",
    message: `our session is called ${own.name} (${own.id}), and its name ${name} is taken by a session that is not ours`,
    hint: `rename or end the other session ${name}, then apply again`,
  };
}

function movedPane({ agent }: SessionQuery, session: string): Obstacle {
  return {
    why: "moved-pane",
    message: `the pane of ${agent} was moved into session ${session}, where it still runs`,
    hint: "move it back with join-pane, or end it, then apply again",
  };
}
