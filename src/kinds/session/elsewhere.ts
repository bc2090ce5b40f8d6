// Sessions of this fleet on other sockets, where the ledger remembers some: one agent must not run twice.
import type { Address } from "../../model/address.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Query } from "../../model/kind.ts";
import type { Trouble } from "../../model/resource.ts";
import type { Reader } from "../../model/world.ts";
import { fleetMark } from "./names.ts";
import { takeSnapshot } from "./snapshot.ts";
import { sortPanes } from "./sort.ts";
import type { SessionProps } from "./view.ts";

/** A trouble for each address whose session lives on another socket; looks only where the ledger says something is. */
export async function findElsewhere(
  queries: readonly Query<SessionProps>[],
  fleet: Fleet,
  world: Reader,
): Promise<ReadonlyMap<Address, Trouble>> {
  const troubles = new Map<Address, Trouble>();
  const asked = queries.filter(({ elsewhere = [] }) => elsewhere.length > 0);
  const sockets = new Set(asked.flatMap(({ elsewhere = [] }) => elsewhere.map(({ socket }) => socket)));
  sockets.delete(fleet.machine.socket);
  for (const socket of sockets) {
    const snapshot = await takeSnapshot(world, socket);
    const here = asked.filter(({ elsewhere = [] }) => elsewhere.some((one) => one.socket === socket));
    if (snapshot.state !== "panes") {
      const reason = snapshot.state === "silent" ? snapshot.reason : "tmux is not installed";
      for (const { address } of here) troubles.set(address, unanswered(socket, reason));
      continue;
    }
    const { ours } = sortPanes(snapshot.panes, fleetMark(fleet));
    for (const { address, agent } of here) {
      const lives = ours.get(agent)?.find(({ agentPane }) => agentPane && !agentPane.dead);
      if (lives) troubles.set(address, alive(socket, lives.name));
    }
  }
  return troubles;
}

function alive(socket: string, name: string): Trouble {
  return {
    why: "elsewhere",
    message: `it runs on another socket: ${socket}, session ${name}`,
    hint: `go on with that socket (TMUX_SOCKET_OVERRIDE=${socket}), or end it there: tmux -L ${socket} kill-session -t '=${name}'`,
  };
}

function unanswered(socket: string, reason: string): Trouble {
  return {
    why: "elsewhere",
    message: `it may run on another socket: ${socket} (${reason})`,
    hint: `see what runs there: tmux -L ${socket} list-sessions`,
  };
}
