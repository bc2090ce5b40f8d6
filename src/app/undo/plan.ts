// What undoing a run means, worked out from its document: per file, what to put back and whether that would clobber anything.
import { posix } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import type { RunFile, RunMove, RunRecord } from "../../ledger/run-schema.ts";
import { parseAddress } from "../../model/address.ts";
import type { Records } from "../../model/resource.ts";
import type { FileReader } from "../../model/world.ts";

interface Obstacle {
  readonly reason: string;
  readonly hint: string;
}

/** One file to put back as it was. */
export interface UndoFile {
  readonly address: string;
  readonly agent: string;
  /** Absolute. */
  readonly path: string;
  /** Digest of what the run left there; null when it took the file away. */
  readonly left: string | null;
  /** What was there before: its kept content and mode; null when there was nothing. */
  readonly before: { readonly image: string; readonly mode: number; readonly mtimeMs?: number } | null;
  /** Why it cannot be put back. */
  readonly obstacle?: Obstacle;
}

/** One folder to move back, as it is. */
export interface UndoMove {
  readonly address: string;
  readonly from: string;
  readonly to: string;
  /** Modes its files had, where they were closed to others meanwhile; paths relative to it. */
  readonly modes: readonly { readonly path: string; readonly mode: number }[];
  readonly obstacle?: Obstacle;
}

export interface Undoing {
  readonly files: readonly UndoFile[];
  readonly moves: readonly UndoMove[];
  /** Folders the run took away because they were empty, outermost first. */
  readonly lost: readonly { readonly path: string; readonly mode: number }[];
  /** Folders the run made, innermost first: they go when they are empty. */
  readonly made: readonly string[];
  /** What the run forgot, its thing being gone: remembered again along with the rest, and no work by itself. */
  readonly forgotten: ReadonlySet<string>;
  /** Whose file is as before already, most likely because an undo was killed: their record, too, goes back along. */
  readonly back: ReadonlySet<string>;
}

export interface UndoQuestion {
  readonly run: RunRecord;
  /** Empty: all. `-`: what belongs to no agent. */
  readonly agents: ReadonlySet<string>;
  readonly files: FileReader;
  /** The agents folder, absolute. */
  readonly folder: string;
}

/** Where before-images go, in words. */
const KEPT = "before-images are kept for 20 runs or 30 days";
const LIMIT = 512 * 1024 * 1024;

/** Looks at what the run changed and at what is there now. Files that are as before already are left out. */
export function undoingOf(question: UndoQuestion): Undoing {
  const { run, agents } = question;
  const chosen = (agent: string): boolean => agents.size === 0 || agents.has(agent);
  const changes = lastingChanges(run.files);
  const files = changes.flatMap((change) => undoFile(change, question) ?? []);
  const moves = [...(run.moves ?? [])].reverse().flatMap((move) => undoMove(move, question) ?? []);
  const mine = { files: files.filter((one) => chosen(one.agent)), moves: chosen("-") ? moves : [] };
  const forgets = run.intents.filter(({ action, address }) => action === "forget" && chosen(agentOf(address)));
  const open = new Set(files.map(({ address }) => address));
  const owned = changes.map(({ path }) => ({ path, ...ownerOf(path, run, question.folder) }));
  const back = owned.filter(({ agent }) => chosen(agent));
  const moved = chosen("-") ? (run.moves ?? []).flatMap(({ from, to }) => [from, to]) : [];
  return {
    ...mine,
    ...undoFolders(question, [...back.map(({ path }) => path), ...moved]),
    forgotten: new Set(forgets.map(({ address }) => address)),
    back: new Set(back.map(({ address }) => address).filter((address) => !open.has(address))),
  };
}

const isHook = (address: string): boolean => parseAddress(address)?.kind === "hook";

/** True for what the hooks of all agents share. */
export const isShared = ({ address, agent }: UndoFile): boolean => agent === "-" && isHook(address);

/**
 * What all hooks share goes only with the last of them: without it, or with a former Node in it, the hooks of agents
 * that this undo does not concern would refuse every call.
 */
export function withoutShared(undoing: Undoing, records: Records): Undoing {
  const goes = new Set(undoing.files.filter(({ before }) => before === null).map(({ address }) => address));
  const stays = [...records.addresses()].some(
    (address) => isHook(address) && agentOf(address) !== "-" && !goes.has(address),
  );
  return stays ? { ...undoing, files: undoing.files.filter((one) => !isShared(one)) } : undoing;
}

/** Whose things a run changed: the agents, and `-` for what belongs to none. */
export function agentsIn(run: RunRecord, folder: string): ReadonlySet<string> {
  const owners = run.files.map(({ path }) => ownerOf(path, run, folder).agent);
  return new Set([...owners, ...(run.moves ?? []).map(() => "-")]);
}

/** A file may have been changed more than once: what was before the first, what was left by the last. */
function lastingChanges(files: readonly RunFile[]): RunFile[] {
  const byPath = new Map<string, RunFile>();
  for (const one of files) {
    const first = byPath.get(one.path);
    byPath.set(one.path, first ? { ...first, after: one.after } : one);
  }
  return [...byPath.values()];
}

function undoFile(change: RunFile, { run, files, folder }: UndoQuestion): UndoFile | null {
  const { path, after, image, modeBefore, mtimeBefore } = change;
  const now = presentState(path, files);
  const base = { ...ownerOf(path, run, folder), path, left: after };
  if (modeBefore === null) {
    if (now.digest === null) return null;
    if (now.digest === after) return { ...base, before: null };
    return { ...base, before: null, obstacle: changedSince(run, "look at it and remove it by hand") };
  }
  const before = {
    image: image ?? "",
    mode: modeBefore,
    ...(mtimeBefore === undefined ? {} : { mtimeMs: mtimeBefore }),
  };
  const kept = image === null ? null : presentState(image, files).digest;
  if (kept === null) {
    return { ...base, before, obstacle: { reason: "what was there before is not kept any more", hint: KEPT } };
  }
  // Of two equal contents the run can only have changed the mode.
  if (now.digest === kept && (now.mode === modeBefore || after !== kept)) return null;
  if (now.digest === after) return { ...base, before };
  return { ...base, before, obstacle: changedSince(run, `look at it; what was there before the run is in ${image}`) };
}

function changedSince(run: RunRecord, hint: string): Obstacle {
  return { reason: `it was changed since run ${run.id} wrote it`, hint };
}

function undoMove({ from, to, modes = [] }: RunMove, question: UndoQuestion): UndoMove | null {
  const { files, folder } = question;
  const back = { address: `retired/-/${folderName([from, to], folder)}`, from: to, to: from, modes };
  const isKept = files.facts(to) !== null;
  const isBack = files.facts(from) !== null;
  if (isKept && !isBack) return back;
  if (!isKept && isBack) return null;
  const obstacle = isKept
    ? { reason: "there is something in its old place again", hint: "move that away first" }
    : { reason: "it is neither in its old place nor where the run put it", hint: KEPT };
  return { ...back, obstacle };
}

/** Of the two places of a folder the one directly in the agents folder is the one it is known by. */
function folderName(places: readonly string[], folder: string): string {
  const names = places.map((path) => posix.relative(folder, path));
  return names.find((name) => !name.includes("/")) ?? names[0] ?? "";
}

/** The folders that what is put back, or is back already, lay in, and those it was put in. */
function undoFolders({ run, folder }: UndoQuestion, touched: readonly string[]): Pick<Undoing, "lost" | "made"> {
  const holds = (path: string): boolean => touched.some((one) => one.startsWith(`${path}/`));
  // The state folder looks after itself.
  const isOurs = (path: string): boolean => path === folder || path.startsWith(`${folder}/`);
  const changes = (run.folders ?? []).filter(({ path }) => isOurs(path) && holds(path));
  const lost = changes.flatMap(({ path, mode }) => (mode === null ? [] : [{ path, mode }]));
  const made = changes.flatMap(({ path, mode }) => (mode === null ? [path] : []));
  return {
    lost: lost.sort((a, b) => a.path.length - b.path.length),
    made: made.sort((a, b) => b.length - a.length),
  };
}

/** The digest of the bytes there now; null when there is nothing; a word no digest has when it cannot be read. */
function presentState(path: string, files: FileReader): { readonly digest: string | null; readonly mode?: number } {
  const found = files.read(path, { limit: LIMIT });
  if (found.state === "absent") return { digest: null };
  if (found.state === "refused") return { digest: "unreadable" };
  return { digest: digestBytes(found.bytes), mode: found.facts.mode };
}

function ownerOf(path: string, run: RunRecord, folder: string): { readonly address: string; readonly agent: string } {
  const at = posix.relative(folder, path);
  const intent = run.intents.find((one) => one.at === at) ?? run.intents.find((one) => at.startsWith(`${one.at}/`));
  const address = intent?.address ?? `retired/-/${at}`;
  return { address, agent: agentOf(address) };
}

const agentOf = (address: string): string => parseAddress(address)?.agent ?? "-";
