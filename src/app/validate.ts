// Validating: the spec is read, checked and rendered, and each kind says what it desires; nothing is looked at.
import { desire } from "../engine/desire.ts";
import { scopeOf } from "../engine/scope.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import { SpecError } from "../model/errors.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import type { Project } from "./project.ts";

export interface Validation {
  readonly kind: "validation";
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly fleet: string;
  /** How many. */
  readonly agents: number;
  readonly resources: number;
  /** Warnings only. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The document about a valid spec. Throws SpecError with everything that is wrong in one that is not. */
export function validationOf({ fleet, kinds }: Project): Validation {
  const scope = scopeOf({ agents: [], filesOnly: false, portable: false });
  const { diagnostics, resources } = desire(fleet, kinds, scope);
  const all = [...fleet.warnings, ...diagnostics];
  if (all.some(isError)) throw new SpecError(all);
  return {
    kind: "validation",
    formatVersion: FORMAT_VERSION,
    fleet: fleet.name,
    agents: fleet.agents.length,
    resources: resources.size,
    diagnostics: all,
  };
}
