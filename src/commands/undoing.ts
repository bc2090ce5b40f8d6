// What undoing a run means, worked out from its document: per file, what to put back and whether that would clobber anything.
import { posix } from "node:path";
import { digestBytes } from "../delta/digest.ts";
import type { RunFile, RunRecord } from "../ledger/runs.ts";
import { parseAddress } from "../model/address.ts";
import type { FileReader } from "../model/world.ts";

/** One file to put back as it was. */
export interface UndoFile {
  readonly address: string;
  readonly agent: string;
  /** Absolute. */
  readonly path: string;
  /** Digest of what the run left there; null when it took the file away. */
  readonly left: string | null;
  /** What was there before: its kept content and mode; null when there was nothing. */
  readonly before: { readonly image: string; readonly mode: number } | null;
  /** Why it cannot be put back. */
  readonly obstacle?: { readonly reason: string; readonly hint: string };
}

export interface UndoMove {
  readonly address: string;
  readonly from: string;
  readonly to: string;
  readonly obstacle?: { readonly reason: string; readonly hint: string };
}

export interface Undoing {
  readonly files: readonly UndoFile[];
  readonly moves: readonly UndoMove[];
}

export interface UndoQuestion {
  readonly run: RunRecord;
  /** Empty: all. */
  readonly agents: ReadonlySet<string>;
  readonly files: FileReader;
  /** The agents folder, absolute. */
  readonly folder: string;
}

/** Looks at what the run changed and at what is there now. Files that are as before already are left out. */
export function undoingOf(question: UndoQuestion): Undoing {
  const { run, agents } = question;
  const chosen = (agent: string): boolean => agents.size === 0 || agents.has(agent);
  const files = lastingChanges(run.files).map((change) => undoFile(change, question));
  const moves = [...(run.moves ?? [])].reverse().map((move) => undoMove(move, question));
  return {
    files: files.filter((one): one is UndoFile => one !== null && chosen(one.agent)),
    moves: agents.size === 0 ? moves.filter((one): one is UndoMove => one !== null) : [],
  };
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
  const { path, after, image, modeBefore } = change;
  const { address, agent } = ownerOf(path, run, folder);
  const present = presentDigest(path, files);
  const base = { address, agent, path, left: after };
  const before = modeBefore === null ? null : { image: image ?? "", mode: modeBefore };
  if (before === null ? present === null : image !== null && present === presentDigest(image, files)) return null;
  if (before !== null && (image === null || files.facts(image) === null)) {
    return {
      ...base,
      before,
      obstacle: {
        reason: "what was there before is not kept any more",
        hint: "before-images are kept for 20 runs or 30 days",
      },
    };
  }
  if (present !== after) {
    const hint =
      before === null
        ? "look at it and remove it by hand"
        : `look at it; what was there before the run is in ${before.image}`;
    return { ...base, before, obstacle: { reason: `it was changed since run ${run.id} wrote it`, hint } };
  }
  return { ...base, before };
}

function undoMove({ from, to }: { from: string; to: string }, { files, folder }: UndoQuestion): UndoMove | null {
  const address = `retired/-/${posix.relative(folder, from)}`;
  if (files.facts(to) === null) return null;
  if (files.facts(from) !== null) {
    return {
      address,
      from: to,
      to: from,
      obstacle: { reason: "there is something in its old place again", hint: "move that away first" },
    };
  }
  return { address, from: to, to: from };
}

/** The digest of the bytes there now; null when there is nothing; a word no digest has when it cannot be read. */
function presentDigest(path: string, files: FileReader): string | null {
  const found = files.read(path, { limit: 512 * 1024 * 1024 });
  if (found.state === "absent") return null;
  return found.state === "file" ? digestBytes(found.bytes) : "unreadable";
}

function ownerOf(path: string, run: RunRecord, folder: string): { readonly address: string; readonly agent: string } {
  const at = posix.relative(folder, path);
  const intent = run.intents.find((one) => one.at === at) ?? run.intents.find((one) => at.startsWith(`${one.at}/`));
  const address = intent?.address ?? `retired/-/${at}`;
  return { address, agent: parseAddress(address)?.agent ?? "-" };
}
