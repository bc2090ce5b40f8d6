// Verifying: what differs from a spec that is compiled anew, and whether what is in sync also does its work.
import { type Planned, plan } from "../reconcile.ts";
import { proving } from "./probe-world.ts";
import type { Project } from "./project.ts";
import { NOTHING_ALLOWED, requestedScope, type ScopeFlags } from "./request.ts";

/** The plan of a look: nothing is allowed to be done by it. */
export function verify(project: Project, agents: readonly string[], flags: ScopeFlags): Promise<Planned> {
  const scope = requestedScope(project, agents, flags);
  const { fleet, kinds, reader } = project;
  return plan({ fleet, kinds, scope, allowed: NOTHING_ALLOWED, records: project.records(), wholeBasis: false }, reader);
}

/** Something that is as desired and does not do what it is for. */
export interface ProbeFailure {
  readonly address: string;
  readonly message: string;
}

/** Proves by behaviour everything in sync whose kind can be proven. */
export async function probe(project: Project, { judged }: Pick<Planned, "judged">): Promise<ProbeFailure[]> {
  const failures: ProbeFailure[] = [];
  const world = proving(project);
  for (const kind of project.kinds) {
    const { provable } = kind.capabilities;
    if (!provable) continue;
    const wants = judged.flatMap((one) =>
      one.kind === kind.name && one.want && one.verdict === "in-sync" ? [one.want] : [],
    );
    await provable.prove(wants, project.fleet, world, (settled) => {
      if (settled.result === "failed") failures.push({ address: settled.address, message: settled.error.message });
    });
  }
  return failures;
}
