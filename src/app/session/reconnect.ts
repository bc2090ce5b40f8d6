// Planning for a command that writes: what lives and cannot be reached is made reachable first, and looked at again.
import type { Classified } from "../../engine/classify.ts";
import { type Planned, type PlanRequest, plan } from "../../reconcile.ts";
import { note } from "../caller.ts";
import type { Project } from "../project.ts";
import { type Locking, locked } from "../run/transaction.ts";

/**
 * The plan, after a reconnection where one was needed. That is done under the lock, so that no other run starts a
 * server in between; what stays unreachable stays blocked.
 */
export async function planReconnected(project: Project, request: PlanRequest, locking: Locking): Promise<Planned> {
  const planned = await plan(request, project.reader);
  if (!planned.judged.some(isUnreachable)) return planned;
  await locked(project, locking, async ({ world }) => {
    for (const kind of project.kinds) {
      const haves = planned.judged.flatMap((one) =>
        one.kind === kind.name && isUnreachable(one) && one.have ? [one.have] : [],
      );
      const message =
        haves.length > 0 ? await kind.capabilities.reconnectable?.reconnect(haves, project.fleet, world) : null;
      if (message) note(project.caller, message);
    }
  });
  return plan(request, project.reader);
}

/** It lives, and nobody reaches it: see Observed.unknown. */
function isUnreachable({ have }: Pick<Classified, "have">): boolean {
  return have?.unknown !== undefined && have.obstacle !== undefined;
}
