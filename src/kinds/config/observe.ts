// Looks at the files: one byte compare each, and only where that fails the content, part by part.
import type { Fleet } from "../../model/fleet.ts";
import type { Observation, Query } from "../../model/kind.ts";
import type { Observed } from "../../model/resource.ts";
import type { FileCompared, Reader } from "../../model/world.ts";
import { absent, observedBlocked, tooLarge } from "./observation.ts";
import { type ConfigProps, type ConfigSeen, modeWord, pathOf } from "./types.ts";

type ConfigQuery = Query<ConfigProps>;
type Seen = Observed<ConfigSeen>;

/** See Kind.observe. Stays synchronous as long as every file is byte by byte as desired. */
export function observe(
  queries: readonly ConfigQuery[],
  fleet: Fleet,
  world: Reader,
): Observation<ConfigSeen> | Promise<Observation<ConfigSeen>> {
  const observed: (Seen | ConfigQuery)[] = queries.map((query) => quickCompare(query, fleet, world) ?? query);
  const closer = observed.filter(isQuery);
  if (closer.length === 0) return observation(observed.filter(isSeen));
  return import("./inspect-content.ts").then(async ({ inspectFiles: lookAtFiles }) => {
    const inspected = await lookAtFiles(closer, fleet, world);
    return observation(
      observed.map((one) => (isQuery(one) ? (inspected.get(one.address) ?? absent(one.address)) : one)),
    );
  });
}

function isQuery(one: Seen | ConfigQuery): one is ConfigQuery {
  return !isSeen(one);
}

function isSeen(one: Seen | ConfigQuery): one is Seen {
  return "seen" in one;
}

function observation(observed: readonly Seen[]): Observation<ConfigSeen> {
  // Findings stand in each Observed; said here as well they would be said twice.
  return { observed, unmanaged: [], warnings: [] };
}

/** The quick look; null when the content has to be looked at. */
function quickCompare(query: ConfigQuery, fleet: Fleet, world: Reader): Seen | null {
  const { address, want } = query;
  const path = pathOf(want?.at ?? query.record?.at ?? "", fleet);
  const folder = world.files.folder(path.slice(0, path.lastIndexOf("/")));
  if (folder.state === "absent") return absent(address);
  if (folder.state === "refused") return observedBlocked(address, folder);
  if (!want) return null;
  const compared: FileCompared = world.files.compare(path, Buffer.from(want.props.text));
  switch (compared.state) {
    case "absent":
      return absent(address);
    case "refused":
      return compared.why === "too-large" ? tooLarge(address, compared) : observedBlocked(address, compared);
    case "file": {
      const { mode } = compared.facts;
      if (!compared.same || modeWord(mode) !== modeWord(want.props.mode)) return null;
      return { address, seen: { mode }, exists: true, same: true, parts: {}, digest: want.props.seal };
    }
  }
}
