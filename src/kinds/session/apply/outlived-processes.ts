// Processes that outlived their tmux server or their pane: what they do, so that the guards can say whether they may be ended.
import type { Fleet } from "../../../model/fleet.ts";
import type { Live, Loss, Observed } from "../../../model/resource.ts";
import type { Reader } from "../../../model/world.ts";
import { type ClientEntry, listClients } from "../client/agents-json.ts";
import { type Process, processTable, processTree } from "../observe/processes.ts";
import type { Outlived, SessionSeen } from "../types.ts";

type SessionObserved = Observed<SessionSeen>;

/** Adds what they do. A client says it itself; another command is busy while it has children, its terminal being gone. */
export async function inspectOutlived(
  haves: readonly SessionObserved[],
  fleet: Fleet,
  world: Reader,
): Promise<readonly SessionObserved[]> {
  const outlivedProcesses = haves.flatMap(({ seen }) =>
    seen.state === "absent" && seen.outlived ? [seen.outlived] : [],
  );
  if (outlivedProcesses.length === 0) return haves;
  const table = processTable(world.files);
  const clients = await listClients(
    outlivedProcesses.filter(({ client }) => client).map(({ agent }) => ({ mark: { agent } })),
    fleet,
    world,
  );
  return haves.map((have) => {
    const { seen } = have;
    if (seen.state !== "absent" || !seen.outlived) return have;
    const tree = processTree(table, seen.outlived.pid);
    return { ...have, live: liveFrom(seen.outlived, tree, clients(seen.outlived.agent)) };
  });
}

function liveFrom({ client }: Outlived, tree: readonly Process[], entries: readonly ClientEntry[] | null): Live {
  const activity = client ? clientActivity(tree, entries) : tree.length === 1 ? "idle" : "busy";
  const losses: Loss[] = [];
  if (activity === "busy") losses.push("turn");
  if (activity === "waiting") losses.push("dialog");
  if (tree.length > 1) losses.push("background");
  return { activity, attached: false, loses: losses };
}

function clientActivity(tree: readonly Process[], entries: readonly ClientEntry[] | null): Live["activity"] {
  const pids = new Set(tree.map(({ pid }) => pid));
  return entries?.find(({ pid }) => pids.has(pid))?.status ?? "unknown";
}
