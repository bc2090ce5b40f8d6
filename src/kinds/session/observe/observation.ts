// One session as an Observed: what is wrong with it, first things first, and what the ledger may remember of it.
import { digestBytes } from "../../../delta/digest.ts";
import { defined } from "../../../model/defined.ts";
import type { Query } from "../../../model/kind.ts";
import type { Live, Loss, Observed, Obstacle, Parts } from "../../../model/resource.ts";
import type { ProcessId } from "../apply/terminate.ts";
import { hasTranscript } from "../client/conversation.ts";
import { chooseLaunch } from "../launch.ts";
import { isClient } from "../names.ts";
import { type LostServer, lostServerObstacle } from "../tmux/lost-server.ts";
import { type Defect, type OwnSession, readFacts, type SessionProps, type SessionSeen, writeFacts } from "../types.ts";
import { launchContext, type ObserveContext } from "./context.ts";
import { defectDigest, exitOf, exitWords, findDefect, wrongCwd } from "./defect.ts";
import type { MarkedSession, SessionRows } from "./group-panes.ts";
import { readProcess } from "./processes.ts";
import { isOlder, stalenessOf, wasRespawned } from "./staleness.ts";

type SessionQuery = Query<SessionProps>;
type SessionObserved = Observed<SessionSeen>;

const ABSENT = digestBytes("absent");

export function observedUnknown({ address }: SessionQuery, reason: string): SessionObserved {
  const seen = { state: "unknown" } as const;
  return { address, seen, exists: false, same: false, parts: {}, digest: digestBytes("unknown"), unknown: reason };
}

/** A session in a server that runs and cannot be asked: it lives, so nothing may be done about it. */
export function observedUnreachable(query: SessionQuery, server: LostServer): SessionObserved {
  const { pid, tick, other } = server;
  const obstacle = lostServerObstacle(server);
  const one = observedUnknown(query, obstacle.message);
  // Where another server answers, the signal would take the socket from it.
  return other === undefined
    ? { ...one, obstacle, seen: { state: "unknown", server: { pid, tick } } }
    : { ...one, obstacle };
}

/** No session, but its process runs on: to end it disturbs it, so it is for the guards to allow. */
export function observedOutlived(
  query: SessionQuery,
  { pid, tick }: ProcessId,
  context: ObserveContext,
): SessionObserved {
  const one = observedAbsent(query, context);
  if (!query.want || one.seen.state !== "absent") return one;
  const client = readFacts(query.record?.facts).program === "command" && isClient(query.want.props.command);
  const outlived = { pid, tick, agent: query.agent, client };
  return { ...one, seen: { ...one.seen, outlived }, live: { activity: "unknown", attached: false, loses: [] } };
}

/** No session; with a trouble when there is nothing it could be started with. */
export function observedAbsent(query: SessionQuery, context: ObserveContext): SessionObserved {
  const { address, want, record } = query;
  const base = { address, exists: false, same: false, parts: {}, digest: ABSENT };
  if (!want) return { ...base, seen: { state: "absent" } };
  const facts = readFacts(record?.facts);
  const obstacle = startObstacle(query, facts.program === "command", context);
  const launch = chooseLaunch(want.props, launchContext(query.agent, context));
  const resumable =
    launch && isClient(launch.words) && facts.conversation !== undefined
      ? hasTranscript({
          conversation: facts.conversation,
          agent: context.agents.get(query.agent),
          props: want.props,
          world: context.world,
        })
      : undefined;
  const seen = defined({
    state: "absent" as const,
    startsFallback: launch?.program === "fallback" ? (true as const) : undefined,
    resumable,
  });
  return { ...base, seen, ...(obstacle ? { obstacle } : {}) };
}

/** The name is taken by a session without our mark: never touched, whatever the ledger says. */
export function observedTaken(
  { address }: SessionQuery,
  foreign: SessionRows,
  { fleet }: ObserveContext,
): SessionObserved {
  const panes = foreign.rows.map(({ pane }) => pane);
  return {
    address,
    seen: { state: "taken", id: foreign.id, name: foreign.name, panes },
    exists: true,
    same: false,
    parts: {},
    digest: digestBytes(`taken ${foreign.id} ${panes.join(" ")}`),
    mark: null,
    obstacle: {
      why: "unmarked",
      message: `a session called ${foreign.name} is there and does not bear our mark`,
      hint: `if it is the agent's: rollcall adopt ${address}; else rename or end it (tmux -L ${fleet.machine.socket})`,
    },
  };
}

/** A session that bears our mark. */
export function observedOwn(query: SessionQuery, own: MarkedSession, context: ObserveContext): SessionObserved {
  const { want, address } = query;
  const seen = seeOwn(query, own, context);
  const obstacle =
    want && needsStart(seen.defect) ? startObstacle(query, own.mark.program === "command", context) : null;
  const live = liveOf(seen);
  return {
    address,
    seen,
    exists: true,
    same: want !== undefined && seen.defect === undefined,
    parts: partsOf(query, seen),
    digest: identity(seen),
    mark: { "": own.mark.fingerprint },
    facts: writeFacts(factsOf(seen)),
    ...(obstacle ? { obstacle } : {}),
    ...(live ? { live } : {}),
  };
}

function seeOwn({ want, agent, record }: SessionQuery, own: MarkedSession, context: ObserveContext): OwnSession {
  const { mark, agentPane: pane } = own;
  const process = pane && !pane.dead ? readProcess(context.world.files, pane.pid) : null;
  const exit = pane?.dead ? exitOf(pane) : undefined;
  const cwd = want && process ? wrongCwd(want.props.folder, { pid: process.pid, mark }, context) : undefined;
  const { stale, changed } = want ? stalenessOf(mark, want, context) : { stale: false, changed: [] };
  const respawned = process !== null && wasRespawned(mark, process, readFacts(record?.facts));
  const defect = want ? findDefect({ want, own, exit, cwd, stale: stale || respawned, agent }, context) : undefined;
  const words = mark.program === "fallback" ? want?.props.fallback : want?.props.command;
  const client = mark.conversation !== undefined || isClient(words ?? []);
  const conversation = mark.conversation;
  return defined({
    state: "ours" as const,
    id: own.id,
    name: own.name,
    pane: pane?.pane,
    pid: pane?.pid,
    tick: process?.tick,
    mark,
    clients: own.clients,
    created: own.created,
    otherPanes: own.rows.length - (pane ? 1 : 0),
    exit,
    defect,
    cwd,
    changed,
    respawned: respawned ? (true as const) : undefined,
    client: client && mark.program === "command",
    resumable:
      defect && want && conversation !== undefined
        ? hasTranscript({ conversation, agent: context.agents.get(agent), props: want.props, world: context.world })
        : undefined,
    at: context.world.now(),
  });
}

function needsStart(defect: Defect | undefined): boolean {
  return defect !== undefined && defect !== "renamed";
}

/** Why nothing could be started: the command is gone that was there before, or there is neither command nor fallback. */
function startObstacle({ want, agent }: SessionQuery, wasThere: boolean, observing: ObserveContext): Obstacle | null {
  if (!want || want.optional) return null;
  const context = launchContext(agent, observing);
  const launch = chooseLaunch(want.props, context);
  if (launch?.program === "command" || (launch && !wasThere)) return null;
  const program = want.props.command[0] ?? "";
  const before = wasThere ? "; it was there when the session was started" : ", nor is its fallback";
  return {
    why: "no-command",
    message: `${program} is not found${before}; PATH searched: ${context.path}`,
    hint: `install ${program}, or set session.path or session.command in rollcall.config.yaml`,
  };
}

function partsOf({ want, record }: SessionQuery, seen: OwnSession): Parts {
  // Not desired: our mark alone says that it is what we made.
  if (!want) return { "": { digest: record?.parts[""] ?? seen.mark.fingerprint } };
  const desired = want.parts[""]?.digest;
  if (seen.defect === undefined && desired !== undefined) return { "": { digest: desired } };
  return { "": { digest: seen.defect === "stale" ? loadedDigest(seen, { desired, record }) : defectDigest(seen) } };
}

/** A mark of 0.1 cannot be compared with a record that was upgraded since: it counts as what is recorded. */
function loadedDigest(
  { mark, respawned, pid }: OwnSession,
  { desired, record }: { readonly desired: string | undefined; readonly record: SessionQuery["record"] },
): string {
  if (respawned) return `respawned:${pid}`;
  const recorded = record?.parts[""];
  return isOlder(mark) && recorded !== undefined && recorded !== desired ? recorded : mark.fingerprint;
}

/** What a saved plan rests on: another process, name or end is another session. */
function identity(seen: OwnSession): string {
  const { id, name, pane = "", pid = 0, tick = "", mark, defect = "", exit } = seen;
  return digestBytes([id, name, pane, pid, tick, mark.fingerprint, defect, exit ? exitWords(exit) : ""].join(" "));
}

/** Only a running process is live; until it is inspected nobody knows what it does. */
function liveOf(seen: OwnSession): Live | undefined {
  if (seen.pane === undefined || seen.exit) return undefined;
  const attached = seen.clients > 0;
  return { activity: "unknown", attached, loses: lossesOf(seen, attached) };
}

/** What is lost with the session whatever its process does. */
export function lossesOf(seen: OwnSession, attached: boolean): Loss[] {
  return [...(attached ? (["attached"] as const) : []), ...(seen.otherPanes > 0 ? (["background"] as const) : [])];
}

function factsOf({ mark, id, pane, pid, tick }: OwnSession) {
  const { conversation, program, exits } = mark;
  const startedAt = mark.startedAt === 0 ? undefined : mark.startedAt;
  return defined({ conversation, id, pane, pid, tick, startedAt, program, exits });
}
