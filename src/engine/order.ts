// The order of a plan's steps: waves in which everything may be done side by side. Removals come last and in reverse.
import type { Address } from "../model/address.ts";
import { RollcallError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import type { Step } from "../model/plan.ts";
import type { Desired } from "../model/resource.ts";

/** Steps that do not depend on each other. */
export type Wave = readonly Step[];

/** Puts in the order of their needs, then removals by the rank their kinds give. A cycle is an error that names it. */
export function waves(steps: readonly Step[], kinds: readonly Kind[]): Wave[] {
  const puts = steps.filter((step) => !isRemoval(step));
  const removals = steps.filter(isRemoval);
  return [...byNeed(puts), ...byRank(removals, kinds)];
}

/** What waits for its needs behind everything else: only then is it known what became of them. */
export function needsFirst<T extends { readonly want: Desired | undefined }>(judged: readonly T[]): T[] {
  const waits = (one: T): boolean => one.want?.waits === true;
  return [...judged.filter((one) => !waits(one)), ...judged.filter(waits)];
}

/** True for steps that take something away or only out of the record. */
export function isRemoval(step: Step): boolean {
  return step.action.action === "delete" || step.action.action === "forget";
}

function byNeed(steps: readonly Step[]): Wave[] {
  const planned = new Map(steps.map((step) => [step.action.address, step]));
  const levels = new Map<Address, number>();
  const levelOf = (address: Address, path: readonly Address[]): number => {
    const known = levels.get(address);
    if (known !== undefined) return known;
    if (path.includes(address)) throw cycle([...path.slice(path.indexOf(address)), address]);
    const needs = planned.get(address)?.want?.needs ?? [];
    const below = needs.filter((need) => planned.has(need)).map((need) => levelOf(need, [...path, address]));
    const level = below.length === 0 ? 0 : Math.max(...below) + 1;
    levels.set(address, level);
    return level;
  };
  return grouped(steps, (step) => levelOf(step.action.address, []));
}

function byRank(steps: readonly Step[], kinds: readonly Kind[]): Wave[] {
  const ranks = new Map(kinds.map((kind) => [kind.name, kind]));
  return grouped(steps, (step) => ranks.get(step.action.kind)?.removalRank(step.action.address) ?? 0);
}

function grouped(steps: readonly Step[], level: (step: Step) => number): Wave[] {
  const groups = new Map<number, Step[]>();
  for (const step of steps) {
    const at = level(step);
    const group = groups.get(at);
    if (group) group.push(step);
    else groups.set(at, [step]);
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function cycle(path: readonly Address[]): RollcallError {
  return new RollcallError("E302", `these need each other: ${path.join(" → ")}`, {
    hint: "this is a mistake in a kind, please report it",
  });
}
