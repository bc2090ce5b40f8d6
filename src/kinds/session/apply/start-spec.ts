// One session to be started: what it will run, with which variables and which conversation, and the line for tmux.

import { defined } from "../../../model/defined.ts";
import type { Agent, Fleet } from "../../../model/fleet.ts";
import type { PutJob } from "../../../model/kind.ts";
import type { Desired } from "../../../model/resource.ts";
import type { Settled } from "../../../model/settled.ts";
import type { Writer } from "../../../model/world.ts";
import { choosesNoConversation, hasTranscript, withConversation } from "../client/conversation.ts";
import { FINGERPRINT_VERSION, fingerprint } from "../fingerprint.ts";
import { chooseLaunch, type Launch } from "../launch.ts";
import { fleetMark, isClient } from "../names.ts";
import { launchContext, type ObserveContext } from "../observe/context.ts";
import { earlyExits } from "../observe/crash-loop.ts";
import { markCommands } from "../tmux/mark.ts";
import { type Command, line, literal } from "../tmux/script.ts";
import {
  type Components,
  type Mark,
  type OwnSession,
  readFacts,
  type SessionFacts,
  type SessionProps,
  type SessionSeen,
} from "../types.ts";
import { inBash, sessionVariables } from "./environment.ts";

export type SessionJob = PutJob<SessionProps, SessionSeen>;

/** How the process comes into the world. In all of them the session keeps what a person added to it. */
export type StartMethod =
  | { readonly by: "new-session" }
  /** Its pane is there and dead: ids, labels and attached clients stay. */
  | { readonly by: "respawn"; readonly session: string; readonly pane: string; readonly stale: readonly string[] }
  /** Its pane is there and dead and must not be respawned: the process gets another in the session, and that one goes. */
  | { readonly by: "another-pane"; readonly session: string; readonly pane: string; readonly stale: readonly string[] }
  /** Its pane is gone, others keep the session. */
  | { readonly by: "new-window"; readonly session: string };

export interface StartSpec {
  readonly job: SessionJob;
  readonly want: Desired<SessionProps>;
  readonly agent: Agent;
  readonly launch: Launch;
  readonly variables: Readonly<Record<string, string>>;
  readonly facts: SessionFacts;
  /** Early ends up to now. */
  readonly exits: readonly number[];
  /** The conversation of the agent, kept while its fallback runs as well. */
  readonly conversation?: string;
  /** True when the id was made just now: nobody can have it open. */
  readonly fresh: boolean;
}

export type Prepared = { readonly start: StartSpec } | { readonly settled: Settled };

/** Everything that can be known before a process is ended or started; what is wrong is settled here. */
export function prepareStart(job: SessionJob, context: ObserveContext, newId: () => string): Prepared {
  const { want } = job;
  const { address } = want;
  const agent = context.agents.get(want.agent);
  if (!agent) return failed(address, "E712", `the agent ${want.agent} is not in the registry`);
  const folder = context.world.files.folder(want.props.folder);
  if (folder.state !== "folder") {
    const why = folder.state === "absent" ? `the folder ${want.props.folder} is not there` : folder.message;
    return failed(address, "E705", why, `rollcall apply ${want.agent} writes the agent's files first`);
  }
  const facts = readFacts(job.record?.facts);
  const own = job.have?.seen.state === "ours" ? job.have.seen : undefined;
  const launch = chooseLaunch(want.props, launchContext(want.agent, context));
  const wasThere = facts.program === "command" || own?.mark.program === "command";
  if (!launch || (launch.program === "fallback" && wasThere)) return commandGone(job, context, wasThere);
  const resolved = sessionVariables(agent, context.fleet, context.world);
  if (resolved.state === "failed") return { settled: { address, result: "failed", error: resolved.error } };
  const { command } = want.props;
  const known = facts.conversation ?? own?.mark.conversation;
  const converses = isClient(command) && choosesNoConversation(command);
  const startsClient = converses && launch.program === "command";
  const conversation = converses ? (known ?? (startsClient ? newId() : undefined)) : undefined;
  const { variables } = resolved;
  const exits = earlyExits(facts, own, context.world.now());
  const start = { job, want, agent, launch, variables, facts, exits, fresh: known === undefined };
  return { start: conversation === undefined ? start : { ...start, conversation } };
}

function failed(address: string, code: string, message: string, hint?: string): Prepared {
  return { settled: { address, result: "failed", error: { code, message, ...(hint === undefined ? {} : { hint }) } } };
}

function commandGone({ want }: SessionJob, context: ObserveContext, wasThere: boolean): Prepared {
  const program = want.props.command[0] ?? "";
  const { path } = launchContext(want.agent, context);
  const more = wasThere ? "it was there when the session was started" : "nor is its fallback";
  return {
    settled: {
      address: want.address,
      result: "blocked",
      reason: `${program} is not found (${more}); PATH searched: ${path}`,
      hint: `install ${program}, or set session.path or session.command in rollcall.config.yaml`,
    },
  };
}

/** Writes a conversation's id into the journal before a process can have it open. */
export function noteConversation({ want, conversation, facts }: StartSpec, world: Writer): void {
  if (conversation === undefined || facts.conversation === conversation) return;
  world.note(want.address, { conversation });
}

/** True when the client itself is started: it is told the conversation and is started a few at a time. */
export function startsClient({ want, launch }: StartSpec): boolean {
  return launch.program === "command" && isClient(want.props.command);
}

/** The words of the process: never one alone, which tmux would hand to a shell. */
function processWords(start: StartSpec, world: Writer): readonly string[] {
  const { launch, conversation, agent, want } = start;
  if (startsClient(start) && conversation !== undefined) {
    const resume = hasTranscript({ conversation, agent, props: want.props, world });
    return inBash(withConversation(launch.words, conversation, resume));
  }
  return inBash(launch.words);
}

/** A start at its moment: how, and what lies on disk for its process to read. */
export interface Launching {
  readonly start: StartSpec;
  readonly method: StartMethod;
  readonly loaded: Components;
}

/** The line that starts one session and marks it, all of it or nothing. */
export function startLine({ start, method, loaded }: Launching, fleet: Fleet, world: Writer): string {
  const { want, variables } = start;
  const { name, size, folder } = want.props;
  const [width, height] = size;
  const place = ["-c", literal(world.files.real(folder) ?? folder)];
  const given = Object.entries(variables).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
  const process = [...place, ...given, "--", ...processWords(start, world)];
  const target = targetOf(method, name);
  const marks = markCommands(markOf(start, loaded, world.now()), { fleetId: fleetMark(fleet), ...target });
  const keepDead: Command = ["set-option", "-p", "-t", target.pane, "remain-on-exit", "on"];
  switch (method.by) {
    case "new-session":
      return line([
        ["new-session", "-d", "-s", name, "-x", `${width}`, "-y", `${height}`, ...process],
        keepDead,
        ...marks,
      ]);
    case "new-window":
      return line([["new-window", "-t", `${method.session}:`, ...process], keepDead, ...marks]);
    case "another-pane":
      return line([
        ...environmentCommands(method, variables),
        ["new-window", "-t", `${method.session}:`, ...process],
        keepDead,
        ...marks,
        ["kill-pane", "-t", method.pane],
      ]);
    case "respawn":
      return line([
        ...environmentCommands(method, variables),
        ["resize-window", "-t", method.pane, "-x", `${width}`, "-y", `${height}`],
        // resize-window pins the size; a client that attaches shall change it as before.
        ["set-option", "-w", "-u", "-t", method.pane, "window-size"],
        ["respawn-pane", "-t", method.pane, ...process],
        keepDead,
        ...marks,
      ]);
  }
}

/** A session that stays is given the present variables, and loses those that are no longer declared. */
function environmentCommands(
  { session, stale }: { readonly session: string; readonly stale: readonly string[] },
  variables: Readonly<Record<string, string>>,
): Command[] {
  return [
    ...stale.map((key): Command => ["set-environment", "-u", "-t", session, key]),
    ...Object.entries(variables).map(([key, value]): Command => ["set-environment", "-t", session, key, value]),
  ];
}

function targetOf(method: StartMethod, name: string): { readonly session: string; readonly pane: string } {
  switch (method.by) {
    case "new-session":
      return { session: `=${name}:`, pane: `=${name}:` };
    case "new-window":
    case "another-pane":
      return { session: `${method.session}:`, pane: `${method.session}:` };
    case "respawn":
      return { session: method.session, pane: method.pane };
  }
}

function markOf({ want, launch, conversation, variables, exits }: StartSpec, loaded: Components, now: number): Mark {
  return defined({
    agent: want.agent,
    fingerprint: fingerprint(loaded),
    version: FINGERPRINT_VERSION,
    conversation,
    startedAt: now,
    program: launch.program,
    components: loaded,
    envNames: Object.keys(variables),
    exits,
  });
}

/** What the ledger shall remember of a session that was started. */
export function factsAfter({ facts, launch, exits }: StartSpec, seen: OwnSession): SessionFacts {
  const { mark, id, pane, pid, tick } = seen;
  const conversation = mark.conversation ?? facts.conversation;
  const { program, startedAt } = mark;
  const { path } = launch;
  return defined({ conversation, id, pane, pid, tick, startedAt, program, path, exits, forgivenAt: facts.forgivenAt });
}
