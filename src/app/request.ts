// Options and arguments become a request to the loop: the scope, checked against the fleet, and what is allowed.
import type { Allowance } from "../engine/guard.ts";
import { type Scope, scopeOf } from "../engine/scope.ts";
import { UsageError } from "../model/errors.ts";
import { didYouMean } from "../model/nearest.ts";
import type { Project } from "./project.ts";

export interface ScopeFlags {
  readonly filesOnly?: boolean;
  readonly portable?: boolean;
  readonly only?: string;
}

export interface AllowanceFlags {
  readonly prune?: boolean;
  readonly overwrite?: boolean;
  readonly force?: boolean;
  readonly allowDelete?: number;
  readonly unattended?: boolean;
}

/** The scope of a command; unknown agents and kinds are usage errors. Agents that are only recorded count as known. */
export function requestedScope(project: Project, agents: readonly string[], flags: ScopeFlags): Scope {
  const known = project.agentNames();
  for (const name of agents)
    if (!known.has(name))
      throw new UsageError(`unknown agent "${name}"`, didYouMean(name, known) ?? "rollcall status lists them");
  const kinds = project.kinds.map((kind) => kind.name);
  if (flags.only !== undefined && !kinds.includes(flags.only)) {
    throw new UsageError(`unknown kind "${flags.only}"`, didYouMean(flags.only, kinds) ?? `one of ${kinds.join(", ")}`);
  }
  return scopeOf({ agents, only: flags.only, filesOnly: flags.filesOnly ?? false, portable: flags.portable ?? false });
}

export function allowanceOf(flags: AllowanceFlags): Allowance {
  return {
    prune: flags.prune ?? false,
    overwrite: flags.overwrite ?? false,
    force: flags.force ?? false,
    allowDelete: flags.allowDelete,
    unattended: flags.unattended ?? false,
  };
}

/** Nothing but looking. */
export const NOTHING_ALLOWED: Allowance = allowanceOf({});
