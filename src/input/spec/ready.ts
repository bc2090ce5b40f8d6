// `session.ready`: how long a start is watched before it counts, and whether the two durations fit together.
import type { Place } from "../../model/diagnostic.ts";
import type { ReadyRule, SessionSpec } from "../../model/fleet.ts";
import { milliseconds } from "./duration.ts";
import type { Findings } from "./findings.ts";
import { placed, type RegistryEntry } from "./registry.ts";
import type { SessionEntry } from "./schema/schema.ts";
import type { Path } from "./schema/schema-port.ts";

/** An apply never waits longer than this for one start. */
const LONGEST_MS = 10 * 60_000;

/** The part of fleet.yaml that is checked here. */
interface FleetSession {
  readonly session: SessionSpec;
  placed(path: Path): Placed;
}

type Placed = { readonly place: Place; readonly sourceLine: string | undefined };
type ReadyEntry = NonNullable<SessionEntry["ready"]>;

/** A declared `ready` on top of what it completes. */
export function readyOn(base: ReadyRule, declared: ReadyEntry | undefined): ReadyRule {
  return {
    afterMs: declared?.after === undefined ? base.afterMs : milliseconds(declared.after),
    timeoutMs: declared?.timeout === undefined ? base.timeoutMs : milliseconds(declared.timeout),
  };
}

/** E150 where `after` does not fit into `timeout`, E151 where a wait would be endless; told where it was written. */
export function checkReady(fleet: FleetSession, entries: readonly RegistryEntry[], findings: Findings): void {
  check(fleet.session.ready, findings, () => fleet.placed(["session", "ready"]));
  for (const entry of entries) {
    const declared = entry.declared.session?.ready;
    if (declared === undefined) continue;
    check(readyOn(fleet.session.ready, declared), findings, () => placed(entry, ["session", "ready"]));
  }
}

function check({ afterMs, timeoutMs }: ReadyRule, findings: Findings, at: () => Placed): void {
  if (Math.max(afterMs, timeoutMs) > LONGEST_MS) {
    findings.add("E151", () => ({
      ...at(),
      message: "session.ready waits longer than 10 minutes for one start",
      hint: "give at most 10m: an apply waits that long before it can say what became of the start",
    }));
  } else if (afterMs > timeoutMs) {
    findings.add("E150", () => ({
      ...at(),
      message: `session.ready.after (${afterMs} ms) is longer than session.ready.timeout (${timeoutMs} ms)`,
      hint: "make timeout longer than after",
    }));
  }
}
