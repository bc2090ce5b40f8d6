// The choices of a plan: for one resource after another, what to do about its verdict within the limits.
import { type Delta, type Kind, NO_DELTA } from "../model/kind.ts";
import type { Action, ActionName, Step } from "../model/plan.ts";
import type { Verdict } from "../model/verdict.ts";
import { isInBackoff, recordToBegin } from "./backoff.ts";
import { type Choice, type Draft, type PlanInput, pointed, reasonOf, worstFree } from "./choice.ts";
import type { Classified, PartVerdict } from "./classify.ts";
import {
  canDisrupt,
  changedOrphan,
  isForeign,
  isProtected,
  livesOrExists,
  obstacleOf,
  onlyReports,
  unmetNeeds,
  waitingWords,
} from "./guard.ts";
import { agentsWithoutLife, impactOf } from "./impact.ts";
import { repairInSync } from "./record.ts";
import { changedParts, gainOf, knownAgents, mayGain } from "./unattended.ts";

/** Decides about one resource at a time and puts the choice into the draft. */
export class Planner {
  private readonly input: PlanInput;
  private readonly draft: Draft;
  private readonly kinds: ReadonlyMap<string, Kind>;
  private readonly protectedAgents: ReadonlySet<string>;
  private readonly idleAgents: ReadonlySet<string>;
  private readonly knownAgents: ReadonlySet<string>;

  constructor(input: PlanInput, draft: Draft) {
    this.input = input;
    this.draft = draft;
    this.kinds = new Map(input.kinds.map((kind) => [kind.name, kind]));
    this.protectedAgents = new Set(input.fleet.agents.filter((agent) => agent.protect).map((agent) => agent.name));
    this.idleAgents = agentsWithoutLife(input.judged, input.kinds);
    this.knownAgents = input.allowed.unattended === true ? knownAgents(input.records) : new Set();
  }

  choose(judged: Classified): void {
    if (judged.have?.unknown !== undefined) this.leaveUnknown(judged, judged.have.unknown);
    else if (judged.want) this.converge(judged);
    else this.dispose(judged);
  }

  /** What cannot be known waits. Where it lives all the same, acting could destroy it: that is blocked. */
  private leaveUnknown(judged: Classified, reason: string): void {
    const obstacle = obstacleOf(judged.have);
    if (obstacle) {
      if (judged.want || this.input.allowed.prune) this.block(judged, judged.verdict, obstacle);
      return;
    }
    this.draft.unknown.push(judged.address);
    if (judged.want)
      this.draft.deferred.push({
        address: judged.address,
        reason: `unknown: ${reason}`,
        impact: "none",
        since: this.input.now,
      });
  }

  private converge(judged: Classified): void {
    if (judged.verdict === "in-sync" && judged.parts.length === 0) {
      const stored = this.input.records.get(judged.address);
      const repair = repairInSync(judged, stored, this.protectedAgents.has(judged.agent));
      if (repair) this.draft.repairs.push(repair);
      return;
    }
    const obstacle = obstacleOf(judged.have);
    if (obstacle) {
      this.block(judged, judged.have?.mark === null ? "unowned" : judged.verdict, obstacle);
      return;
    }
    const { write, drop, verdict } = this.freeParts(judged);
    if (write.length === 0 && drop.length === 0) {
      this.tidyRecord(judged);
      return;
    }
    const delta = this.diff(judged, write, drop);
    if (delta.changes.length === 0 && drop.length === 0) return;
    this.act(judged, { delta, write, drop, verdict });
  }

  /** Parts that may be written and taken out; those that may not are listed as blocked, with their pointer. */
  private freeParts(judged: Classified): { write: string[]; drop: string[]; verdict: Verdict } {
    const write: string[] = [];
    const drop: string[] = [];
    const blocked: PartVerdict[] = [];
    for (const part of judged.parts) {
      const limit = isForeign(part.verdict, judged.address, this.input.allowed);
      if (limit) blocked.push(part);
      else if (part.verdict === "orphan") drop.push(part.path);
      else if (judged.want?.parts[part.path]) write.push(part.path);
    }
    const whole = blocked.length === Object.keys(judged.want?.parts ?? {}).length;
    if (whole) this.refuse(judged, judged.verdict, { paths: blocked.map((part) => part.path), path: "" });
    else for (const { verdict, path } of blocked) this.refuse(judged, verdict, { paths: [path], path });
    const free = judged.parts.filter((part) => !blocked.includes(part));
    return { write, drop, verdict: blocked.length === 0 ? judged.verdict : worstFree(free, judged) };
  }

  /** Blocks what is not ours to change, and keeps what would change, so that a person can judge. */
  private refuse(
    judged: Classified,
    verdict: Verdict,
    { paths, path }: { paths: readonly string[]; path: string },
  ): void {
    const address = pointed(judged, path);
    const limit = isForeign(verdict, address, this.input.allowed);
    if (!limit) return;
    const { reason, changes, patch } = this.diff(judged, paths, []);
    if (changes.length > 0) this.draft.differences.set(address, { changes, ...(patch === undefined ? {} : { patch }) });
    this.block(
      judged,
      verdict,
      { ...limit, reason: reason === "" ? limit.reason : `${limit.reason}; ${reason}` },
      path,
    );
  }

  /** Nothing to write, but the record holds parts nobody desires any more and nobody finds. */
  private tidyRecord(judged: Classified): void {
    const { want, address } = judged;
    const stored = this.input.records.get(address);
    if (!want || !stored) return;
    const parts = Object.fromEntries(Object.entries(stored.parts).filter(([path]) => want.parts[path] !== undefined));
    for (const [path, part] of Object.entries(want.parts)) {
      if (!judged.parts.some((one) => one.path === path)) parts[path] = part.digest;
    }
    this.draft.repairs.push({ address, record: { ...stored, parts, at: want.at, portable: want.portable } });
  }

  private diff(judged: Classified, write: readonly string[], drop: readonly string[]): Delta {
    const have = livesOrExists(judged.have) ? judged.have : undefined;
    return this.kind(judged).diff(judged.want, have, { fleet: this.input.fleet, paths: write, drop });
  }

  /** The difference with what it permits counted only where the spec changed. */
  private counted(judged: Classified, choice: Choice): Choice {
    const { delta, write, drop } = choice;
    if (delta.widens.length === 0) return choice;
    const changed = changedParts(judged, write);
    if (changed.length === write.length) return choice;
    const { widens } = changed.length + drop.length === 0 ? NO_DELTA : this.diff(judged, changed, drop);
    return { ...choice, delta: { ...delta, widens } };
  }

  /** Blocks what gives an agent more rights in a run that nobody watches; true when it did. */
  private heldBack(judged: Classified, { delta, write, verdict }: Choice): boolean {
    const { fleet, allowed, spec } = this.input;
    if (allowed.unattended !== true) return false;
    const changed = changedParts(judged, write);
    const gain = gainOf({ judged, changed, widens: delta.widens, known: this.knownAgents });
    const limit = mayGain(gain, fleet, spec);
    if (limit === null) return false;
    if (limit === "ask") {
      this.draft.gains.add(judged.address);
      return false;
    }
    const { changes, patch } = delta;
    this.draft.differences.set(judged.address, { changes, ...(patch === undefined ? {} : { patch }) });
    this.block(judged, verdict, limit);
    return true;
  }

  private act(judged: Classified, given: Choice): void {
    const choice = this.counted(judged, given);
    const { delta, write, drop, verdict } = choice;
    const { want, have } = judged;
    if (delta.disruptive && have?.live) this.draft.disturbs.add(judged.address);
    const reason = reasonOf(have, choice);
    const impact = this.idleAgents.has(judged.agent) ? "none" : impactOf(delta, verdict);
    if (onlyReports(judged.kind, this.input.fleet.policy)) {
      const why = `${reason}; policy.enforce.${judged.kind} is report`;
      this.draft.deferred.push({ address: judged.address, reason: why, impact, since: this.input.now });
      return;
    }
    if (this.heldBack(judged, choice)) return;
    if (delta.blockedUnlessForced && !this.input.allowed.force) {
      this.block(judged, verdict, delta.blockedUnlessForced);
      return;
    }
    const kind = this.kind(judged);
    const disturbance =
      isInBackoff(kind, judged, this.input) ?? canDisrupt({ delta, want, have, allowed: this.input.allowed });
    if (disturbance.go === "never") return;
    const needs = unmetNeeds(want, delta.disruptive && have?.live !== undefined, this.draft);
    if (needs.length > 0) {
      this.draft.deferred.push({ address: judged.address, reason: waitingWords(needs), impact, since: this.input.now });
      return;
    }
    if (!disturbance.go) {
      const since = disturbance.since ?? this.input.now;
      this.draft.deferred.push({ address: judged.address, reason: `${reason}; ${disturbance.reason}`, impact, since });
      return;
    }
    const action: ActionName = have?.exists ? delta.strategy : "create";
    const record = recordToBegin(kind, judged, this.input);
    this.step(judged, {
      action: this.action(judged, { action, verdict, reason, impact, delta }),
      write,
      drop,
      ...(record ? { record } : {}),
      ...(delta.widens.length > 0 ? { widens: delta.widens } : {}),
    });
  }

  /** What is recorded or marked as ours and no longer desired. */
  private dispose(judged: Classified): void {
    const { verdict, have, record } = judged;
    if (verdict === "foreign") return;
    if (verdict === "gone") {
      const action = this.action(judged, {
        action: "forget",
        verdict,
        reason: "no longer desired, and gone",
        impact: "none",
        delta: undefined,
      });
      this.step(judged, { action, write: [], drop: [], ...(record ? { record } : {}) });
      return;
    }
    this.draft.orphans.push(judged.address);
    if (!this.input.allowed.prune) return;
    const limit =
      obstacleOf(have) ??
      isProtected(this.input.records.get(judged.address)) ??
      changedOrphan(verdict, this.input.allowed);
    if (limit) {
      this.block(judged, verdict, limit);
      return;
    }
    const delta = this.kind(judged).diff(undefined, have, { fleet: this.input.fleet });
    if (delta.disruptive && have?.live) this.draft.disturbs.add(judged.address);
    const disturbance = canDisrupt({ delta, want: undefined, have, allowed: this.input.allowed });
    if (disturbance.go !== true) {
      const reason = disturbance.go === false ? disturbance.reason : "it is never disturbed";
      this.draft.deferred.push({ address: judged.address, reason, impact: delta.impact, since: this.input.now });
      return;
    }
    const action = this.action(judged, {
      action: "delete",
      verdict,
      reason: delta.reason,
      impact: delta.impact,
      delta,
    });
    this.step(judged, { action, write: [], drop: [], ...(record ? { record } : {}) });
  }

  private action(
    judged: Classified,
    choice: {
      action: ActionName;
      verdict: Verdict;
      reason: string;
      impact: Action["impact"];
      delta: Delta | undefined;
    },
  ): Action {
    const { action, verdict, reason, impact, delta } = choice;
    return {
      address: judged.address,
      kind: judged.kind,
      agent: judged.agent,
      action,
      verdict,
      reason,
      impact,
      loses: delta?.loses ?? [],
      ...(delta && delta.widens.length > 0 ? { widens: true as const } : {}),
      changes: delta?.changes ?? [],
      ...(delta?.patch === undefined ? {} : { patch: delta.patch }),
    };
  }

  private step(judged: Classified, step: Omit<Step, "want" | "have">): void {
    const { want, have } = judged;
    this.draft.steps.push({ ...step, ...(want ? { want } : {}), ...(have ? { have } : {}) });
  }

  private block(
    judged: Classified,
    verdict: Verdict,
    limit: { reason: string; hint: string } | null,
    path?: string,
  ): void {
    if (!limit) return;
    const address = path === undefined ? judged.address : pointed(judged, path);
    this.draft.blocked.push({ resource: judged.address, address, verdict, ...limit });
  }

  private kind(judged: Classified): Kind {
    const kind = this.kinds.get(judged.kind);
    if (!kind) throw new Error(`no kind ${judged.kind}`);
    return kind;
  }
}
