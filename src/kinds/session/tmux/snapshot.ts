// One look at all panes of a socket: the format asked for, and the rows read back.
import type { Reader } from "../../../model/world.ts";
import { OPTIONS } from "../names.ts";
import { askTmux, type TmuxAnswer } from "./command.ts";

/** One pane as tmux tells it. Options resolve pane, window, session, server: only `paneMark` is the pane's own. */
export interface PaneRow {
  readonly session: string;
  readonly pane: string;
  readonly pid: number;
  readonly dead: boolean;
  readonly deadStatus: string;
  readonly deadSignal: string;
  /** Seconds since the epoch, 0 while it lives. */
  readonly deadTime: number;
  readonly created: number;
  readonly clients: number;
  readonly name: string;
  readonly paneMark: string;
  readonly fleet: string;
  readonly agent: string;
  readonly fingerprint: string;
  readonly conversation: string;
  readonly start: string;
}

/**
 * The fields, fixed ones first. The separator is `:`, which tmux allows in no session name; a mark is such fields itself.
 * What a stranger puts into options of our names can only break his own row.
 */
const FIELDS = [
  "session_id",
  "pane_id",
  "pane_pid",
  "pane_dead",
  "pane_dead_status",
  "pane_dead_signal",
  "pane_dead_time",
  "session_created",
  "session_attached",
  "session_name",
  OPTIONS.pane,
  OPTIONS.session,
] as const;

const FORMAT = FIELDS.map((field) => `#{${field}}`).join(":");

/** A row's fixed start; a line that a newline in somebody's option made does not have it. */
const ROW = /^(\$\d+):(%\d+):(\d+):([01]):(\d*):(\w*):(\d*):(\d+):(\d+):([^:]*):(.*)$/;

export type Snapshot =
  /** `answered`: by a server; without one the list is empty. */
  | { readonly state: "panes"; readonly panes: readonly PaneRow[]; readonly answered: boolean }
  | Exclude<TmuxAnswer, { readonly state: "rows" | "no-server" }>;

/** Looks at every pane of a socket in one tmux process. No server is an empty list. */
export async function takeSnapshot(world: Reader, socket: string): Promise<Snapshot> {
  const answer = await askTmux(world, { socket, words: ["list-panes", "-a", "-F", FORMAT] });
  switch (answer.state) {
    case "rows":
      return { state: "panes", panes: parseRows(answer.text), answered: true };
    case "no-server":
      return { state: "panes", panes: [], answered: false };
    case "not-installed":
    case "silent":
      return answer;
  }
}

/** Nobody listens on the socket, or there is no way to it. One that listens and does not answer is another thing. */
export function isUnreachable(snapshot: Snapshot): boolean {
  switch (snapshot.state) {
    case "panes":
      return !snapshot.answered;
    case "silent":
      return !snapshot.late;
    case "not-installed":
      return false;
  }
}

/** Reads rows; lines that are none are left out. */
export function parseRows(text: string): PaneRow[] {
  return text.split("\n").flatMap((row) => {
    const match = ROW.exec(row);
    if (!match) return [];
    const field = (index: number) => match[index] ?? "";
    const [paneMark = "", fleet = "", agent = "", fingerprint = "", conversation = "", start = ""] =
      field(11).split(":");
    return [
      {
        session: field(1),
        pane: field(2),
        pid: Number(field(3)),
        dead: field(4) === "1",
        deadStatus: field(5),
        deadSignal: field(6),
        deadTime: Number(field(7) || "0"),
        created: Number(field(8)),
        clients: Number(field(9)),
        name: field(10),
        paneMark,
        fleet,
        agent,
        fingerprint,
        conversation,
        start,
      },
    ];
  });
}
