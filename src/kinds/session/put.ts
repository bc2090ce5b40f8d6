// Bringing sessions to what they shall be: renamed back, ended, started in one script, and looked at before it is believed.
import { randomUUID } from "node:crypto";
import type { Fleet } from "../../model/fleet.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Writer } from "../../model/world.ts";
import { failure, startAll } from "./apply/start-batch.ts";
import { noteConversation, prepareStart, type SessionJob, startsClient } from "./apply/start-spec.ts";
import { type Doing, type Replacement, terminatePrevious } from "./apply/terminate-previous.ts";
import { listClients } from "./client/agents-json.ts";
import { openElsewhere } from "./client/conversation-in-use.ts";
import { fleetMark, formerNames } from "./names.ts";
import { type ObserveContext, observeContext } from "./observe/context.ts";
import { type MarkedSession, sortPanes } from "./observe/group-panes.ts";
import { observedOwn } from "./observe/observation.ts";
import { checkSocketPath } from "./tmux/command.ts";
import { lostServerObstacle, remainsOf, snapshotOrLost } from "./tmux/lost-server.ts";
import { markCommands } from "./tmux/mark.ts";
import { type Command, line } from "./tmux/script.ts";
import { runScript } from "./tmux/server.ts";
import type { Snapshot } from "./tmux/snapshot.ts";
import type { OwnSession } from "./types.ts";

/**
 * Brings all sessions to their desired state at once. Sessions that meanwhile are as desired are done; what moved
 * since it was planned is blocked; every other job is started and verified. Ends only processes of marked sessions.
 */
export async function put(jobs: readonly SessionJob[], fleet: Fleet, world: Writer, settle: Settle): Promise<void> {
  checkSocketPath(fleet, world);
  world.files.forget();
  const context = observeContext(fleet, world);
  const sessions = await presentSessions(jobs, fleet, world, settle);
  if (!sessions) return;
  const { present } = sessions;
  const kept = await withoutLost(jobs, sessions, { fleet, world, settle });
  const open = kept.filter((job) => !settleAtOnce(job, present, context, settle));
  const onlyNames = open.filter((job) => nowOf(job, present, context)?.defect === "renamed");
  const misnamed = open.filter((job) => isMisnamed(job, currentOf(job, present)));
  await renameBack({ misnamed, onlyNames, present }, { fleet, world, context, settle });
  const starts = open.flatMap((job) => (onlyNames.includes(job) ? [] : replacement(job, { present, context, settle })));
  const ended = await terminatePrevious(starts, { fleet, world, settle });
  const free = await freeConversations(ended, { fleet, world, settle });
  for (const { start } of free) noteConversation(start, world);
  await startAll(free, { fleet, world, context, settle });
}

type Present = ReadonlyMap<string, MarkedSession>;

interface PresentSessions {
  readonly present: Present;
  readonly snapshot: Snapshot & { readonly state: "panes" };
}

/**
 * The marked sessions as they are now, by id. Null, and all jobs settled, when tmux did not answer: also when its server
 * lost its socket since the plan was made, because a second server would shut the first one out for good.
 */
async function presentSessions(
  jobs: readonly SessionJob[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<PresentSessions | null> {
  const asking = { socket: fleet.machine.socket, asked: jobs, search: true };
  const { snapshot, lost } = await snapshotOrLost(asking, world);
  if (lost) {
    const { message, hint } = lostServerObstacle(lost);
    for (const { want } of jobs) settle({ address: want.address, result: "blocked", reason: message, hint });
    return null;
  }
  if (snapshot.state !== "panes") {
    const reason = snapshot.state === "silent" ? snapshot.reason : "tmux is not installed";
    for (const { want } of jobs) settle(failure(want.address, "E711", reason));
    return null;
  }
  const { own } = sortPanes(snapshot.panes, fleetMark(fleet), formerNames(fleet));
  return { snapshot, present: new Map([...own.values()].flat().map((one) => [one.id, one])) };
}

/** Takes out jobs whose process lives on where the plan did not see it: it would be doubled, or ended unasked. */
async function withoutLost(
  jobs: readonly SessionJob[],
  { present, snapshot }: PresentSessions,
  { fleet, world, settle }: Doing,
): Promise<readonly SessionJob[]> {
  const absent = jobs.filter((job) => !currentOf(job, present));
  const remains = await remainsOf(absent, snapshot, { socket: fleet.machine.socket, world });
  return jobs.filter((job) => {
    const left = remains.get(job);
    if (!left) return true;
    const { address } = job.want;
    if (left.state === "unreachable") {
      const { message, hint } = lostServerObstacle(left.server);
      settle({ address, result: "blocked", reason: message, hint });
      return false;
    }
    const { pid } = left.process;
    if (job.have?.seen.state === "absent" && job.have.seen.outlived?.pid === pid) return true;
    const reason = `its session is gone since the plan was made, and its process (pid ${pid}) still runs, in no pane`;
    settle({ address, result: "blocked", reason, hint: "plan again" });
    return false;
  });
}

/** The session of a job as it is now; undefined when it is no longer there or was never ours. */
function currentOf({ want, have }: SessionJob, present: Present): MarkedSession | undefined {
  if (have?.seen.state !== "ours") return undefined;
  const found = present.get(have.seen.id);
  return found?.mark.agent === want.agent ? found : undefined;
}

function nowOf(job: SessionJob, present: Present, context: ObserveContext): OwnSession | undefined {
  const current = currentOf(job, present);
  if (!current) return undefined;
  const { seen } = observedOwn(queryOf(job), current, context);
  return seen.state === "ours" ? seen : undefined;
}

function queryOf({ want, record }: SessionJob) {
  return { address: want.address, agent: want.agent, want, ...(record ? { record } : {}) };
}

/** Settles what needs no start: not ours, already as desired, or no longer what the plan was made for. */
function settleAtOnce(job: SessionJob, present: Present, context: ObserveContext, settle: Settle): boolean {
  const { want, have } = job;
  const { address } = want;
  if (have?.seen.state === "taken") {
    const reason = `a session called ${have.seen.name} is there and does not bear our mark`;
    settle({ address, result: "blocked", reason, hint: `rollcall adopt ${address}, or rename it` });
    return true;
  }
  const now = nowOf(job, present, context);
  if (!now) return false;
  if (now.defect === undefined) {
    settle(done(job));
    return true;
  }
  const before = have?.seen.state === "ours" ? have.seen : undefined;
  if (now.exit || now.pid === before?.pid) return false;
  const reason = "another process runs in it than the plan was made for";
  settle({ address, result: "blocked", reason, hint: "plan again" });
  return true;
}

function done({ want }: SessionJob): Settled {
  return { address: want.address, result: "done", parts: { "": want.parts[""]?.digest ?? "" } };
}

function isMisnamed({ want }: SessionJob, own: MarkedSession | undefined): boolean {
  return own !== undefined && (own.name !== want.props.name || own.formerName !== undefined);
}

interface Misnamed {
  /** Sessions with another name, or with a mark that names the agent as it was called before. */
  readonly misnamed: readonly SessionJob[];
  /** Those of them that need nothing else, and are settled here. */
  readonly onlyNames: readonly SessionJob[];
  readonly present: Present;
}

/** Gives sessions their names back, by id; over a name in between, because two may have changed names. */
async function renameBack(
  { misnamed, onlyNames, present }: Misnamed,
  doing: Doing & { readonly context: ObserveContext },
): Promise<void> {
  const { fleet, world, settle } = doing;
  if (misnamed.length === 0) return;
  const named = misnamed.flatMap(({ have, want }) => (have?.seen.state === "ours" ? [{ id: have.seen.id, want }] : []));
  const aside = named.map(({ id, want }) => line([["rename-session", "-t", id, `${want.props.name}--renaming`]]));
  const back = named.map(({ id, want }) =>
    line([["rename-session", "-t", id, want.props.name], ...newMark(present.get(id), fleet)]),
  );
  await runScript([...aside, ...back], fleet, world);
  if (onlyNames.length === 0) return;
  const after = await presentSessions(onlyNames, fleet, world, settle);
  if (!after) return;
  for (const job of onlyNames) {
    const now = currentOf(job, after.present);
    if (now && !isMisnamed(job, now)) settle(done(job));
    else
      settle(
        failure(job.want.address, "E712", `it could not be renamed to ${job.want.props.name}`, "see who has that name"),
      );
  }
}

/** The mark again with the agent's present name, for a session that was marked under its former one. */
function newMark(own: MarkedSession | undefined, fleet: Fleet): Command[] {
  if (own?.formerName === undefined || !own.agentPane) return [];
  return markCommands(own.mark, { fleetId: fleetMark(fleet), session: own.id, pane: own.agentPane.pane });
}

/** How a job's process will come into the world. */
function replacement(
  job: SessionJob,
  {
    present,
    context,
    settle,
  }: { readonly present: Present; readonly context: ObserveContext; readonly settle: Settle },
): Replacement[] {
  const prepared = prepareStart(job, context, randomUUID);
  if ("settled" in prepared) {
    settle(prepared.settled);
    return [];
  }
  const { start } = prepared;
  const own = currentOf(job, present);
  if (!own) return [{ start, method: { by: "new-session" } }];
  if (!own.agentPane) return [{ start, own, method: { by: "new-window", session: own.id } }];
  const stale = own.mark.envNames.filter((name) => !(name in start.variables));
  return [{ start, own, method: { by: "respawn", session: own.id, pane: own.agentPane.pane, stale } }];
}

/** Takes out starts whose conversation another process has open: two clients on one conversation both write to it. */
async function freeConversations(
  replacements: readonly Replacement[],
  { fleet, world, settle }: Doing,
): Promise<readonly Replacement[]> {
  const known = replacements.filter(
    ({ start }) => startsClient(start) && start.conversation !== undefined && !start.fresh,
  );
  if (known.length === 0) return replacements;
  const clients = await listClients(
    known.map(({ start }) => ({ mark: { agent: start.want.agent } })),
    fleet,
    world,
  );
  const busy = new Map<Replacement, number>();
  for (const one of known) {
    const pid = openElsewhere(one.start.conversation ?? "", clients(one.start.want.agent), world);
    if (pid !== null) busy.set(one, pid);
  }
  for (const [{ start }, pid] of busy) {
    const reason = `its conversation ${start.conversation} is open in process ${pid}`;
    settle({ address: start.want.address, result: "blocked", reason, hint: "end that client, then apply again" });
  }
  return replacements.filter((one) => !busy.has(one));
}
