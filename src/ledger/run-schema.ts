// A run's document, and the check of its shape when one is read back: people and disks change files.

import type { Address } from "../model/address.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import type { Recorded } from "../model/resource.ts";
import type { Intent } from "./journal.ts";
import { isDigests, isTexts, RUN_VERSION } from "./schema.ts";

/** One file a run changed (host's FileChange). */
export interface RunFile {
  readonly path: string;
  readonly modeBefore: number | null;
  readonly mtimeBefore?: number;
  readonly image: string | null;
  readonly after: string | null;
}

/** What is kept of a run. */
export interface RunRecord {
  readonly version: typeof RUN_VERSION;
  readonly id: string;
  readonly command: string;
  /** ISO times, for people: order is by id. */
  readonly started: string;
  /** null: it was killed; the next run wrote this from its journal. */
  readonly ended: string | null;
  readonly serial: { readonly before: number; readonly after: number };
  readonly converged: boolean;
  readonly outcomes: readonly Outcome[];
  /** What it set out to do, with part digests before and after. */
  readonly intents: readonly Intent[];
  /** The files it changed, in order, with their before-images. */
  readonly files: readonly RunFile[];
  /** Folders it moved, in order. */
  readonly moves?: readonly RunMove[];
  /** Folders it made (`mode` null) or took away because they were empty, in order. */
  readonly folders?: readonly { readonly path: string; readonly mode: number | null }[];
  /** What was recorded before it, of all it recorded anew; null: nothing. */
  readonly records?: readonly { readonly address: Address; readonly record: Recorded | null }[];
  /** What was left to do when it ended, without contents; not there when it was killed. */
  readonly remaining?: Plan;
}

/** Something it moved as it was (host's FolderMove). */
export interface RunMove {
  readonly from: string;
  readonly to: string;
  /** Of a folder kept as a before-image: the modes its files had, paths relative to it. */
  readonly modes?: readonly { readonly path: string; readonly mode: number }[];
}

const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isNumber = (value: unknown): boolean => typeof value === "number";

function isListOf(value: unknown, isOne: (one: JsonObject) => boolean): boolean {
  return Array.isArray(value) && value.every((one: Json) => isJsonObject(one) && isOne(one));
}

/** True when everything that is ever asked of a run's document is there and of its kind. */
export function isRun(value: unknown): value is RunRecord {
  if (!isJsonObject(value)) return false;
  const { version, id, command, started, ended, serial, converged, outcomes, intents, files, remaining } = value;
  return (
    version === RUN_VERSION &&
    [id, command, started].every(isText) &&
    isTextOrNull(ended) &&
    isJsonObject(serial) &&
    [serial["before"], serial["after"]].every(isNumber) &&
    typeof converged === "boolean" &&
    isListOf(outcomes, isOutcome) &&
    isListOf(intents, isIntent) &&
    isListOf(files, isFile) &&
    hasTrail(value) &&
    (remaining === undefined || isJsonObject(remaining))
  );
}

/** What undo needs beyond the files. */
function hasTrail({ moves = [], folders = [], records = [] }: JsonObject): boolean {
  return (
    isListOf(moves, ({ from, to, modes = [] }) => isText(from) && isText(to) && isListOf(modes, isMode)) &&
    isListOf(folders, ({ path, mode }) => isText(path) && (mode === null || isNumber(mode))) &&
    isListOf(records, ({ address, record = 0 }) => isText(address) && (record === null || isRecord(record)))
  );
}

const isMode = ({ path, mode }: JsonObject): boolean => isText(path) && isNumber(mode);

function isRecord(record: Json): boolean {
  if (!isJsonObject(record)) return false;
  const { parts, portable, at, facts = {}, protect = true } = record;
  return isDigests(parts) && typeof portable === "boolean" && isText(at) && isJsonObject(facts) && protect === true;
}

function isOutcome({ address, action, result, corrective, error, widens = [] }: JsonObject): boolean {
  const plain = [address, action, result].every(isText) && typeof corrective === "boolean" && isFailure(error);
  return plain && Array.isArray(widens) && widens.every(isText);
}

function isFailure(error: Json | undefined): boolean {
  if (error === undefined) return true;
  if (!isJsonObject(error)) return false;
  const { code, message, hint, output = [] } = error;
  const isOutput = Array.isArray(output) && output.every(isText);
  return isText(code) && isText(message) && (hint === undefined || isText(hint)) && isOutput;
}

function isIntent({ address, action, at, before, after }: JsonObject): boolean {
  return [address, action, at].every(isText) && isTexts(before) && isDigests(after);
}

function isFile({ path, modeBefore, mtimeBefore = 0, image, after }: JsonObject): boolean {
  const numbers = (modeBefore === null || isNumber(modeBefore)) && isNumber(mtimeBefore);
  return isText(path) && numbers && isTextOrNull(image) && isTextOrNull(after);
}
