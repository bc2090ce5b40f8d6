// Sessions of this fleet on other sockets, where the ledger remembers some: one agent must not run twice.
import type { Address } from "../../../model/address.ts";
import type { Fleet } from "../../../model/fleet.ts";
import type { Query } from "../../../model/kind.ts";
import type { Obstacle, Recorded } from "../../../model/resource.ts";
import type { Reader } from "../../../model/world.ts";
import { fleetMark } from "../names.ts";
import { type LostServer, lostServerObstacle, type Remains, remainsOf, snapshotOrLost } from "../tmux/lost-server.ts";
import type { SessionProps } from "../types.ts";
import { sortPanes } from "./group-panes.ts";

/** A trouble for each address whose session lives on another socket; looks only where the ledger says something is. */
export async function findElsewhere(
  queries: readonly Query<SessionProps>[],
  fleet: Fleet,
  world: Reader,
): Promise<ReadonlyMap<Address, Obstacle>> {
  const obstacles = new Map<Address, Obstacle>();
  const asked = queries.filter(({ elsewhere = [] }) => elsewhere.length > 0);
  const sockets = new Set(asked.flatMap(({ elsewhere = [] }) => elsewhere.map(({ socket }) => socket)));
  sockets.delete(fleet.machine.socket);
  for (const socket of sockets) {
    const known = asked.flatMap((query) => recordedOn(socket, query));
    for (const [address, obstacle] of await obstaclesOn(socket, known, { fleet, world }))
      obstacles.set(address, obstacle);
  }
  return obstacles;
}

async function obstaclesOn(
  socket: string,
  known: readonly RecordedThere[],
  { fleet, world }: { readonly fleet: Fleet; readonly world: Reader },
): Promise<ReadonlyMap<Address, Obstacle>> {
  const all = (obstacle: Obstacle) => new Map(known.map(({ address }) => [address, obstacle]));
  const { snapshot, lost } = await snapshotOrLost({ socket, asked: known, search: false }, world);
  if (lost) return all(unreachable(lost));
  if (snapshot.state === "silent") return all(unanswered(socket, snapshot.reason));
  if (snapshot.state === "not-installed") return all(unanswered(socket, "tmux is not installed"));
  const { own } = sortPanes(snapshot.panes, fleetMark(fleet));
  const remains = await remainsOf(known, snapshot, { socket, world });
  const obstacles = new Map<Address, Obstacle>();
  for (const one of known) {
    const left = remains.get(one);
    const lives = own.get(one.agent)?.find(({ agentPane }) => agentPane && !agentPane.dead);
    if (lives) obstacles.set(one.address, alive(socket, lives.name));
    else if (left) obstacles.set(one.address, whereabouts(left, socket));
  }
  return obstacles;
}

interface RecordedThere {
  readonly address: Address;
  readonly agent: string;
  readonly record: Recorded;
}

/** What the ledger remembers of an agent's session on that socket. */
function recordedOn(socket: string, { address, agent, elsewhere = [] }: Query<SessionProps>): RecordedThere[] {
  return elsewhere.flatMap((one) => (one.socket === socket ? [{ address, agent, record: one.record }] : []));
}

function unreachable(server: LostServer): Obstacle {
  const { message, hint } = lostServerObstacle(server);
  return {
    why: "elsewhere",
    message: `it may run on another socket: ${server.socket} (${message})`,
    hint: server.other === undefined ? `kill -USR1 ${server.pid} makes it create the socket again` : hint,
  };
}

function whereabouts(left: Remains, socket: string): Obstacle {
  if (left.state === "unreachable") return unreachable(left.server);
  const { process } = left;
  return {
    why: "elsewhere",
    message: `its process (pid ${process.pid}), started on another socket (${socket}), still runs, in no pane`,
    hint: `end it (kill ${process.pid}), then apply again`,
  };
}

function alive(socket: string, name: string): Obstacle {
  return {
    why: "elsewhere",
    message: `it runs on another socket: ${socket}, session ${name}`,
    hint: `go on with that socket (TMUX_SOCKET_OVERRIDE=${socket}), or end it there: tmux -L ${socket} kill-session -t '=${name}'`,
  };
}

function unanswered(socket: string, reason: string): Obstacle {
  return {
    why: "elsewhere",
    message: `it may run on another socket: ${socket} (${reason})`,
    hint: `see what runs there: tmux -L ${socket} list-sessions`,
  };
}
