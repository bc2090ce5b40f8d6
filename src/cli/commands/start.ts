// `rollcall start` and `stop`: one agent's session by hand. Stop holds the agent, start ends the hold.

import { planRequest } from "../../app/run/converge.ts";
import { locked } from "../../app/run/transaction.ts";
import {
  agentPlanRequest,
  knownAgent,
  liveOf,
  outOfSyncFiles,
  unseen,
  unseenError,
  wantingRunning,
} from "../../app/session/lookup.ts";
import { agentOrOrphan } from "../../app/session/orphans.ts";
import { planReconnected } from "../../app/session/reconnect.ts";
import { stopAgents } from "../../app/session/stop.ts";
import { parseAddress } from "../../model/address.ts";
import type { Failure } from "../../model/outcome.ts";
import { plan } from "../../reconcile.ts";
import { visibleLine } from "../../report/redact.ts";
import { failureText } from "../../report/text.ts";
import type { CommandContext } from "../command-context.ts";
import { convergeHere } from "../converge.ts";
import { despiteSpec } from "../despite-spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type Opened, openHere } from "../opened.ts";

interface StopOptions {
  readonly lockTimeout: number;
  readonly force: boolean;
  readonly reason?: string;
}

interface StartOptions extends Pick<StopOptions, "lockTimeout" | "force"> {
  readonly wait?: boolean;
}

/** What became of a start. */
export interface Started {
  /** The differences that forbid it, one line each. */
  readonly drift: readonly string[];
  /** Why the session is not up, when its start was tried and failed, and the exit code that says so. */
  readonly failed?: { readonly failure: Failure; readonly code: ExitCode };
}

/** Starts the session also where `start` is on-demand or never. Refuses while the agent's files are not in sync. */
export async function startCommand({
  io,
  options,
  args: [name = ""],
}: CommandContext<StartOptions>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: false });
  const agent = knownAgent(project, name);
  const { drift, failed } = await startAgent(project, agent, options);
  if (drift.length > 0) {
    io.complain(refusal(agent, drift));
    return EXIT.blocked;
  }
  if (!failed) return tellSession(project, agent);
  io.complain(`${agent} did not start: ${failureText(failed.failure)}`);
  return failed.code;
}

/** Why an agent is not started, and what puts it right. */
export function refusal(agent: string, drift: readonly string[]): string {
  return [
    `E350 ${agent} has drift, so it is not started:`,
    ...drift.map((line) => `  ${visibleLine(line)}`),
    `  hint rollcall apply ${agent} puts it right`,
  ].join("\n");
}

/** Ends a hold and starts the session. */
export async function startAgent(project: Opened, agent: string, flags: StartOptions): Promise<Started> {
  const running = wantingRunning(project, new Set([agent]));
  const locking = { command: "start", timeout: flags.lockTimeout };
  const planned = await planReconnected(running, agentPlanRequest(running, [agent], { despiteHold: true }), locking);
  // Nothing is started beside what may live, and the hold stays: whoever asked is told why by the next look.
  if (unseen(liveOf(running, planned, agent))) return { drift: [] };
  const drift = outOfSyncFiles(running, planned, agent);
  if (drift.length > 0) return { drift: drift.map((one) => `${one.address} ${one.verdict}`) };
  const isHeld = project.store.holds[agent] !== undefined;
  if (isHeld) await locked(running, locking, async ({ commit }) => commit({ holds: { [agent]: null } }));
  const fresh = isHeld ? wantingRunning(await openHere(project.io, { mayUseCache: false }), new Set([agent])) : running;
  const request = planRequest(fresh, flags, [agent]);
  const { run, code } = await convergeHere(project.io, {
    project: fresh,
    request,
    flags: { ...flags, keepGoing: false, maxWait: 0 },
    command: "start",
  });
  const live = new Set(fresh.kinds.filter((kind) => kind.live).map((kind) => kind.name));
  const outcome = run.outcomes.find(
    (one) => live.has(parseAddress(one.address)?.kind ?? "") && one.result === "failed",
  );
  return outcome?.error ? { drift: [], failed: { failure: outcome.error, code } } : { drift: [] };
}

async function tellSession(project: Opened, agent: string): Promise<ExitCode> {
  const { io } = project;
  const again = await openHere(io, { mayUseCache: false });
  const planned = await plan(planRequest(wantingRunning(again, new Set([agent])), {}, [agent]), again.reader);
  const [live] = liveOf(again, planned, agent);
  const blocked = planned.plan.blocked.find((one) => one.address === live?.address);
  const left = planned.plan.actions.find((one) => one.address === live?.address);
  if (live?.verdict === "in-sync" && live.have?.exists) {
    io.print(`${agent} is running; rollcall attach ${agent} gets you in`);
    return EXIT.done;
  }
  const notSeen = unseen(liveOf(again, planned, agent));
  if (notSeen?.hint !== undefined) {
    io.complain(`${agent} was not started: ${visibleLine(notSeen.reason)} (${visibleLine(notSeen.hint)})`);
    return EXIT.blocked;
  }
  if (notSeen) throw unseenError(notSeen);
  const deferred = planned.plan.deferred.find((one) => one.address === live?.address);
  const reason = blocked?.reason ?? left?.reason ?? deferred?.reason ?? "it is not there";
  io.complain(`${agent} is not running: ${visibleLine(reason)}${blocked ? ` (${blocked.hint})` : ""}`);
  return blocked ? EXIT.blocked : EXIT.different;
}

/** Ends the session's process tree and holds the agent. */
export async function stopCommand({ io, options, args: [name = ""] }: CommandContext<StopOptions>): Promise<ExitCode> {
  return despiteSpec(io, { mayUseCache: false }, (project) => stop(project, name, options));
}

async function stop(project: Opened, name: string, options: StopOptions): Promise<ExitCode> {
  const { io } = project;
  const named = await agentOrOrphan(project, name);
  const { agent } = named;
  const reason = options.reason ?? "stopped by hand";
  const [stopped] = await stopAgents({
    project,
    names: [named],
    force: options.force,
    reason,
    timeout: options.lockTimeout,
  });
  switch (stopped?.result) {
    case "stopped":
    case "not-running":
      if (named.orphan && !project.specErrors) {
        const state = stopped.result === "stopped" ? "stopped" : "not running";
        io.print(`${agent} is ${state}; it is not in the registry, so nothing starts it again`);
        return EXIT.done;
      }
      io.print(
        `${agent} is ${stopped.result === "stopped" ? "stopped" : "not running"} and held: it stays so until rollcall start ${agent}`,
      );
      return EXIT.done;
    case "busy":
      io.complain(`${agent} was not stopped: ${stopped.message}`);
      return EXIT.different;
    case "not-ours":
    case "unreachable":
      io.complain(`${agent} was not stopped: ${stopped.message}`);
      return EXIT.blocked;
    case "failed":
    case undefined:
      io.complain(`${agent} could not be stopped: ${stopped?.message ?? "nothing was heard of it"}`);
      return EXIT.error;
  }
}
