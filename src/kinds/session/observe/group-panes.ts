// Rows of a snapshot become sessions: ours by their mark, strangers, and agents' panes that were moved away.
import { isAgentPane, readMark } from "../tmux/mark.ts";
import type { PaneRow } from "../tmux/snapshot.ts";
import type { Mark } from "../types.ts";

/** One session with its rows. */
export interface SessionRows {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly rows: readonly PaneRow[];
  /** Clients that see the agent's pane, through this session or one grouped with it. */
  readonly clients: number;
}

export interface MarkedSession extends SessionRows {
  readonly mark: Mark;
  readonly agentPane?: PaneRow;
  /** The name the mark still has, when the agent was renamed since. `mark.agent` is the present one. */
  readonly formerName?: string;
}

export interface Sorted {
  /** By agent; more than one is a duplicate. */
  readonly own: ReadonlyMap<string, readonly MarkedSession[]>;
  readonly foreign: readonly SessionRows[];
  /** Agents' panes that live in a session without our mark, by agent. */
  readonly moved: ReadonlyMap<string, PaneRow>;
}

/** Sorts a snapshot by marks. The mark is tested first, a name means nothing. */
export function sortPanes(
  panes: readonly PaneRow[],
  fleetId: string,
  former: ReadonlyMap<string, string> = new Map(),
): Sorted {
  const own = new Map<string, MarkedSession[]>();
  const foreign: SessionRows[] = [];
  const kept = new Set<string>();
  for (const session of sessions(panes)) {
    const marked = underPresentName(markedSession(session, panes, fleetId), former);
    if (!marked) {
      foreign.push(session);
      continue;
    }
    if (marked.agentPane) kept.add(marked.agentPane.pane);
    own.set(marked.mark.agent, [...(own.get(marked.mark.agent) ?? []), marked]);
  }
  return { own, foreign, moved: movedPanes(panes, { fleetId, kept }) };
}

function underPresentName(marked: MarkedSession | null, former: ReadonlyMap<string, string>): MarkedSession | null {
  const agent = marked ? former.get(marked.mark.agent) : undefined;
  if (!marked || agent === undefined) return marked;
  return { ...marked, mark: { ...marked.mark, agent }, formerName: marked.mark.agent };
}

function sessions(panes: readonly PaneRow[]): SessionRows[] {
  const rows = new Map<string, PaneRow[]>();
  for (const row of panes) {
    const list = rows.get(row.session);
    if (list) list.push(row);
    else rows.set(row.session, [row]);
  }
  // The oldest first: ids only ever grow.
  const oldest = [...rows.entries()].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
  return oldest.flatMap(([id, list]) => {
    const first = list[0];
    return first ? [{ id, name: first.name, created: first.created, rows: list, clients: first.clients }] : [];
  });
}

function markedSession(session: SessionRows, panes: readonly PaneRow[], fleetId: string): MarkedSession | null {
  const agentPane = session.rows.find((row) => isAgentPane(row, fleetId) && readMark(row, fleetId) !== null);
  const marked = agentPane ?? session.rows.find((row) => readMark(row, fleetId) !== null);
  const mark = marked ? readMark(marked, fleetId) : null;
  if (!mark) return null;
  if (!agentPane) return { ...session, mark };
  // A session grouped with ours shows the same pane under another session id.
  const views = new Map(panes.filter((row) => row.pane === agentPane.pane).map((row) => [row.session, row.clients]));
  const clients = [...views.values()].reduce((sum, count) => sum + count, 0);
  return { ...session, clients, mark, agentPane };
}

function movedPanes(
  panes: readonly PaneRow[],
  { fleetId, kept }: { readonly fleetId: string; readonly kept: ReadonlySet<string> },
): Map<string, PaneRow> {
  const moved = new Map<string, PaneRow>();
  for (const row of panes) {
    if (row.dead || kept.has(row.pane) || !row.paneMark.startsWith(`${fleetId}/`)) continue;
    moved.set(row.paneMark.slice(fleetId.length + 1), row);
  }
  return moved;
}
