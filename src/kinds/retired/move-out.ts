// Folders leave the agents folder: the index entry first, then one rename; or a deletion with before-images.
import { join } from "node:path";
import { RollcallError } from "../../model/errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Settle, Settled } from "../../model/settled.ts";
import type { Writer } from "../../model/world.ts";
import { type ArchiveEntry, entryOf, parseIndex, withEntries } from "./archive-index.ts";
import { isKept } from "./diff.ts";
import { makeRollback } from "./git-tag.ts";
import { type Places, placesOf, registeredFolders, shownIn } from "./paths.ts";
import { readTree, type Tree } from "./tree-digest.ts";
import type { RetiredProps, RetiredSeen } from "./types.ts";

/** One folder that has to leave. */
export interface Task {
  readonly address: string;
  readonly props: RetiredProps;
  readonly places: Places;
  /** The digest the plan was made from; undefined when there was nothing to compare. */
  readonly planned: string | undefined;
}

/**
 * Nothing is recorded: a settled folder has no part that is in force. That it is gone can be seen, where it went says
 * the index, which is committed beside it; and a folder that somebody takes off the list is nobody's business any more.
 */
export const done = (address: string): Settled => ({ address, result: "done", parts: {} });

const blocked = (address: string, reason: string, hint: string): Settled => ({
  address,
  result: "blocked",
  reason,
  hint,
});

export function task(address: string, props: RetiredProps, seen: RetiredSeen | undefined, fleet: Fleet): Task {
  const planned = seen?.state === "present" ? seen.tree.digest : undefined;
  return { address, props, places: placesOf(props, fleet.machine.folders), planned };
}

/** A folder that is ready to go into the archive; `move` false: it stands there, only its entry is missing. */
interface Move {
  readonly task: Task;
  readonly tree: Tree;
  readonly move: boolean;
}

/** Settles every task: archives and deletes what is still as it was planned. */
export async function moveOut(tasks: readonly Task[], fleet: Fleet, world: Writer, settle: Settle): Promise<void> {
  world.files.forget();
  const found: Move[] = [];
  for (const one of tasks) {
    try {
      const result = inspectMove(one, fleet, world);
      if ("result" in result) settle(result);
      else found.push(result);
    } catch (error) {
      settle(failed(one.address, error));
    }
  }
  const going = await withRollback(found, fleet, world, settle);
  const moves = going.filter(({ task }) => task.props.rule === "archive");
  for (const { task, tree } of going) {
    if (task.props.rule !== "delete") continue;
    try {
      settle(await erase(task, tree, world));
    } catch (error) {
      settle(failed(task.address, error));
    }
  }
  await archive(moves, fleet, world, settle);
}

/** Where a rollback point is wanted nothing leaves without one; an entry in the index needs none. */
async function withRollback(
  found: readonly Move[],
  fleet: Fleet,
  world: Writer,
  settle: Settle,
): Promise<readonly Move[]> {
  if (!fleet.retire.tag || !found.some(({ move }) => move)) return found;
  const error = await makeRollback(fleet, world);
  if (error === null) return found;
  for (const { task, move } of found) if (move) settle({ address: task.address, result: "failed", error });
  return found.filter(({ move }) => !move);
}

/** Looks once more before anything is touched: what has moved since the plan is left alone. */
function inspectMove(task: Task, fleet: Fleet, { files }: Writer): Move | Settled {
  const { address, props, places, planned } = task;
  if (registeredFolders(fleet).has(props.folder.toLowerCase())) {
    const message = `${places.shown.source} is the folder of a registered agent and is never moved or deleted`;
    return { address, result: "failed", error: { code: "E331", message, hint: "take it out of retire in fleet.yaml" } };
  }
  if (files.facts(places.source) === null) {
    const listed = props.rule === "archive" && files.folder(places.target).state === "folder";
    return listed ? { task, tree: readTree(files, places.target), move: false } : done(address);
  }
  const folder = files.folder(places.source);
  if (folder.state === "refused") return blocked(address, folder.message, "look at it, then plan again");
  const tree = readTree(files, places.source);
  if (planned !== undefined && planned !== tree.digest) {
    return blocked(address, `something in ${places.shown.source} changed since the plan`, "plan again");
  }
  if (props.rule === "archive" && files.facts(places.target) !== null) {
    return blocked(
      address,
      `${places.shown.target} is there already`,
      "folders are never merged: remove one of the two",
    );
  }
  return { task, tree, move: true };
}

/**
 * The entries of all folders are written in one go and before the first move: a run that is killed in between leaves
 * a folder where it was, and the next run moves it with the same entry. An entry is never missing for a moved folder.
 */
async function archive(moves: readonly Move[], fleet: Fleet, world: Writer, settle: Settle): Promise<void> {
  if (moves.length === 0) return;
  let obstacle: (address: string) => Settled | null;
  try {
    const reason = await writeIndex(moves, fleet, world);
    obstacle = (address) => (reason === null ? null : blocked(address, reason, "look at the index, then plan again"));
  } catch (error) {
    obstacle = (address) => failed(address, error);
  }
  for (const { task, move } of moves) {
    const stopped = obstacle(task.address);
    if (stopped) {
      settle(stopped);
      continue;
    }
    try {
      if (move) world.files.move(task.places.source, task.places.target);
      settle(done(task.address));
    } catch (error) {
      settle(failed(task.address, error));
    }
  }
}

/** Writes the entries; the reason when the index may not be written. */
async function writeIndex(moves: readonly Move[], fleet: Fleet, world: Writer): Promise<string | null> {
  const places = moves[0]?.task.places;
  if (places === undefined) return null;
  const { label } = fleet.retire;
  world.files.makeFolder(places.labelFolder, 0o755);
  const result = await world.files.replace({
    path: places.index,
    mode: 0o644,
    run: world.run,
    parents: false,
    edit: (current) => {
      const before = current?.bytes.toString("utf8") ?? null;
      const after = Buffer.from(withEntries(before, label, entriesFor(moves, fleet, before)));
      return current && after.equals(current.bytes) ? { do: "keep" } : { do: "write", bytes: after };
    },
  });
  if (result.state === "moved") return result.reason;
  return result.state === "refused" ? result.message : null;
}

function entriesFor(moves: readonly Move[], fleet: Fleet, before: string | null): ArchiveEntry[] {
  const { root, fleet: file } = fleet.machine.folders;
  const known = parseIndex(before ?? "");
  return moves.map(({ task: { props, places }, tree, move }) => {
    const entry = entryOf({
      folder: props.folder,
      from: places.shown.source,
      to: places.shown.target,
      replacedBy: props.replacedBy,
      spec: shownIn(root, file),
      tree,
    });
    // What was archived is what its entry says, even if somebody has been in there since.
    const digest = move ? undefined : known.get(props.folder)?.digest;
    return digest === undefined ? entry : { ...entry, digest };
  });
}

/**
 * Deletes a folder: it is moved as it is to the before-images of the run. Where those lie on another device its files
 * become before-images one by one, while they are few enough.
 */
async function erase({ address, places }: Task, tree: Tree, world: Writer): Promise<Settled> {
  if (world.files.keepFolder({ path: places.source, run: world.run }) !== null) return done(address);
  if (isKept(tree)) {
    const gone = Buffer.alloc(0);
    const refused = new Set<string>();
    for (const path of filesBelow(places.source, world)) {
      const result = await world.files.remove({ path, run: world.run, edit: () => ({ do: "write", bytes: gone }) });
      // A hard link, another user's file: it goes with the folder, without an image.
      if (result.state !== "written") refused.add(path);
    }
    // On another device the images lie beside their files until nobody writes to them any more.
    await world.files.settle();
    const fresh = filesBelow(places.source, world).find((path) => !refused.has(path));
    if (fresh !== undefined) {
      return blocked(address, `somebody is writing to ${fresh} while it is being deleted`, "plan again");
    }
  }
  world.files.removeFolder(places.source);
  return done(address);
}

function filesBelow(folder: string, world: Writer): string[] {
  const entries = world.files.list(folder) ?? [];
  return entries.flatMap(({ name, type }) => {
    const path = join(folder, name);
    if (type === "folder") return filesBelow(path, world);
    return type === "file" ? [path] : [];
  });
}

/** An error of the host as an outcome; anything else is a bug and passes through. */
function failed(address: string, error: unknown): Settled {
  if (!(error instanceof RollcallError)) throw error;
  const { code, message, hint } = error;
  return { address, result: "failed", error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}
