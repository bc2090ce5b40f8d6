// An agent's session as the original told of it: running or not, attached or not.
import { unseen, unseenError } from "../../app/session/lookup.ts";
import { planForStatus } from "../../app/status.ts";
import { type Opened, openHere } from "../../cli/opened.ts";
import type { Planned } from "../../reconcile.ts";
import { visibleLine } from "../../report/redact.ts";

export interface SessionView {
  readonly agent: string;
  /** No agent of the registry: only its session is there. */
  readonly isOrphan: boolean;
  readonly session: Readonly<Record<string, unknown>> | null;
  readonly health: string;
  readonly state: "Running" | "Not Running" | "Unknown";
  readonly why: string;
}

/** One agent's session. */
export async function viewOf(project: Opened, agent: string): Promise<SessionView | undefined> {
  const [view] = await sessionViews(project, [agent]);
  return view;
}

/** The sessions of these agents, of all when none is named. */
export async function sessionViews(project: Opened, agents: readonly string[]): Promise<SessionView[]> {
  return (await lookFor(project, agents)).views;
}

/** The sessions that are there. Throws E711 when they cannot be seen. */
export async function presentSessions(project: Opened): Promise<SessionView[]> {
  const { views, planned } = await lookFor(project, []);
  const notSeen = unseen(planned.judged);
  if (notSeen) throw unseenError(notSeen);
  return views.filter((one) => one.session !== null);
}

export function attachment({ session }: SessionView): "Attached" | "Detached" {
  return session?.["attached"] === true ? "Attached" : "Detached";
}

async function lookFor(
  project: Opened,
  agents: readonly string[],
): Promise<{ readonly views: SessionView[]; readonly planned: Planned }> {
  // Records and holds may have changed since the project was opened.
  const fresh = project.specErrors ? project : await openHere(project.io, { mayUseCache: false });
  const { status: seen, planned } = await planForStatus(fresh, agents, {});
  const unknown = new Set(planned.judged.flatMap((one) => (unseen([one]) ? [one.agent] : [])));
  const views = seen.agents.map(({ agent, sync, health, session, notes }) => {
    const dead = session === null || health === "exited" || health === "crashed" || health === "crash-loop";
    const state = unknown.has(agent) ? ("Unknown" as const) : dead ? ("Not Running" as const) : ("Running" as const);
    const isOrphan = sync === "orphan";
    const why = [dead && session ? `it ${health}` : "", isOrphan ? "not in the registry" : "", ...notes]
      .filter((one) => one !== "")
      .map(visibleLine)
      .join("; ");
    return { agent, isOrphan, session, health, state, why };
  });
  return { views, planned };
}
