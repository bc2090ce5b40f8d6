// Guards: the limits a plan keeps to, each a pure question with a reason and a way out. What to do instead, plan.ts decides.
import type { Address } from "../model/address.ts";
import type { Fleet, Policy } from "../model/fleet.ts";
import type { Delta } from "../model/kind.ts";
import type { Blocked, Deferred } from "../model/plan.ts";
import type { Desired, Live, Observed, Recorded } from "../model/resource.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Classified } from "./classify.ts";

/** What the person at the command line allowed. */
export interface Allowance {
  readonly prune: boolean;
  /** Conflicting and unowned files may be overwritten; never a session. */
  readonly overwrite: boolean;
  /** Busy, waiting and attached sessions may be ended. */
  readonly force: boolean;
  /** Agents that may be deleted in this run, over and above the budget. */
  readonly allowDelete: number | undefined;
  /** Nobody is there: what failed again and again rests for a while, instead of being tried at once. */
  readonly unattended?: boolean;
}

type Limit = Omit<Blocked, "address" | "verdict">;

/** A thing we may not touch as it lies there. No flag lifts this. */
export function obstacleOf(have: Observed | undefined): Limit | null {
  return have?.obstacle ? { reason: have.obstacle.message, hint: have.obstacle.hint } : null;
}

/** There, or gone while a process of it lives on that a new one would have to end first. */
export function livesOrExists(have: Observed | undefined): boolean {
  return have !== undefined && (have.exists || have.live !== undefined);
}

/** A part that is not ours to change: conflicting or unowned, unless it may be overwritten. */
export function isForeign(verdict: Verdict, address: string, allowed: Allowance): Limit | null {
  if (allowed.overwrite) return null;
  if (verdict === "conflicting") {
    return {
      reason: "it was changed here, and the spec wants something else as well",
      hint: `look at it, then \`rollcall adopt '${address}'\` to accept what is there as the base, or apply --overwrite`,
    };
  }
  if (verdict !== "unowned") return null;
  return {
    reason: "it is there, and Rollcall did not write it",
    hint: `rollcall adopt '${address}' (changes no file), then apply; or apply --overwrite`,
  };
}

export type Disturbance =
  | { readonly go: true }
  | { readonly go: false; readonly reason: string; readonly since?: string }
  | { readonly go: "never" };

/** Whether a disruptive change may be made now to something live. */
export function canDisrupt({
  delta,
  want,
  have,
  allowed,
}: {
  readonly delta: Delta;
  readonly want: Desired | undefined;
  readonly have: Observed | undefined;
  readonly allowed: Allowance;
}): Disturbance {
  const live = have?.live;
  if (!delta.disruptive || !live) return { go: true };
  if (want?.onChange === "never" && !allowed.force) return { go: "never" };
  if (allowed.force) return { go: true };
  const since = live.since === undefined ? {} : { since: live.since };
  if (live.attached) return { go: false, reason: "somebody is attached to it; --force ends it all the same", ...since };
  if (live.activity === "waiting")
    return { go: false, reason: "it waits for an answer in a dialog; --force ends it all the same", ...since };
  if (live.activity === "idle" || want?.onChange === "always") return { go: true };
  return { go: false, reason: `${activityWords(live)}; it is done when it is idle, or with --force`, ...since };
}

function activityWords(live: Live): string {
  return live.activity === "busy" ? "it is busy" : "its activity is unknown, which counts as busy";
}

/** What has been decided of other resources, as far as it keeps one from being put. */
interface Decided {
  readonly blocked: readonly { readonly resource: Address }[];
  readonly deferred: readonly Pick<Deferred, "address">[];
}

/**
 * The needs that something has to wait for: blocked ones, as a whole or in a part. Something live also waits for those
 * whose difference is only reported: it would be ended to be started from the very same file.
 */
export function unmetNeeds(want: Desired | undefined, disturbs: boolean, { blocked, deferred }: Decided): Address[] {
  if (!want?.waits) return [];
  const undone = new Set([
    ...blocked.map((one) => one.resource),
    ...(disturbs ? deferred.map((one) => one.address) : []),
  ]);
  return want.needs.filter((need) => undone.has(need));
}

/** Why something is deferred that a block or a failure elsewhere keeps from being done. */
export function waitingWords(needs: readonly Address[]): string {
  return `waits for ${needs.join(", ")}`;
}

/** Protection is a promise that outlives the registry entry. */
export function isProtected(record: Recorded | undefined): Limit | null {
  if (!record?.protect) return null;
  return { reason: "it is protected", hint: "put the agent back with protect: false, apply, and remove it after that" };
}

/** An orphan that is no longer what we wrote. */
export function changedOrphan(verdict: Verdict, allowed: Allowance): Limit | null {
  if (verdict !== "tampered-orphan" || allowed.overwrite) return null;
  return {
    reason: "it was changed since Rollcall wrote it",
    hint: "save what you need, then apply --prune --overwrite",
  };
}

/** Whether this policy only reports differences of a kind. */
export function onlyReports(kind: string, policy: Policy): boolean {
  return policy.enforce[kind] === "report";
}

export interface PruneBudget {
  readonly agents: number;
  readonly allowed: number;
  readonly exceeded: boolean;
}

/** How many agents may be deleted in one run: the budget, or what --allow-delete says. Counted in agents. */
export function pruneBudget(
  deletions: readonly Classified[],
  recorded: ReadonlySet<string>,
  fleet: Fleet,
  allowed: Allowance,
): PruneBudget {
  const agents = new Set(deletions.map((one) => one.agent).filter((name) => name !== "-")).size;
  const limit = allowed.allowDelete ?? share(fleet.policy, recorded.size);
  return { agents, allowed: limit, exceeded: agents > limit };
}

function share({ pruneBudget: budget }: Policy, agents: number): number {
  if ("count" in budget) return budget.count;
  // One agent may always go: a budget of 25 % of three agents is meant as a brake, not as a ban.
  return budget.percent === 0 ? 0 : Math.max(1, Math.floor((agents * budget.percent) / 100));
}
