// What differs between the session that shall be and the one that is, in words, and what mending it costs. Pure.
import { type Delta, NO_DELTA } from "../../model/kind.ts";
import type { Impact } from "../../model/plan.ts";
import type { Desired, Observed } from "../../model/resource.ts";
import { isClient } from "./names.ts";
import type { Component, OwnSession, SessionProps, SessionSeen } from "./types.ts";

type Want = Desired<SessionProps>;
type Have = Observed<SessionSeen>;

/** The difference. A dead session's replacement disturbs nobody; a live one's is for the guards to allow. */
export function diff(want: Want | undefined, have: Have | undefined, paths?: readonly string[]): Delta {
  if (paths && !paths.includes("")) return NO_DELTA;
  if (want === undefined) return have?.exists || have?.live ? removal(have) : NO_DELTA;
  if (!have?.exists) return creation(want, have);
  if (have.same) return NO_DELTA;
  const { seen } = have;
  switch (seen.state) {
    case "ours":
      return repairDelta(want, have, seen);
    case "taken":
      return {
        ...NO_DELTA,
        changes: [{ path: "", before: `a session ${seen.name} that is not ours`, after: "our session" }],
        reason: "its name is taken by a session without our mark",
        strategy: "replace",
        disruptive: true,
      };
    case "absent":
    case "unknown":
      return NO_DELTA;
  }
}

function creation(want: Want, have: Have | undefined): Delta {
  const created: Delta = {
    ...NO_DELTA,
    changes: [{ path: "", before: null, after: want.props.command.join(" ") }],
    reason: `there is no session ${want.props.name}`,
  };
  if (have?.seen.state !== "absent" || !have.seen.outlived) return created;
  const { outlived, resumable } = have.seen;
  return {
    ...created,
    reason: `its session is gone, and its process (pid ${outlived.pid}) still runs, in no pane`,
    impact: outlived.client && resumable !== true ? "fresh-context" : "restart-when-idle",
    loses: have.live?.loses ?? [],
    disruptive: true,
  };
}

function removal(have: Have): Delta {
  const { seen } = have;
  const name = seen.state === "ours" || seen.state === "taken" ? seen.name : "";
  const alive = have.live !== undefined;
  return {
    ...NO_DELTA,
    changes: [{ path: "", before: name, after: null }],
    reason: name === "" ? "its process still runs, in no pane" : `the session ${name} is no longer desired`,
    impact: alive ? "fresh-context" : "none",
    loses: have.live?.loses ?? [],
    strategy: "replace",
    disruptive: alive,
  };
}

function repairDelta(want: Want, have: Have, seen: OwnSession): Delta {
  if (seen.defect === "renamed") {
    return {
      ...NO_DELTA,
      changes: [{ path: "", before: seen.name, after: want.props.name }],
      reason: `it was renamed to ${seen.name}`,
    };
  }
  // With its pane gone nothing of the agent runs; what a person put beside it stays.
  const alive = seen.exit === undefined && seen.defect !== "no-pane";
  return {
    ...NO_DELTA,
    changes: [{ path: "", before: stateWords(seen), after: runningWords(want.parts[""]?.digest ?? "") }],
    reason: reasonOf(seen),
    strategy: "replace",
    impact: alive ? impactOf(want, seen) : "none",
    loses: alive ? (have.live?.loses ?? []) : [],
    disruptive: alive,
  };
}

function reasonOf(seen: OwnSession): string {
  const defect = seen.defect ?? "stale";
  switch (defect) {
    case "exited":
      return `its ${endWords(seen)}`;
    case "no-pane":
      return "its pane is gone";
    case "cwd":
      return cwdWords(seen.cwd ?? "");
    case "fallback":
      return "it runs the fallback, and its command is there now";
    case "stale":
    case "renamed":
      return seen.respawned ? "its process was restarted by something else" : staleWords(seen.changed);
  }
}

/** `process exited with code 7`, `process was ended by SIGKILL`. */
export function endWords({ exit }: Pick<OwnSession, "exit">): string {
  if (exit?.signal !== undefined) return `process was ended by ${exit.signal}`;
  return exit?.code === undefined ? "process ended" : `process exited with code ${exit.code}`;
}

function cwdWords(cwd: string): string {
  const deleted = " (deleted)";
  return cwd.endsWith(deleted)
    ? `the folder it runs in was deleted: ${cwd.slice(0, -deleted.length)}`
    : `it does not run in its agent's folder but in ${cwd}`;
}

const COMPONENT_WORDS: Readonly<Record<Component, string>> = {
  command: "the command",
  env: "its variables",
  size: "the size",
  memory: "CLAUDE.md",
  settings: "settings that are read at the start",
};

function staleWords(changed: readonly Component[]): string {
  const what = changed.map((one) => COMPONENT_WORDS[one]).join(", ");
  return what === "" ? "it was started from an older fingerprint" : `started before these changed: ${what}`;
}

function stateWords(seen: OwnSession): string {
  if (seen.exit) return endWords(seen);
  const defect = seen.defect ?? "stale";
  switch (defect) {
    case "no-pane":
      return "no pane";
    case "cwd":
      return `running in ${seen.cwd}`;
    case "fallback":
      return "running the fallback";
    case "exited":
    case "renamed":
    case "stale":
      return runningWords(seen.mark.fingerprint);
  }
}

const runningWords = (fingerprint: string): string => `running, fingerprint ${fingerprint.slice(0, 8)}`;

/** A client whose conversation cannot be taken up again starts afresh; other commands have none to lose. */
function impactOf(want: Want, seen: OwnSession): Impact {
  const loses = seen.client && (seen.resumable !== true || !isClient(want.props.command));
  if (loses) return "fresh-context";
  return want.onChange === "always" ? "restart-now" : "restart-when-idle";
}
