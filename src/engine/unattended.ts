// The limit of runs that nobody watches: what gives an agent more rights waits for a person or a commit. Pure.
import type { Fleet } from "../model/fleet.ts";
import type { Delta } from "../model/kind.ts";
import type { Blocked, CommittedSpec } from "../model/plan.ts";
import type { Records } from "../model/resource.ts";
import type { Classified } from "./classify.ts";

type Limit = Omit<Blocked, "address" | "verdict">;

/**
 * The parts to be written that the spec changed since they were recorded. What only goes back to what was recorded gives
 * nobody anything new.
 */
export function changedParts({ want, record }: Classified, write: readonly string[]): readonly string[] {
  return write.filter((path) => record === undefined || record.parts[path] !== want?.parts[path]?.digest);
}

/**
 * Whether enforcement changes by the spec while what lies there is not what was recorded: how much the old one permitted
 * can then not be read from it.
 */
function isBlind({ want, have, record }: Classified, changed: readonly string[]): boolean {
  return changed.some(
    (path) =>
      want?.parts[path]?.enforced === true &&
      !(record !== undefined && have?.exists === true && have.parts[path]?.digest === record.parts[path]),
  );
}

export interface Gain {
  readonly judged: Classified;
  readonly changed: readonly string[];
  readonly widens: Delta["widens"];
  /** Agents of whom anything is recorded. */
  readonly known: ReadonlySet<string>;
}

/** What the agent would gain, as a clause; null: nothing. */
export function gainOf({ judged, changed, widens, known }: Gain): string | null {
  const { agent } = judged;
  if (widens.length > 0) return `it gives ${agent} more rights (${widens.join(", ")})`;
  if (agent === "-" || changed.length === 0) return null;
  if (!known.has(agent)) return `${agent} is new, and nobody has applied it yet`;
  return isBlind(judged, changed)
    ? `it changes what holds ${agent} back, and what it permitted before cannot be read`
    : null;
}

/** Agents of whom anything is recorded. */
export function knownAgents(records: Records): ReadonlySet<string> {
  return new Set([...records.addresses()].map((address) => address.split("/")[1] ?? ""));
}

/** The limit on such a gain in a run that nobody watches. `ask`: it depends on whether the spec is committed. */
export function mayGain(gain: string | null, fleet: Fleet, spec: CommittedSpec | undefined): Limit | "ask" | null {
  if (gain === null) return null;
  const hint = "look at it with `rollcall plan`, then `rollcall apply`";
  const admin = fleet.agents.find((agent) => agent.editsSpec === true);
  if (admin !== undefined)
    return { reason: `${gain}, and ${admin.name} may edit the spec (edits_spec), so a person has to apply it`, hint };
  switch (fleet.policy.unattendedWidening) {
    case "allow":
      return null;
    case "block":
      return { reason: `${gain}, and policy.unattended_widening is block`, hint };
    case "committed":
      if (spec === undefined) return "ask";
      if (spec.committed) return null;
      return { reason: `${gain}, and the spec is not committed: ${spec.reason}`, hint: `commit the spec; or ${hint}` };
  }
}
