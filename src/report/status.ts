// Status: two axes per agent, sync and health, as a document and as a table.

import type { Address } from "../model/address.ts";
import type { HealthReport } from "../model/capabilities.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { FORMAT_VERSION } from "../model/plan.ts";
import type { Hold } from "../model/resource.ts";
import { visibleLine } from "./redact.ts";
import type { Paint } from "./style.ts";

export type SyncState = "in-sync" | "out-of-sync" | "blocked" | "held" | "unknown" | "orphan";

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
  /** The spec has errors: what is known comes from records and marks. */
  readonly spec?: { readonly diagnostics: readonly Diagnostic[] };
}

const SYNC_COLOUR = {
  "in-sync": "green",
  "out-of-sync": "yellow",
  blocked: "red",
  held: "cyan",
  unknown: "dim",
  orphan: "magenta",
} as const;

/** How many are in sync, and what is not counted among them. */
function countText({ agents, spec }: Status): string {
  const orphans = agents.filter((one) => one.sync === "orphan").length;
  const declared = agents.length - orphans;
  if (spec) return `${declared} agent${declared === 1 ? "" : "s"} in the records, sync unknown: the spec has errors`;
  const synced = agents.filter((one) => one.sync === "in-sync").length;
  const words = `${synced} of ${declared} agents in sync`;
  if (orphans === 0) return words;
  return `${words}, ${orphans} orphan${orphans === 1 ? "" : "s"} (no agent of the registry: rollcall stop NAME ends it)`;
}

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
  const foot = [`${countText(status)}; tmux socket ${status.socket}`];
  if (unproven > 0) foot.push(UNPROVEN);
  return [...lines, "", ...foot].join("\n");
}
