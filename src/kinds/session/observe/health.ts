// The health axis of a session: how its process fares, whatever the spec says. Pure.
import type { Health, HealthReport } from "../../../model/capabilities.ts";
import { defined } from "../../../model/defined.ts";
import type { Desired, Observed, Recorded } from "../../../model/resource.ts";
import { type Component, type OwnSession, readFacts, type SessionProps, type SessionSeen } from "../types.ts";
import { earlyExits, isCrashLoop } from "./crash-loop.ts";
import { isOlder } from "./staleness.ts";

/** Health, notes and the session object of `status`. */
export function health(
  _want: Desired<SessionProps> | undefined,
  have: Observed<SessionSeen> | undefined,
  record: Recorded | undefined,
): HealthReport {
  if (!have) return { health: "absent", notes: [], session: null };
  if (have.unknown !== undefined) return { health: "unknown", notes: [have.unknown], session: null };
  const { seen } = have;
  switch (seen.state) {
    case "absent":
      return { health: "absent", notes: absenceNotes(seen, have.obstacle?.message), session: null };
    case "unknown":
      return { health: "unknown", notes: [], session: null };
    case "taken":
      return { health: "unknown", notes: ["unmarked"], session: null };
    case "ours":
      return { health: healthOf(seen, record), notes: notesOf(seen), session: sessionObject(seen) };
  }
}

function absenceNotes({ outlived }: SessionSeen & { state: "absent" }, obstacle: string | undefined): string[] {
  const runs = outlived ? [`its process (pid ${outlived.pid}) still runs, in no pane`] : [];
  return obstacle === undefined ? runs : [...runs, obstacle];
}

function healthOf(seen: OwnSession, record: Recorded | undefined): Health {
  if (seen.exit) {
    if (isCrashLoop(earlyExits(readFacts(record?.facts), seen, seen.at))) return "crash-loop";
    return seen.exit.signal === undefined ? "exited" : "crashed";
  }
  if (seen.defect === "no-pane") return "absent";
  const status = seen.status ?? "unknown";
  switch (status) {
    case "busy":
    case "idle":
    case "waiting":
    case "starting":
      return status;
    case "stuck-in-dialog":
      return "waiting";
    case "unknown":
      return "running";
  }
}

/** What a note calls the parts of the loaded state: by the file where it is one. */
const LOADED_WORDS: Readonly<Record<Component, string>> = {
  command: "command",
  env: "variables",
  size: "size",
  memory: "CLAUDE.md",
  settings: "settings",
};

function staleNote({ changed, respawned }: OwnSession): string {
  const what = [...changed.map((one) => LOADED_WORDS[one]), ...(respawned ? ["restarted by hand"] : [])].join(", ");
  return what === "" ? "stale" : `stale: ${what}`;
}

function notesOf(seen: OwnSession): string[] {
  const notes: string[] = [];
  if (seen.status === "stuck-in-dialog") notes.push("stuck-in-dialog");
  if (seen.mark.program === "fallback") notes.push("fallback");
  if (seen.exit) return notes;
  if (seen.changed.length > 0 || seen.defect === "stale") notes.push(staleNote(seen));
  else if (isOlder(seen.mark)) notes.push("started before 0.2");
  return notes;
}

function sessionObject(seen: OwnSession): HealthReport["session"] {
  const { name, id, pid, mark, created, clients, exit } = seen;
  return defined({
    name,
    id,
    pid: pid ?? null,
    since: new Date(mark.startedAt || created * 1000).toISOString(),
    attached: clients > 0,
    exitCode: exit?.code,
    signal: exit?.signal,
    waitingFor: seen.waitingFor ?? (seen.status === "stuck-in-dialog" ? "a start-up dialog" : undefined),
  });
}
