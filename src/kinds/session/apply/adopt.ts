// Taking an existing session under our mark because a person said so by its address. Nothing else about it changes.

import { defined } from "../../../model/defined.ts";
import type { Fleet } from "../../../model/fleet.ts";
import type { Desired, Observed } from "../../../model/resource.ts";
import type { Settled } from "../../../model/settled.ts";
import type { Writer } from "../../../model/world.ts";
import { listClients } from "../client/agents-json.ts";
import { FINGERPRINT_VERSION, fingerprint } from "../fingerprint.ts";
import { fleetMark, isClient } from "../names.ts";
import { sortPanes } from "../observe/group-panes.ts";
import { readProcess } from "../observe/processes.ts";
import { markCommands } from "../tmux/mark.ts";
import { line } from "../tmux/script.ts";
import { runScript } from "../tmux/server.ts";
import { type PaneRow, takeSnapshot } from "../tmux/snapshot.ts";
import { type Mark, type OwnSession, type SessionProps, type SessionSeen, writeFacts } from "../types.ts";
import { failure } from "./start-batch.ts";

/**
 * Puts our mark on a session by id. The person accepts its command and variables as they are; of its files it counts as
 * started from what lies there now, so that files in dispute stay its difference. The conversation is
 * the one the client says it has open.
 */
export async function mark(
  want: Desired<SessionProps>,
  have: Observed<SessionSeen>,
  fleet: Fleet,
  world: Writer,
): Promise<Settled> {
  const { address } = want;
  const { seen } = have;
  if (seen.state === "ours") return done(have, seen);
  if (seen.state !== "taken") return failure(address, "E713", `there is no session ${want.props.name} to adopt`);
  const rows = await rowsOf(seen.id, fleet, world);
  const pane = rows[0];
  if (!pane || pane.name !== want.props.name) {
    const reason = `the session ${seen.name} (${seen.id}) is no longer what was looked at`;
    return { address, result: "blocked", reason, hint: "look again, then adopt" };
  }
  const made = await markFor(want, pane, fleet, world);
  const commands = markCommands(made, { fleetId: fleetMark(fleet), session: seen.id, pane: pane.pane });
  const result = await runScript([line(commands)], fleet, world);
  const after = sortPanes(await rowsOf(seen.id, fleet, world), fleetMark(fleet)).own.get(want.agent);
  if (result.code !== 0 || after?.[0]?.agentPane?.pane !== pane.pane) {
    return failure(address, "E713", `the session ${seen.name} could not be marked`);
  }
  const { conversation, program } = made;
  const tick = readProcess(world.files, pane.pid)?.tick;
  const known = { conversation, id: seen.id, pane: pane.pane, pid: pane.pid, tick, program, exits: [] };
  const facts = writeFacts(defined(known));
  return { address, result: "done", parts: { "": made.fingerprint }, facts };
}

async function markFor(want: Desired<SessionProps>, pane: PaneRow, fleet: Fleet, world: Writer): Promise<Mark> {
  const { command, components, folder } = want.props;
  const agent = fleet.agents.find(({ name }) => name === want.agent);
  const { loadedComponents } = await import("../observe/loaded-state.ts");
  const loaded = agent ? loadedComponents(agent, { folder, fleet, files: world.files }) : components;
  const clients = isClient(command) ? await listClients([{ mark: { agent: want.agent } }], fleet, world) : null;
  const conversation = clients?.(want.agent)?.find(({ pid }) => pid === pane.pid)?.sessionId;
  return defined({
    agent: want.agent,
    fingerprint: fingerprint(loaded),
    version: FINGERPRINT_VERSION,
    conversation: conversation === "" ? undefined : conversation,
    startedAt: 0,
    program: "command" as const,
    components: loaded,
    envNames: [],
    exits: [],
  });
}

function done({ address, facts }: Observed<SessionSeen>, { mark: own }: OwnSession): Settled {
  return { address, result: "done", parts: { "": own.fingerprint }, ...(facts ? { facts } : {}) };
}

async function rowsOf(id: string, fleet: Fleet, world: Writer): Promise<readonly PaneRow[]> {
  const snapshot = await takeSnapshot(world, fleet.machine.socket);
  return snapshot.state === "panes" ? snapshot.panes.filter(({ session }) => session === id) : [];
}
