// Whether a session was started from what is desired: the loaded fingerprint in its mark against the desired one, by the
// algorithm of the version that the mark names.
import type { Desired } from "../../../model/resource.ts";
import { FINGERPRINT_VERSION, fingerprint } from "../fingerprint.ts";
import { componentsOf01 } from "../fingerprint-v1.ts";
import {
  COMPONENTS,
  type Component,
  type Components,
  type Mark,
  type SessionFacts,
  type SessionProps,
} from "../types.ts";
import type { ObserveContext } from "./context.ts";
import type { Process } from "./processes.ts";

export interface Staleness {
  readonly stale: boolean;
  /** What the process was started with others of; empty when the mark does not tell. */
  readonly changed: readonly Component[];
}

/** Compares a mark with what is desired. A mark of a version that is not known here is never equal. */
export function stalenessOf(
  mark: Mark,
  want: Desired<SessionProps>,
  context: Pick<ObserveContext, "agents" | "fleet">,
): Staleness {
  const desired = desiredFor(mark, want, context);
  const changed = COMPONENTS.filter(
    (key) => mark.components[key] !== undefined && mark.components[key] !== desired[key],
  );
  return { stale: mark.fingerprint !== fingerprint(desired), changed };
}

function desiredFor(
  mark: Mark,
  want: Desired<SessionProps>,
  { agents, fleet }: Pick<ObserveContext, "agents" | "fleet">,
): Components {
  const agent = agents.get(want.agent);
  return isOlder(mark) && agent ? componentsOf01(agent, fleet) : want.props.components;
}

/**
 * True when another process runs under the mark than the one we started and recorded: a person respawned the pane. A
 * start of ours that was never recorded (a killed run) has another time in its mark.
 */
export function wasRespawned(mark: Mark, process: Pick<Process, "pid" | "tick">, recorded: SessionFacts): boolean {
  const { startedAt, pid, tick } = recorded;
  if (startedAt === undefined || startedAt !== mark.startedAt || pid === undefined) return false;
  return pid !== process.pid || (tick !== undefined && tick !== process.tick);
}

/** True for the marks of 0.1. */
export function isOlder({ version }: Mark): boolean {
  return version < FINGERPRINT_VERSION;
}
