// What a change costs a live agent, in words: its impact, and what is lost by it.
import type { Action } from "../model/plan.ts";

/** `restart-when-idle; loses turn`; empty where it costs nothing. */
export function costWords({ impact, loses = [] }: Pick<Action, "impact"> & Partial<Pick<Action, "loses">>): string {
  const words = [impact === "none" ? "" : impact, loses.length > 0 ? `loses ${loses.join(", ")}` : ""];
  return words.filter((word) => word !== "").join("; ");
}
