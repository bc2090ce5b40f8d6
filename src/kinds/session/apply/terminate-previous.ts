// What ran before and has to end before the next is started: replaced processes, survivors of dead ones, lost ones.
import type { Fleet } from "../../../model/fleet.ts";
import type { Settle, Settled } from "../../../model/settled.ts";
import type { Writer } from "../../../model/world.ts";
import type { MarkedSession } from "../observe/group-panes.ts";
import { orphanProcesses, type Process, processTable } from "../observe/processes.ts";
import { line } from "../tmux/script.ts";
import { runScript } from "../tmux/server.ts";
import type { PaneRow } from "../tmux/snapshot.ts";
import { failure } from "./start-batch.ts";
import type { StartMethod, StartSpec } from "./start-spec.ts";
import { containsSelf, endProcesses, type ProcessId } from "./terminate.ts";

/** A start with the session it replaces, if there is one. */
export interface Replacement {
  readonly start: StartSpec;
  readonly method: StartMethod;
  readonly own?: MarkedSession;
}

export interface Doing {
  readonly fleet: Fleet;
  readonly world: Writer;
  readonly settle: Settle;
}

/** Ends what has to end; the replacements for which that worked. One that would end this very command is blocked. */
export async function terminatePrevious(
  replacements: readonly Replacement[],
  { fleet, world, settle }: Doing,
): Promise<readonly Replacement[]> {
  if (!replacements.some(({ own, start }) => own || hasOutlived(start))) return replacements;
  const table = processTable(world.files);
  const kept: Replacement[] = [];
  const roots = new Map<Replacement, readonly ProcessId[]>();
  for (const one of replacements) {
    const found = rootsOf(one, table, world);
    if (found.some(({ pid }) => containsSelf(pid, table, world))) {
      settle(inside(one.start.want.address));
      continue;
    }
    kept.push(one);
    if (found.length > 0) roots.set(one, found);
  }
  if (roots.size === 0) return kept;
  await keepPanes([...roots.keys()], fleet, world);
  const left = await endProcesses([...roots.values()].flat(), world);
  const stuck = new Set(left.map(({ pid }) => pid));
  return kept.filter((one) => {
    if (!(roots.get(one) ?? []).some(({ pid }) => stuck.has(pid))) return true;
    settle(endless(one.start.want.address));
    return false;
  });
}

const hasOutlived = ({ job: { have } }: StartSpec): boolean =>
  have?.seen.state === "absent" && have.seen.outlived !== undefined;

/** The outcome of a command that would end itself. */
export function inside(address: string): Settled {
  const reason = "this command runs inside that session and would end itself";
  return { address, result: "blocked", reason, hint: "run it from outside of the session" };
}

function endless(address: string): Settled {
  return failure(
    address,
    "E710",
    "its process does not end, not even by SIGKILL",
    "see what holds it: ps -o pid,stat,wchan",
  );
}

/** The pane must outlive its process, or ids, labels and what a person put beside it are lost. */
async function keepPanes(replacements: readonly Replacement[], fleet: Fleet, world: Writer): Promise<void> {
  const panes = replacements.flatMap(({ own }) => (own?.agentPane && !own.agentPane.dead ? [own.agentPane.pane] : []));
  if (panes.length === 0) return;
  await runScript(
    panes.map((pane) => line([["set-option", "-p", "-t", pane, "remain-on-exit", "on"]])),
    fleet,
    world,
  );
}

/** The process in the agent's pane, or the one that outlived its pane or server. */
function rootsOf({ own, start }: Replacement, table: readonly Process[], world: Writer): readonly ProcessId[] {
  if (own?.agentPane) return paneProcesses(own.agentPane, table, world);
  const seen = start.job.have?.seen;
  return !own && seen?.state === "absent" && seen.outlived ? [seen.outlived] : [];
}

/** The process of a pane, or what is left of a dead one's. */
export function paneProcesses(row: PaneRow, table: readonly Process[], world: Writer): readonly ProcessId[] {
  if (row.dead) return orphanProcesses(table, row, world.files);
  return table.filter(({ pid }) => pid === row.pid).map(({ pid, tick }) => ({ pid, tick }));
}
