// What lies in a project, file by file, and what may be said against it: torn, foreign, lost, left over, not undoable.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Path → what is in the file and its mode. Without `state/`, and without files of a run in the middle. */
export type Picture = Readonly<Record<string, { readonly text: string; readonly mode: number }>>;

const LOCK_FILE = "agents/rollcall.lock.json";
const LEDGER = "state/ledger.json";
/** A folder with nothing in it, as it stands in a picture. */
const EMPTY = { text: "", mode: 0 };
const isTemporary = (path: string): boolean => /\.rollcall-[^/]*$/.test(path);

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

export function pictureOf(root: string): Picture {
  const paths = filesBelow(root).filter((path) => !path.startsWith("state/") && !isTemporary(path));
  const files = paths.map((path) => {
    const place = join(root, path);
    return [path, { text: readFileSync(place, "latin1"), mode: statSync(place).mode & 0o7777 }] as const;
  });
  return Object.fromEntries([...files, ...emptyFolders(root).map((path) => [`${path}/`, EMPTY] as const)]);
}

function emptyFolders(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => path.startsWith("agents/") && readdirSync(join(root, path)).length === 0);
}

/** Files that are in none of the versions as they lie there, or are not there although all versions have them. */
export function differences(root: string, versions: readonly Picture[]): string[] {
  const now = pictureOf(root);
  const strange = Object.entries(now).flatMap(([path, { text, mode }]) => {
    // Between the versions it holds some of both.
    if (path === LOCK_FILE && versions.length > 1) return isJson(text) ? [] : [`${path} is torn`];
    // Just made, or just emptied.
    if (path.endsWith("/") && versions.length > 1) return [];
    const known = versions.flatMap((one) => one[path] ?? []);
    if (known.length === 0) return [`${path} should not be there`];
    if (!known.some((one) => one.text === text)) return [`${path} is neither of its versions`];
    return known.some((one) => one.mode === mode) ? [] : [`${path} has the mode ${mode.toString(8)}`];
  });
  const [first = {}] = versions;
  const gone = Object.keys(first).filter((path) => versions.every((one) => one[path]) && !now[path]);
  return [...strange, ...gone.map((path) => `${path} is not there`), ...brokenLedger(root)];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function brokenLedger(root: string): string[] {
  return isJson(readFileSync(join(root, LEDGER), "utf8")) ? [] : [`${LEDGER} is torn`];
}

const digest = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex");

/** What lay there before and is nowhere any more: not in its place, not in the archive, not among the before-images. */
export function lost(root: string, old: Picture): string[] {
  const all = new Set(filesBelow(root).map((path) => digest(readFileSync(join(root, path), "latin1"))));
  return Object.entries(old)
    .filter(([path, { text }]) => path !== LOCK_FILE && !path.endsWith("/") && !all.has(digest(text)))
    .map(([path]) => `what was in ${path} is lost`);
}

/** What only a run in the middle of its work may have; and before-images that others may read. */
export function strays(root: string): string[] {
  return filesBelow(root).filter((path) => {
    if (!path.startsWith("state/before/"))
      return isTemporary(path) || /^state\/(lock|lock\..*|journal\/.*)$/.test(path);
    // A folder that was kept whole has its modes; the folders above it are the owner's alone.
    const isWhole = path.split("/").slice(3, 5).join("/") === "agents/junk";
    return !isWhole && (statSync(join(root, path)).mode & 0o077) !== 0;
  });
}

interface RunFile {
  readonly path: string;
  readonly image: string | null;
}

/** Changed files that no run's document tells of, or whose before-image it does not name: they could not be undone. */
export function archived(root: string, { old, fresh }: { readonly old: Picture; readonly fresh: Picture }): string[] {
  const folder = join(root, "state/runs");
  const runs = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
  const files: RunFile[] = runs.flatMap((run) => run.files);
  const moved: string[] = runs.flatMap((run) => run.moves ?? []).map(({ from }: { from: string }) => `${from}/`);
  const changed = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter(
    (path) =>
      old[path]?.text !== fresh[path]?.text &&
      !/^(desired|agents\/archive\/.*\/planning|agents\/rollcall)|\/$/.test(path),
  );
  return changed.flatMap((path) => {
    const place = join(root, path);
    if (moved.some((from) => place.startsWith(from))) return [];
    const told = files.filter((one) => one.path === place);
    if (told.length === 0) return [`no run tells of ${path}`];
    const before = old[path]?.text;
    const isKept = told.some(({ image }) => image !== null && isThere(image, before));
    return before === undefined || isKept ? [] : [`no run has the before-image of ${path}`];
  });
}

function isThere(image: string, text: string | undefined): boolean {
  return existsSync(image) && readFileSync(image, "latin1") === text;
}
