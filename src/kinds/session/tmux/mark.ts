// The mark on a session: written as user options, read back from a snapshot's row.

import { defined } from "../../../model/defined.ts";
import { OPTIONS, paneMark } from "../names.ts";
import { COMPONENTS, type Components, type Mark } from "../types.ts";
import type { Command } from "./script.ts";
import type { PaneRow } from "./snapshot.ts";

/** The version of marks that name none: 0.1 wrote them. */
const FIRST_VERSION = 1;

/** `t=<ms>,p=command,n=NAME+NAME,v=2,command=…,env=…`: one option for what is only ever read together. */
function startText(mark: Mark): string {
  const fields = [`t=${mark.startedAt}`, `p=${mark.program}`, `n=${mark.envNames.join("+")}`];
  if (mark.version !== FIRST_VERSION) fields.push(`v=${mark.version}`);
  if (mark.exits.length > 0) fields.push(`x=${mark.exits.join("+")}`);
  for (const key of COMPONENTS) if (mark.components[key]) fields.push(`${key}=${mark.components[key]}`);
  return fields.join(",");
}

/** The commands that put a mark on a session and on the agent's pane. */
export function markCommands(
  mark: Mark,
  { fleetId, session, pane }: { readonly fleetId: string; readonly session: string; readonly pane: string },
): Command[] {
  const { agent, fingerprint, conversation = "" } = mark;
  const text = [fleetId, agent, fingerprint, conversation, startText(mark)].join(":");
  return [
    ["set-option", "-p", "-t", pane, OPTIONS.pane, paneMark(fleetId, agent)],
    ["set-option", "-t", session, OPTIONS.session, text],
  ];
}

/** The mark on a row's session, or null when it is not this fleet's. */
export function readMark(row: PaneRow, fleetId: string): Mark | null {
  if (row.fleet !== fleetId || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(row.agent)) return null;
  const fields = new Map(
    row.start.split(",").map((field) => [field.slice(0, field.indexOf("=")), field.slice(field.indexOf("=") + 1)]),
  );
  const components: Partial<Record<keyof Components, string>> = {};
  for (const key of COMPONENTS) {
    const digest = fields.get(key);
    if (digest !== undefined) components[key] = digest;
  }
  const names = fields.get("n") ?? "";
  return defined({
    agent: row.agent,
    fingerprint: row.fingerprint,
    version: Number(fields.get("v") ?? FIRST_VERSION) || FIRST_VERSION,
    conversation: row.conversation === "" ? undefined : row.conversation,
    startedAt: Number(fields.get("t") ?? "0") || 0,
    program: fields.get("p") === "fallback" ? ("fallback" as const) : ("command" as const),
    components,
    envNames: names === "" ? [] : names.split("+"),
    exits: (fields.get("x") ?? "").split("+").filter(Boolean).map(Number),
  });
}

/** The agent's own pane carries this in its pane option. */
export function isAgentPane(row: PaneRow, fleetId: string): boolean {
  return row.paneMark === paneMark(fleetId, row.agent);
}
