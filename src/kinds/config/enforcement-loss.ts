// Which foreign content turns enforcement off: what would make the client drop the whole file, and strays of our hook.

import type { ClientFinding } from "../../client/finding.ts";
import { clientFindings } from "../../client/settings-schema.ts";
import type { JsonObject } from "../../model/json.ts";
import { valueAt } from "../../model/json.ts";
import type { Recorded } from "../../model/resource.ts";
import { type HookUnit, hookUnits } from "./hook-list.ts";
import { sameJson, viewHooks } from "./parts.ts";

export interface CostQuery {
  readonly document: JsonObject;
  /** The rendered document. */
  readonly json: JsonObject | undefined;
  readonly record: Recorded | undefined;
  readonly hookPath: string;
}

/**
 * The values that have to go so that the client takes the file. What we render ourselves is never among them: about
 * that, `check` speaks before anything is written.
 */
export function costlyFindings(query: CostQuery): ClientFinding[] {
  const { document, json } = query;
  const unwanted = viewHooks(query).unclaimed;
  return [
    ...clientFindings(document).filter((finding) => finding.costs === "file" && !isRendered(finding, document, json)),
    ...unwanted.map((unit) => ({
      costs: "part" as const,
      at: unit.at,
      message: `a stray entry of our hook stands in ${unit.event}`,
    })),
  ];
}

/** Is the value at fault one that we render just so? */
export function isRendered(finding: ClientFinding, document: JsonObject, want: JsonObject | undefined): boolean {
  if (!want) return false;
  const [top, event, index] = finding.at;
  if (top === "hooks" && typeof index === "number") {
    const wanted = hookUnits(want);
    const entry = entriesOf(document).get(JSON.stringify([event, index])) ?? [];
    return entry.length > 0 && entry.every((unit) => wanted.some((one) => sameJson(one.value, unit.value)));
  }
  const value = valueAt(document, finding.at);
  if (top === "permissions" && typeof index === "number") {
    const list = valueAt(want, finding.at.slice(0, 2));
    return Array.isArray(list) && list.some((element) => sameJson(element, value));
  }
  return sameJson(valueAt(want, finding.at), value);
}

const known = new WeakMap<JsonObject, ReadonlyMap<string, readonly HookUnit[]>>();

/** The units of a document by the entry they stand in, sorted once for all findings about it. */
function entriesOf(document: JsonObject): ReadonlyMap<string, readonly HookUnit[]> {
  const found = known.get(document);
  if (found) return found;
  const entries = new Map<string, HookUnit[]>();
  for (const unit of hookUnits(document)) {
    const key = JSON.stringify([unit.at[1], unit.at[2]]);
    const units = entries.get(key);
    if (units) units.push(unit);
    else entries.set(key, [unit]);
  }
  known.set(document, entries);
  return entries;
}
