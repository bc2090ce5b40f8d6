// Many values at fault in one list or object: taken out together, because a cut for each would take minutes.
import { removeAt, setAt } from "../../delta/edit.ts";
import { isJsonObject, type Json, type JsonObject, valueAt } from "../../model/json.ts";
import { hookUnits, isOurHook } from "./hook-list.ts";

type Path = readonly (string | number)[];

/** Fewer are taken out one by one, so that the layout of what stays between them is kept. */
const BULK_THRESHOLD = 10;

interface BulkRemoval {
  readonly container: Path;
  readonly members: ReadonlySet<string | number>;
}

/** The text without a crowd of the values at these places; null when no list or object has that many of them. */
export function removeMany(
  text: string,
  { document, places, hookPath }: { document: JsonObject; places: readonly Path[]; hookPath: string },
): string | null {
  if (places.length <= BULK_THRESHOLD) return null;
  const bulk = findBulk(places, ownHookEntries(document, hookPath));
  if (!bulk) return null;
  const rest = without(valueAt(document, bulk.container), bulk.members);
  return rest === null ? removeAt(text, bulk.container) : setAt(text, bulk.container, rest);
}

/** The places of entries that hold our hook: those are mended one by one. */
function ownHookEntries(document: JsonObject, hookPath: string): ReadonlySet<string> {
  const own = hookUnits(document).filter((unit) => isOurHook(unit, hookPath));
  return new Set(own.map(({ at }) => JSON.stringify(at.slice(0, 3))));
}

/** The first list that has many of them, whatever is wrong deep inside of its elements; or the first such object. */
function findBulk(places: readonly Path[], own: ReadonlySet<string>): BulkRemoval | undefined {
  const candidates = new Map<string, { container: Path; members: Set<string | number> }>();
  for (const at of places) {
    const list = at.findIndex((token) => typeof token === "number");
    const container = at.slice(0, list < 0 ? -1 : list);
    const member = at[container.length];
    if (member === undefined || own.has(JSON.stringify(at.slice(0, container.length + 1)))) continue;
    const key = JSON.stringify(container);
    const candidate = candidates.get(key) ?? { container, members: new Set() };
    candidate.members.add(member);
    candidates.set(key, candidate);
  }
  return [...candidates.values()].find(
    ({ container, members }) => container.length > 0 && members.size > BULK_THRESHOLD,
  );
}

/** What is left of a list or an object; null when nothing is. */
function without(value: Json | undefined, members: ReadonlySet<string | number>): Json | null {
  if (Array.isArray(value)) {
    const rest = value.filter((_: Json, index: number) => !members.has(index));
    return rest.length > 0 ? rest : null;
  }
  if (!isJsonObject(value)) return null;
  const rest = Object.entries(value).filter(([key]) => !members.has(key));
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}
