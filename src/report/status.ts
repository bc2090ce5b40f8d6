// Status: two axes per agent, sync and health, as a document and as a table.

import type { Address } from "../model/address.ts";
import type { JsonObject } from "../model/json.ts";
import type { HealthReport } from "../model/kind.ts";
import type { FORMAT_VERSION } from "../model/plan.ts";
import type { Hold } from "../model/resource.ts";
import { visibleLine } from "./redact.ts";
import type { Paint } from "./style.ts";

export type SyncState = "in-sync" | "out-of-sync" | "blocked" | "held" | "unknown";

export interface AgentStatus {
  readonly agent: string;
  readonly sync: SyncState;
  readonly health: HealthReport["health"];
  readonly notes: readonly string[];
  readonly session: JsonObject | null;
  readonly drift: readonly Address[];
  readonly hold?: Hold;
}

export interface Status {
  readonly kind: "status";
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly socket: string;
  readonly agents: readonly AgentStatus[];
}

const SYNC_COLOUR = {
  "in-sync": "green",
  "out-of-sync": "yellow",
  blocked: "red",
  held: "cyan",
  unknown: "dim",
} as const;

/** A hook that came with a clone is right, but nobody has seen it refuse anything here. */
const UNPROVEN =
  "unproven: the hook was not tested here in its present form (its bytes, Node or the PATH changed); the next rollcall apply tests it";

/** The table of agents, with the socket below. */
export function statusText(status: Status, paint: Paint): string {
  const rows = status.agents.map((one) => [
    one.agent,
    one.sync,
    one.health,
    typeof one.session?.["name"] === "string" ? one.session["name"] : "-",
    [...one.notes, ...(one.hold ? [`held: ${one.hold.reason}`] : []), ...one.drift].map(visibleLine).join(", "),
  ]);
  const table = [["AGENT", "SYNC", "HEALTH", "SESSION", "NOTES"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row, index) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const sync = status.agents[index - 1]?.sync;
    if (sync) cells[1] = paint(SYNC_COLOUR[sync], cells[1] ?? "");
    return index === 0 ? paint("bold", cells.join("  ").trimEnd()) : cells.join("  ").trimEnd();
  });
  const unproven = status.agents.filter((one) => one.notes.includes("unproven")).length;
  const synced = status.agents.filter((one) => one.sync === "in-sync").length;
  const foot = [`${synced} of ${status.agents.length} agents in sync; tmux socket ${status.socket}`];
  if (unproven > 0) foot.push(UNPROVEN);
  return [...lines, "", ...foot].join("\n");
}
