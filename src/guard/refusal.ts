// The sentence an agent gets when it may not write a path: which rule, and whom to ask.
import type { ClosedPlace, GuardPolicy } from "./policy.ts";

/** A pattern as text: its wildcard marks become `*`. */
export function readable(pattern: string): string {
  return pattern.replace(/[\u0001-\u0003]/g, "*");
}

const OWN_RULE: Readonly<Record<NonNullable<ClosedPlace["own"]>, (glob: string) => string>> = {
  settings: (glob) => `${glob} is kept by rollcall alone`,
  record: (glob) => `${glob} is kept by rollcall alone`,
  spec: (glob) => `${glob} is closed to every agent`,
};

/** Why the agent may not write there, and whom to ask. */
export function because(policy: GuardPolicy, place: ClosedPlace, shown: string, verb = "write"): string {
  const whose = place.owner === undefined ? "is closed to it" : `belongs to ${place.owner}`;
  const rule = place.own === undefined ? `${place.glob} ${whose}` : OWN_RULE[place.own](place.glob);
  return `${policy.agent} may not ${verb} ${shown}: ${rule}; ask ${place.ask}`;
}
