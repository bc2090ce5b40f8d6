// state/ledger.json: this machine's memory. Proven by a digest over its text; older formats are upgraded when read.
import { digestBytes } from "../delta/digest.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { type Line, lineOf, type MakeError, readLines, writeLines } from "./line-format.ts";
import { decode, newer } from "./lock-file.ts";
import { checkEntry, checkHead, LEDGER_VERSION, type LedgerHead, ledgerHint, unreadable } from "./schema.ts";

export interface Ledger {
  readonly head: LedgerHead;
  /** By address; a session's key has `@<socket>` behind it. */
  readonly lines: Map<string, Line>;
  /** It was written in an older format and is to be written again. */
  readonly upgraded: boolean;
}

const DIGEST_LINE = /\n {2}"digest": "([0-9a-f]{32})"\n}\n$/;

/** Reads a ledger's text. Throws E401 (broken, cut short, wrong digest) or E402 (newer than this Rollcall). */
export function readLedger(path: string, content: Buffer, backup: string): Ledger {
  const broken: MakeError = (why) => unreadable("E401", path, why, ledgerHint(backup));
  const text = decode(content, broken);
  const named = Number(/^\{\s*"version":\s*(\d+)/.exec(text)?.[1] ?? Number.NaN);
  if (named > LEDGER_VERSION) throw newer(path, { version: named, known: LEDGER_VERSION });
  const digest = DIGEST_LINE.exec(text.slice(-100));
  if (digest === null) return readOlder(text, path, broken);
  const proven = text.slice(0, Math.max(0, text.length - 100) + digest.index + 1);
  if (digestBytes(proven) !== digest[1]) throw broken("its digest is wrong: it was changed by something else");
  const parsed = readLines(text, broken);
  if (typeof parsed === "string") throw broken(parsed);
  const value = parseObject(`{${parsed.head.replace(/,\n$/, "")}}`);
  if (value === null) throw broken("its head is not JSON");
  const version = value["version"];
  if (typeof version !== "number" || !(version >= FIRST_WITH_DIGEST && version <= LEDGER_VERSION))
    throw broken("it names no version that was ever written");
  // The records themselves are laid out alike since then: they need not be parsed to be upgraded.
  const head = checkHead(upgraded(value, broken));
  if (typeof head === "string") throw broken(head);
  return { head, lines: parsed.lines, upgraded: version < LEDGER_VERSION };
}

/** The text of a ledger; its last line proves all above it. */
export function writeLedger(head: LedgerHead, lines: ReadonlyMap<string, Line>): string {
  const { lineage, serial, root, path, variables, holds, lastGood, more } = head;
  const kept = { ...(lastGood === undefined ? {} : { lastGood }), ...more };
  const above = { version: LEDGER_VERSION, lineage, serial, root, path: path ?? null, variables, holds, ...kept };
  const headLines = Object.entries(above).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`,
  );
  const open = writeLines(headLines, lines, [`  "digest": "${"0".repeat(32)}"`]);
  const proven = open.slice(0, open.lastIndexOf('  "digest": "'));
  return `${proven}  "digest": "${digestBytes(proven)}"\n}\n`;
}

type Upgrade = (old: JsonObject) => JsonObject | string;

/** Ledgers of older formats end without a digest of themselves. */
const FIRST_WITH_DIGEST = 1;

/**
 * From each old format to the one after it. Format 0 had all records in one object, marked as portable or not, no
 * digest, and one unnamed socket: its sessions are left out, their marks tell of them. Format 1 was 0.1's: its records of
 * sessions hold fingerprints of 0.1, which the marks of these sessions still bear; they are recorded anew one by one.
 */
const UPGRADES: Readonly<Record<number, Upgrade>> = {
  0: (old) => {
    const { lineage, serial, root, holds, records } = old;
    if (!isJsonObject(records)) return "it has no records";
    const local = Object.entries(records).filter(([key, one]) => !key.startsWith("session/") && isLocal(one));
    const resources = Object.fromEntries(local);
    const head = { lineage: lineage ?? "", serial: serial ?? 0, root: root ?? "" };
    return { ...head, version: 1, variables: {}, holds: holds ?? {}, resources };
  },
  1: (old) => ({ ...old, version: 2 }),
};

function isLocal(record: Json): boolean {
  return isJsonObject(record) && record["portable"] !== true;
}

function readOlder(text: string, path: string, broken: MakeError): Ledger {
  const value = parseObject(text);
  if (value === null) throw broken("it is cut short or not JSON");
  const version = value["version"];
  if (typeof version !== "number") throw broken("it names no version");
  if (version > LEDGER_VERSION) throw newer(path, { version, known: LEDGER_VERSION });
  if (version >= FIRST_WITH_DIGEST) throw broken("it is cut short: the digest at its end is missing");
  return fromObject(upgraded(value, broken), broken);
}

/** The head or the whole of a ledger in the present format. */
function upgraded(old: JsonObject, broken: MakeError): JsonObject {
  let value = old;
  for (let version = Number(old["version"]); version < LEDGER_VERSION; version++) {
    const next: JsonObject | string = UPGRADES[version]?.(value) ?? "it names no version that was ever written";
    if (typeof next === "string") throw broken(next);
    value = next;
  }
  return value;
}

function fromObject(value: JsonObject, broken: MakeError): Ledger {
  const head = checkHead(value);
  if (typeof head === "string") throw broken(head);
  const { resources } = value;
  const lines = new Map<string, Line>();
  for (const [key, one] of Object.entries(isJsonObject(resources) ? resources : {})) {
    const entry = checkEntry(one);
    if (typeof entry === "string") throw broken(`the record of ${key} is broken: ${entry}`);
    lines.set(key, lineOf(entry));
  }
  return { head, lines, upgraded: true };
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
