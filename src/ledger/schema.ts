// The shapes of what is recorded, their checks, and the errors that say so when a file does not have them.
import { RecordError } from "../model/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Hold } from "../model/resource.ts";

/**
 * Format of the ledger. Older ones are upgraded when read, newer ones refused. 2: records of sessions hold the loaded
 * fingerprint (kinds/session/fingerprint.ts, version 2), and the head may have further fields.
 */
export const LEDGER_VERSION = 2;

/** Format of the lock file: committed, so that clones of every version read it. */
export const LOCK_FILE_VERSION = 1;

/** Format of journals and of the documents of runs. */
export const RUN_VERSION = 1;

/** Name of the lock file in the agents folder, of the ledger and its backup in the state folder. */
export const LOCK_FILE = "rollcall.lock.json";
export const LEDGER = "ledger.json";
export const LEDGER_BACKUP = "ledger.json.backup";

/** The PATH of the sessions, and whether it came from a terminal: one that did may improve one that did not, once. */
export interface RecordedPath {
  readonly value: string;
  readonly from: "terminal" | "other";
}

/** The spec of the last apply without errors, as it is kept in the state folder. */
export interface LastGood {
  /** The Rollcall that kept it: another one may read it differently. */
  readonly version: string;
  /** Of the list of its files, which has a digest of each: nothing else is believed. */
  readonly digest: string;
  /** The name of the fleet, from which its tmux socket is made. */
  readonly fleet: string;
}

/** What the ledger holds besides its records. */
export interface LedgerHead {
  /** Names this history: two ledgers with the same lineage can be compared by serial. Empty: nothing recorded yet. */
  readonly lineage: string;
  /** Counts the commits. */
  readonly serial: number;
  /** The real path of the project it was written in. */
  readonly root: string;
  readonly path?: RecordedPath;
  readonly variables: Readonly<Record<string, string>>;
  readonly holds: Readonly<Record<string, Hold>>;
  readonly lastGood?: LastGood;
  /** Fields of the head that this Rollcall does not know: kept as they are, so that a later one finds them again. */
  readonly more?: JsonObject;
}

/** One record as it is stored: digests of the parts, and what else is known. `parts` undefined: only facts of it. */
export interface RecordEntry {
  readonly parts?: Readonly<Record<string, string>>;
  readonly at?: string;
  readonly facts?: JsonObject;
  readonly protect?: true;
}

const REBUILD = "doctor --rebuild-ledger";

/** A record file that cannot be read as what it is: never taken for an empty one. */
export function unreadable(code: "E401" | "E402" | "E403", path: string, why: string, hint: string): RecordError {
  return new RecordError(code, `cannot read ${path}: ${why}`, { hint });
}

export function ledgerHint(backup: string): string {
  return `the one before it is ${backup}; or run rollcall ${REBUILD}, which makes it anew from marks, lock file and equal files`;
}

export const LOCK_FILE_HINT =
  `take it from version control (after a merge: settle the conflict), or run rollcall ${REBUILD}, ` +
  "which makes it anew from files that are as desired";

function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

export function isDigests(value: unknown): value is Record<string, string> {
  return isJsonObject(value) && Object.values(value).every(isDigest);
}

/** What was observed need be no digest: a session that was renamed is `name:…`. */
export function isTexts(value: unknown): value is Record<string, string> {
  return isJsonObject(value) && Object.values(value).every((one) => typeof one === "string");
}

/** Checks one stored record; a sentence about what is wrong with it, or the record. */
export function checkEntry(value: Json): RecordEntry | string {
  if (!isJsonObject(value)) return "it is not an object";
  const { parts, at, facts, protect } = value;
  if (parts !== undefined && !isDigests(parts)) return "its parts are not digests";
  if (at !== undefined && typeof at !== "string") return "`at` is not a text";
  if (parts !== undefined && at === undefined) return "`at` is missing";
  if (facts !== undefined && !isJsonObject(facts)) return "its facts are not an object";
  if (protect !== undefined && protect !== true) return "`protect` is not true";
  return {
    ...(parts === undefined ? {} : { parts }),
    ...(at === undefined ? {} : { at }),
    ...(facts === undefined ? {} : { facts }),
    ...(protect === undefined ? {} : { protect }),
  };
}

/** Checks what stands above the records of a ledger; a sentence about what is wrong, or the head. */
export function checkHead(value: JsonObject): LedgerHead | string {
  const { version: _, lineage, serial, root, path, variables, holds, lastGood, resources: __, ...more } = value;
  if (typeof lineage !== "string" || lineage === "") return "it has no lineage";
  if (typeof serial !== "number" || !Number.isSafeInteger(serial) || serial < 0) return "its serial is not a number";
  if (typeof root !== "string" || root === "") return "it names no root";
  if (!isTexts(variables)) return "its variables are not texts";
  if (!isHolds(holds)) return "its holds are not what they should be";
  if (lastGood !== undefined && !isLastGood(lastGood)) return "its last good spec is not what it should be";
  const kept = lastGood === undefined ? {} : { lastGood };
  const unknown = Object.keys(more).length > 0 ? { more } : {};
  const head = { lineage, serial, root, variables, holds, ...kept, ...unknown };
  if (path === undefined || path === null) return head;
  const recorded = checkPath(path);
  return recorded === null ? "its path is not what it should be" : { ...head, path: recorded };
}

function checkPath(value: Json): RecordedPath | null {
  if (!isJsonObject(value)) return null;
  const { value: text, from } = value;
  if (typeof text !== "string" || (from !== "terminal" && from !== "other")) return null;
  return { value: text, from };
}

function isLastGood(value: Json): value is Json & LastGood {
  return isJsonObject(value) && isTexts(value) && ["version", "digest", "fleet"].every((name) => name in value);
}

function isHolds(value: unknown): value is Record<string, Hold> {
  if (!isJsonObject(value)) return false;
  return Object.values(value).every(
    (hold) =>
      isJsonObject(hold) && ["reason", "since", "by"].every((name) => typeof hold[name as keyof Hold] === "string"),
  );
}
