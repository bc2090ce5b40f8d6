// An agent that leaves keeps its rules as long as it lives: hook and settings are never pruned from under a session.
import { type Address, parseAddress } from "../model/address.ts";
import type { Kind } from "../model/kind.ts";
import type { Step } from "../model/plan.ts";
import type { Draft, PlanInput } from "./choice.ts";
import type { Classified } from "./classify.ts";

/** Takes deletions out of the draft that have to wait for something live; pure but for the draft. */
export function deferPruneWhileLive(draft: Draft, input: PlanInput): void {
  const live = new Set(input.kinds.filter((kind) => kind.live).map((kind) => kind.name));
  // An agent that stays and merely has one output less lives on by right: nothing would ever end that wait.
  const staying = new Set(input.fleet.agents.map((agent) => agent.name));
  const waiting = draft.steps.filter(
    ({ action }) => action.action === "delete" && !live.has(action.kind) && !staying.has(action.agent),
  );
  if (waiting.length === 0) return;
  const lives = livesOf(draft, input, live);
  const kept = waiting.filter((step) => waitsFor(step, lives.get(step.action.agent), draft, input));
  const steps = draft.steps.filter((step) => !kept.includes(step));
  draft.steps.splice(0, draft.steps.length, ...steps);
}

/** What of an agent lives on after this plan, as far as that is known. */
type Life = { readonly seen: Classified } | { readonly unseen: Address };

function livesOf(draft: Draft, input: PlanInput, live: ReadonlySet<Kind["name"]>): ReadonlyMap<string, Life> {
  const ends = new Set(
    draft.steps.filter(({ action }) => action.action === "delete").map(({ action }) => action.address),
  );
  const lives = new Map<string, Life>();
  const observed = new Set<Address>();
  for (const one of input.judged) {
    if (!live.has(one.kind)) continue;
    observed.add(one.address);
    const isAlive = one.have?.live !== undefined || one.have?.unknown !== undefined;
    if (isAlive && !ends.has(one.address)) lives.set(one.agent, { seen: one });
  }
  for (const address of input.records.addresses()) {
    const { kind = "", agent = "-" } = parseAddress(address) ?? {};
    if (live.has(kind) && !observed.has(address) && !lives.has(agent)) lives.set(agent, { unseen: address });
  }
  return lives;
}

/** Puts a deletion off, or blocks it, for the sake of what lives; false when nothing does. */
function waitsFor({ action }: Step, life: Life | undefined, draft: Draft, input: PlanInput): boolean {
  if (life === undefined || ("unseen" in life && input.allowed.force)) return false;
  const { address, verdict, impact } = action;
  if ("unseen" in life) {
    const reason = `${life.unseen} is recorded and was not looked at: it may live, and these are its rules`;
    const hint = "apply --prune without --files-only ends it first; or --force";
    draft.blocked.push({ resource: address, address, verdict, reason, hint });
    return true;
  }
  const { seen } = life;
  const limit = draft.blocked.find((one) => one.resource === seen.address);
  if (limit) {
    draft.blocked.push({ ...limit, resource: address, address, verdict, reason: `${seen.address}: ${limit.reason}` });
    return true;
  }
  const pause = draft.deferred.find((one) => one.address === seen.address);
  const why = pause?.reason ?? seen.have?.unknown ?? "it lives on";
  draft.deferred.push({
    address,
    reason: `${seen.address} goes first: ${why}`,
    impact,
    since: pause?.since ?? input.now,
  });
  return true;
}
