// agents/rollcall.lock.json: what was last applied to the portable files. Committed; no clock and no machine in it.
import { isTooDeep } from "../delta/depth.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Line } from "./line-format.ts";
import { lineFrom, type MakeError, type ParsedFile, readLines, writeLines } from "./line-format.ts";
import { LOCK_FILE_HINT, LOCK_FILE_VERSION, unreadable } from "./schema.ts";

/** The records of a lock file's text. Throws E401 (broken) or E402 (newer than this Rollcall). */
export function readLockFile(path: string, content: Buffer): Map<string, Line> {
  const broken: MakeError = (why) => unreadable("E401", path, why, LOCK_FILE_HINT);
  const text = decode(content, broken);
  const parsed = readLines(text, broken);
  return known(typeof parsed === "string" ? reread(text, parsed, path, broken) : fromLines(parsed, path, broken));
}

/** What all agents share, by its address. */
const SHARED_HOOKS: ReadonlySet<string> = new Set(["hook/-/guard"]);

/** Shared parts of hooks that another Rollcall knows are forgotten: their files are its own to keep or to remove. */
function known(lines: Map<string, Line>): Map<string, Line> {
  for (const address of lines.keys())
    if (address.startsWith("hook/-/") && !SHARED_HOOKS.has(address)) lines.delete(address);
  return lines;
}

function fromLines(parsed: ParsedFile, path: string, broken: MakeError): Map<string, Line> {
  const version = /^ {2}"version": (\d+),\n$/.exec(parsed.head)?.[1];
  if (version === undefined || parsed.foot !== "") throw broken("it does not have the layout Rollcall writes");
  checkVersion(Number(version), path, broken);
  return parsed.lines;
}

/** A formatter may have laid the file out anew: still JSON, so it is read as that. */
function reread(text: string, problem: string, path: string, broken: MakeError): Map<string, Line> {
  if (isTooDeep(text)) throw broken("it is nested deeper than any record");
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw broken(problem);
  }
  if (!isJsonObject(value)) throw broken(problem);
  checkVersion(value["version"], path, broken);
  const { resources } = value;
  if (!isJsonObject(resources)) throw broken("it has no resources");
  return new Map(Object.entries(resources).map(([key, one]) => [key, lineFrom(key, JSON.stringify(one), broken)]));
}

function checkVersion(version: unknown, path: string, broken: MakeError): void {
  if (version === LOCK_FILE_VERSION) return;
  if (typeof version === "number" && version > LOCK_FILE_VERSION)
    throw newer(path, { version, known: LOCK_FILE_VERSION });
  throw broken("it names no version that was ever written");
}

/** A record file in a newer format: never read half. */
export function newer(path: string, { version, known }: { readonly version: number; readonly known: number }): Error {
  const why = `it has the newer format ${version}, this Rollcall knows up to ${known}`;
  return unreadable("E402", path, why, "use the Rollcall that wrote it, or a newer one");
}

export function writeLockFile(lines: ReadonlyMap<string, Line>): string {
  return writeLines([`  "version": ${LOCK_FILE_VERSION},`], lines, []);
}

/** UTF-8 or an error; the line ends of a checkout on Windows are no difference. */
export function decode(content: Buffer, broken: MakeError): string {
  if (content.length === 0) throw broken("it is empty");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw broken("it is not UTF-8");
  }
  return text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
}
