// Looking at the agents folder: one listing tells which listed folders are there and which nobody listed. Writes nothing.
import { dirname } from "node:path";
import { digestBytes, digestJson } from "../../delta/digest.ts";
import { RollcallError } from "../../model/errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Observation, Query } from "../../model/kind.ts";
import type { Observed, Obstacle } from "../../model/resource.ts";
import type { FileFacts, FileReader, Reader } from "../../model/world.ts";
import { type ArchiveEntry, parseIndex } from "./archive-index.ts";
import { findRollback } from "./git-tag.ts";
import { ARCHIVE, INDEX, type Places, placesOf } from "./paths.ts";
import { findReferences } from "./references.ts";
import { readTree, type Tree } from "./tree-digest.ts";
import type { RetiredProps, RetiredSeen } from "./types.ts";
import { unmanagedFolders } from "./unmanaged.ts";

type Seen = Observed<RetiredSeen>;
type Types = ReadonlyMap<string, FileFacts["type"]>;

/** What is looked at once for all folders of a pass. */
interface ObserveContext {
  readonly fleet: Fleet;
  readonly world: Reader;
  readonly inAgents: Types;
  /** What stands in `agents/archive/<label>`, and its index. Read only when somebody asks. */
  readonly archived: () => { readonly folders: Types; readonly index: ReadonlyMap<string, ArchiveEntry> | Obstacle };
}

/** A listing of the agents folder; more only for listed folders that are there, and for the archive when there is one. */
export async function observe(
  queries: readonly Query<RetiredProps>[],
  fleet: Fleet,
  world: Reader,
): Promise<Observation<RetiredSeen>> {
  const entries = world.files.list(fleet.machine.folders.agents) ?? [];
  const asked = new Set(queries.flatMap(({ want }) => (want ? [want.props.folder, ARCHIVE] : [])));
  const inAgents = new Map(entries.filter(({ name }) => asked.has(name)).map(({ name, type }) => [name, type]));
  const context: ObserveContext = { fleet, world, inAgents, archived: once(() => inspectArchive(fleet, world)) };
  const observed = queries.map((query) => observeOne(query, context));
  return {
    observed: await withReferences(observed, fleet, world),
    unmanaged: unmanagedFolders(entries, fleet),
    warnings: [],
  };
}

function observeOne({ address, want }: Query<RetiredProps>, context: ObserveContext): Seen {
  // Taken from the list in fleet.yaml: nothing of ours is there, whatever is.
  if (!want) return away(address);
  const type = context.inAgents.get(want.props.folder);
  if (type === undefined) return observeMoved(address, want.props, context);
  const places = placesOf(want.props, context.fleet.machine.folders);
  const obstacle = typeObstacle(type, places) ?? folderObstacle(places, want.props, context);
  if (obstacle) return strange(address, obstacle);
  try {
    const { files } = context.world;
    const movable = isMovable(files, places.source, context.fleet.machine.folders.state);
    return present(address, { props: want.props, tree: readTree(files, places.source), movable });
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return strange(address, {
      why: "unreadable",
      message: `${places.shown.source} cannot be read whole: ${error.message}`,
      hint: "make it readable for your user, then plan again",
    });
  }
}

/** It is not there. When it stands in the archive, its entry in the index has to say so. */
function observeMoved(address: string, props: RetiredProps, context: ObserveContext): Seen {
  if (props.rule === "delete" || !context.inAgents.has(ARCHIVE)) return away(address);
  const { folders, index } = context.archived();
  if (folders.get(props.folder) !== "folder") return away(address);
  if (isObstacle(index)) return strange(address, index);
  const entry = index.get(props.folder);
  if (entry && entry.replacedBy === props.replacedBy) return away(address);
  return standing(address, { state: "unlisted" }, digestJson({ unlisted: entry?.digest ?? null }));
}

function inspectArchive(fleet: Fleet, { files }: Reader): ReturnType<ObserveContext["archived"]> {
  const { labelFolder, index, shown } = placesOf(
    { folder: ARCHIVE, rule: "archive", label: fleet.retire.label },
    fleet.machine.folders,
  );
  const entries = files.list(labelFolder) ?? [];
  const folders = new Map(entries.map(({ name, type }) => [name, type]));
  if (!folders.has(INDEX)) return { folders, index: new Map() };
  const read = files.read(index);
  if (read.state === "refused") {
    const hint = "the index of the archive has to be a plain file of yours: move this one away, then plan again";
    return { folders, index: { why: read.why, message: `${shown.index} cannot be used: ${read.message}`, hint } };
  }
  return { folders, index: read.state === "file" ? parseIndex(read.bytes.toString("utf8")) : new Map() };
}

function typeObstacle(type: FileFacts["type"], { shown }: Places): Obstacle | null {
  if (type === "folder") return null;
  const what = type === "link" ? "a link" : "not a folder";
  return {
    why: type === "link" ? "link" : "not-a-folder",
    message: `${shown.source} is ${what}; only real folders are moved or deleted`,
    hint: "look where it comes from and remove it by hand, or list it under retire.keep",
  };
}

function folderObstacle(places: Places, props: RetiredProps, context: ObserveContext): Obstacle | null {
  const { files } = context.world;
  const hint = "mend that first, then plan again";
  const source = files.folder(places.source);
  if (source.state === "refused") return { why: source.why, message: source.message, hint };
  if (props.rule === "delete") return null;
  const target = files.folder(places.labelFolder);
  if (target.state === "refused") return { why: target.why, message: target.message, hint };
  const { index } = context.archived();
  if (isObstacle(index)) return index;
  if (files.facts(places.target) === null) return null;
  return {
    why: "archived-before",
    message: `${places.shown.source} is there, and ${places.shown.target} as well; two folders are never merged`,
    hint: `compare them (diff -r ${places.shown.target} ${places.shown.source}) and remove one, or change retire.label`,
  };
}

function isObstacle(found: ReadonlyMap<string, unknown> | Obstacle): found is Obstacle {
  return "why" in found;
}

/** One search for all folders that are there. */
async function withReferences(observed: readonly Seen[], fleet: Fleet, world: Reader): Promise<Seen[]> {
  const leaving = observed.flatMap(({ seen }) => (seen.state === "present" ? [seen.props.folder] : []));
  if (leaving.length === 0) return [...observed];
  const { references, note } = await findReferences(leaving, fleet, world);
  const rollback = fleet.retire.tag ? await findRollback(leaving, fleet, world) : undefined;
  return observed.map((one) => {
    const { seen } = one;
    if (seen.state !== "present") return one;
    if (rollback && isObstacle(rollback)) return strange(one.address, rollback);
    const mine = references.filter(({ folder }) => folder === seen.props.folder);
    // What a text for people says decides nothing, so that it does not make a saved plan stale either.
    const places = mine.filter(({ prose }) => !prose).map(({ file, line }) => `${file}:${line}`);
    return {
      ...one,
      seen: {
        ...seen,
        references: mine,
        ...(rollback ? { uncommitted: rollback.get(seen.props.folder) ?? 0 } : {}),
        ...(note === undefined ? {} : { note }),
      },
      digest: digestJson([seen.tree.digest, places]),
    };
  });
}

function away(address: string): Seen {
  return { address, seen: { state: "away" }, exists: false, same: true, parts: {}, digest: "away" };
}

interface Standing {
  readonly props: RetiredProps;
  readonly tree: Tree;
  readonly movable: boolean;
}

function present(address: string, found: Standing): Seen {
  return standing(address, { state: "present", ...found, references: [] }, found.tree.digest);
}

/** Is the state folder, or where it will be, on the folder's device? */
function isMovable(files: FileReader, folder: string, state: string): boolean {
  const dev = (path: string): number | undefined =>
    files.facts(path)?.dev ?? (dirname(path) === path ? undefined : dev(dirname(path)));
  return files.facts(folder)?.dev === dev(state);
}

function strange(address: string, obstacle: Obstacle): Seen {
  return { ...standing(address, { state: "strange" }, digestJson([obstacle.why, obstacle.message])), obstacle };
}

/** The one part of a folder that is not as desired, whatever is in it; its content is in `Observed.digest`. */
const AMISS = digestBytes("retired folder: not as desired");

/**
 * Something is there. It is marked as ours: the line in fleet.yaml that names the folder is the permission to take it as
 * it is, so the verdict is `pending`, and nobody has to adopt what is to be thrown out.
 */
function standing(address: string, seen: RetiredSeen, digest: string): Seen {
  return { address, seen, exists: true, same: false, parts: { "": { digest: AMISS } }, digest, mark: { "": AMISS } };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
