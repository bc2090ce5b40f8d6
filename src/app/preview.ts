// Planning without writing: what `plan` previews, as a document that may be saved.
import { type Planned, plan } from "../reconcile.ts";
import type { Project } from "./project.ts";
import { type AllowanceFlags, allowanceOf, requestedScope, type ScopeFlags } from "./request.ts";

interface PreviewFlags extends ScopeFlags, AllowanceFlags {
  /** The plan is to be saved: all of what it was made from goes into its basis. */
  readonly wholeBasis: boolean;
}

/** What apply would do with the same flags. */
export function preview(project: Project, agents: readonly string[], flags: PreviewFlags): Promise<Planned> {
  const scope = requestedScope(project, agents, flags);
  const { fleet, kinds, reader } = project;
  const allowed = allowanceOf(flags);
  const { wholeBasis } = flags;
  const kept = project.compiled.desired;
  return plan({ fleet, kinds, scope, allowed, records: project.records(), wholeBasis, kept }, reader);
}
