// The shape of a run's document, checked when one is read back: people and disks change files.
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { RunRecord } from "./runs.ts";
import { isDigests, isTexts, RECORD_VERSION } from "./schema.ts";

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
    version === RECORD_VERSION &&
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
    isListOf(moves, ({ from, to }) => isText(from) && isText(to)) &&
    isListOf(folders, ({ path, mode }) => isText(path) && (mode === null || isNumber(mode))) &&
    isListOf(records, ({ address, record = 0 }) => isText(address) && (record === null || isRecord(record)))
  );
}

function isRecord(record: Json): boolean {
  if (!isJsonObject(record)) return false;
  const { parts, portable, at, facts = {}, protect = true } = record;
  return isDigests(parts) && typeof portable === "boolean" && isText(at) && isJsonObject(facts) && protect === true;
}

function isOutcome({ address, action, result, corrective, error }: JsonObject): boolean {
  return [address, action, result].every(isText) && typeof corrective === "boolean" && isFailure(error);
}

function isFailure(error: Json | undefined): boolean {
  if (error === undefined) return true;
  if (!isJsonObject(error)) return false;
  const { code, message, hint } = error;
  return isText(code) && isText(message) && (hint === undefined || isText(hint));
}

function isIntent({ address, action, at, before, after }: JsonObject): boolean {
  return [address, action, at].every(isText) && isTexts(before) && isDigests(after);
}

function isFile({ path, modeBefore, mtimeBefore = 0, image, after }: JsonObject): boolean {
  const numbers = (modeBefore === null || isNumber(modeBefore)) && isNumber(mtimeBefore);
  return isText(path) && numbers && isTextOrNull(image) && isTextOrNull(after);
}
