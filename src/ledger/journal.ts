// The journal of a run: what it is about to do, on disk before it does it. One JSON line per fact, append-only.
import { type Address, parseAddress } from "../model/address.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Step } from "../model/plan.ts";
import type { FileReader, RecordFolder } from "../model/world.ts";
import { isDigests, isTexts, RUN_VERSION, unreadable } from "./schema.ts";

/** The folder of journals in the state folder; one file per run that has not ended. */
export const JOURNALS = "journal";

/** What a run is about to do with one address: part digests before and after, for the parts it will write. */
export interface Intent {
  readonly address: Address;
  readonly action: string;
  /** The file, relative to the agents folder, or the session's name. */
  readonly at: string;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

/** A second name made beside a file before it was replaced (host/images.ts). */
export interface JournalledImage {
  /** The file, absolute. */
  readonly path: string;
  readonly name: string;
  readonly run: string;
  readonly dev: number;
  readonly ino: number;
  readonly digest?: string;
  readonly mode?: number;
}

/** A file that no intent names, said before it is written. */
export interface Touched {
  readonly path: string;
  /** Was it there before? */
  readonly there: boolean;
}

/** A folder that was to be moved. `to` null: to the before-images. */
export interface JournalledMove {
  readonly from: string;
  readonly to: string | null;
}

/** A run whose journal is still there: it is going on, or was killed. */
export interface UnfinishedRun {
  readonly id: string;
  readonly command: string;
  /** ISO time. */
  readonly started: string;
  readonly intents: readonly Intent[];
  /** Facts noted before they became true: the last per address. */
  readonly notes: ReadonlyMap<Address, JsonObject>;
  readonly images: readonly JournalledImage[];
  readonly touched: readonly Touched[];
  readonly moves: readonly JournalledMove[];
}

export interface JournalHead {
  readonly run: string;
  readonly command: string;
  readonly started: string;
}

/** Opens the journal of a run: its head and all intents in one flush. */
export function beginJournal(state: RecordFolder, head: JournalHead, intents: readonly Intent[]): void {
  const lines: JsonObject[] = [{ journal: RUN_VERSION, ...head }, ...intents.map((intent) => ({ ...intent }))];
  state.append(journalName(head.run), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/** Adds one fact; on disk when it returns. */
export function journalNote(state: RecordFolder, run: string, note: Address, facts: JsonObject): void {
  state.append(journalName(run), `${JSON.stringify({ note, facts })}\n`);
}

/** Adds a file or a move that no intent tells of; on disk when it returns. */
export function journalChange(
  state: RecordFolder,
  run: string,
  change: { touch: Touched } | { move: JournalledMove },
): void {
  state.append(journalName(run), `${JSON.stringify(change)}\n`);
}

/** Adds a before-image; several at the same time share one flush. */
export function journalImage(state: RecordFolder, image: JournalledImage): Promise<void> {
  return state.appendTogether(journalName(image.run), `${JSON.stringify({ image })}\n`);
}

export function journalName(run: string): string {
  return `${JOURNALS}/${run}.jsonl`;
}

/** What a step is going to do, as the journal says it. */
export function intentOf({ action, want, have, record, write, drop }: Step): Intent {
  const touched = [...write, ...drop];
  const pick = (parts: Readonly<Record<string, { readonly digest: string }>> | undefined, paths: readonly string[]) =>
    Object.fromEntries(paths.flatMap((path) => (parts?.[path] ? [[path, parts[path].digest]] : [])));
  const after = want ? pick(want.parts, write.length > 0 ? write : Object.keys(want.parts)) : {};
  const at = want?.at ?? record?.at ?? parseAddress(action.address)?.name ?? "";
  return { address: action.address, action: action.action, at, before: pick(have?.parts, touched), after };
}

/** All journals in the state folder, oldest run first. A last line that was cut short by a kill is left out. */
export function readJournals(files: FileReader, state: string): UnfinishedRun[] {
  const names = files.list(`${state}/${JOURNALS}`) ?? [];
  return names.flatMap(({ name }) =>
    name.endsWith(".jsonl") ? readJournal(files, `${state}/${JOURNALS}/${name}`) : [],
  );
}

function readJournal(files: FileReader, path: string): UnfinishedRun[] {
  const found = files.read(path, { limit: 512 * 1024 * 1024 });
  if (found.state === "absent") return [];
  if (found.state === "refused") throw broken(path, found.message);
  const lines = parseLines(path, found.bytes.toString("utf8"));
  const [head, ...rest] = lines;
  // Killed while the head was being written: nothing had been done yet, but the journal is there and has to go.
  if (head === undefined) {
    const id = path.slice(path.lastIndexOf("/") + 1, -".jsonl".length);
    return [{ id, command: "", started: "", ...sortLines([]) }];
  }
  const { journal, run, command, started } = head;
  if (typeof journal === "number" && journal > RUN_VERSION) {
    throw unreadable("E402", path, `it has format ${journal}`, "use the Rollcall that wrote it, or a newer one");
  }
  if (typeof run !== "string" || typeof command !== "string" || typeof started !== "string") {
    throw broken(path, "it does not begin with a run");
  }
  return [{ id: run, command, started, ...sortLines(rest) }];
}

/** Every line but the last must be whole: they were flushed before the next was written. */
function parseLines(path: string, text: string): JsonObject[] {
  const lines = text.split("\n");
  const torn = lines.pop() ?? "";
  const parsed = lines.filter((line) => line !== "").map((line) => parseLine(line));
  const bad = parsed.indexOf(null);
  if (bad >= 0 && bad < parsed.length - 1) throw broken(path, `line ${bad + 1} is not JSON`);
  const last = torn === "" ? null : parseLine(torn);
  return [...parsed, last].flatMap((line) => (line === null ? [] : [line]));
}

function parseLine(line: string): JsonObject | null {
  try {
    const value: Json = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

type JournalledChanges = Omit<UnfinishedRun, "id" | "command" | "started">;

function sortLines(lines: readonly JsonObject[]): JournalledChanges {
  const intents: Intent[] = [];
  const notes = new Map<Address, JsonObject>();
  const images: JournalledImage[] = [];
  const touched: Touched[] = [];
  const moves: JournalledMove[] = [];
  for (const line of lines) {
    const { note, facts, image, touch, move } = line;
    if (typeof note === "string" && isJsonObject(facts)) notes.set(note, facts);
    else if (isJsonObject(image)) images.push(...asImage(image));
    else if (isJsonObject(touch)) touched.push(...asTouched(touch));
    else if (isJsonObject(move)) moves.push(...asMove(move));
    else intents.push(...asIntent(line));
  }
  return { intents, notes, images, touched, moves };
}

function asTouched({ path, there }: JsonObject): Touched[] {
  return typeof path === "string" && typeof there === "boolean" ? [{ path, there }] : [];
}

function asMove({ from, to }: JsonObject): JournalledMove[] {
  return typeof from === "string" && (typeof to === "string" || to === null) ? [{ from, to }] : [];
}

function asIntent({ address, action, at, before, after }: JsonObject): Intent[] {
  if (typeof address !== "string" || typeof action !== "string" || typeof at !== "string") return [];
  return isTexts(before) && isDigests(after) ? [{ address, action, at, before, after }] : [];
}

function asImage({ path, name, run, dev, ino, digest, mode }: JsonObject): JournalledImage[] {
  if (typeof path !== "string" || typeof name !== "string" || typeof run !== "string") return [];
  if (typeof dev !== "number" || typeof ino !== "number") return [];
  const more = { ...(typeof digest === "string" ? { digest } : {}), ...(typeof mode === "number" ? { mode } : {}) };
  return [{ path, name, run, dev, ino, ...more }];
}

function broken(path: string, why: string): Error {
  return unreadable("E403", path, why, "look at the files it names, then remove it: what is right is recorded again");
}
