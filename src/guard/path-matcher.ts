// The fence: tells whether a path, or a word that may become a path, leads to a place where the agent may not write.
import { basename, relative } from "node:path";
import { placesOfMachine } from "./machine.ts";
import { ANY, absolute, isWild, normalize, patternsIntersect, STAR, throughProc } from "./pattern.ts";
import { type ClosedPlace, Denied, type Disk, type GuardPolicy } from "./policy.ts";
import { type DeniedPath, type Form, isFree, makeDeniedPath } from "./zones.ts";

/** Folders whose contents are made by machines; they are not searched for single files. */
const GENERATED_FOLDERS = /^(node_modules|\.git|dist|build|coverage|target|__pycache__|\.venv|venv|\.cache|\.next)\/$/;
const WALK_LIMIT = 4000;
/** Longer ones the kernel does not take. */
const MAX_PATH = 8192;
/** The core of a shape that is the whole project: whatever is made of a text is in it. */
const HERE = ".";

export interface PathPolicy {
  readonly root: string;
  readonly disk: Disk;
  /**
   * The place a word leads to, null when it leads to none. `tree`: the word's whole contents are touched as well
   * (removal, move). `wide: false` leaves out what lies below by wildcard only.
   */
  touch(word: string, cwd: string, tree?: boolean): ClosedPlace | null;
  /** The place that a piece of text with unknown use names. */
  names(text: string, cwd: string): ClosedPlace | null;
  /** The place a word of unknown value may lead to when it is made of these texts (null: of anything). */
  tainted(word: string, cwd: string, texts: readonly string[] | null): ClosedPlace | null;
  /** One forbidden path among all that lies below a folder and is called so (null: whatever it is called). */
  search(folder: string, cwd: string, name: string | null): string | null;
  /** All names below a folder, relative to it, as far as it is worth looking. */
  walk(folder: string): readonly string[];
}

/** Every name a path goes by while its links are followed, from the letter to the real one. */
function aliases(disk: Disk, path: string): string[] {
  if (path.length > MAX_PATH) throw new Denied(`a path of more than ${MAX_PATH} characters`);
  const out = [normalize(path)];
  let done = "";
  let rest = path.split("/").reverse();
  let links = 0;
  for (let segment = rest.pop(); segment !== undefined; segment = rest.pop()) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") {
      done = done.slice(0, Math.max(0, done.lastIndexOf("/")));
      continue;
    }
    const next = `${done}/${segment}`;
    const target = disk.link(next);
    if (target === null) {
      done = next;
      continue;
    }
    links += 1;
    if (links > 40) throw new Denied(`too many links in ${path}`);
    out.push(normalize([next, ...rest.toReversed()].join("/")));
    if (target.startsWith("/")) done = "";
    rest = [...rest, ...target.split("/").reverse()];
  }
  out.push(done === "" ? "/" : done);
  return [...new Set(out)];
}

function below(disk: Disk, folder: string): string[] {
  const found: string[] = [];
  const open = [""];
  for (let at = open.shift(); at !== undefined && found.length < WALK_LIMIT; at = open.shift()) {
    for (const name of disk.list(`${folder}/${at}`) ?? []) {
      found.push(at + name.replace(/\/$/, ""));
      if (name.endsWith("/") && !GENERATED_FOLDERS.test(name)) open.push(at + name);
    }
  }
  return found;
}

/** What a pattern with wildcards finds on the disk. */
function expand(disk: Disk, pattern: string): string[] {
  let found = [""];
  for (const segment of pattern.split("/").slice(1)) {
    if (!isWild(segment)) found = found.map((path) => `${path}/${segment}`);
    else
      found = found.flatMap((path) =>
        (disk.list(path === "" ? "/" : path) ?? [])
          .map((name) => name.replace(/\/$/, ""))
          .filter((name) => patternsIntersect(segment, name))
          .map((name) => `${path}/${name}`),
      );
    if (found.length > 500) return found.slice(0, 500);
  }
  return found;
}

/** Whether the known letters of a pattern give the place away. */
function mayReach(pattern: string, form: Form): boolean {
  return pattern.split("/").some((segment) => {
    const letters = segment.replace(/[\u0001-\u0003]/g, "");
    if (form.anchored)
      return letters.length > Math.min(1, form.core.length - 1) && patternsIntersect(segment, form.core);
    return form.core !== "" && letters.includes(form.core);
  });
}

/** All that the questions below are answered from. */
interface Land {
  readonly root: string;
  readonly disk: Disk;
  readonly zones: readonly DeniedPath[];
}

function firstPlace({ zones }: Land, test: (zone: DeniedPath) => boolean): ClosedPlace | null {
  return zones.find(test)?.place ?? null;
}

/** Whatever lies below. */
function under(pattern: string): string {
  return pattern === "/" ? `/${ANY}` : `${pattern}/${ANY}`;
}

/** A path that is wholly known. */
function exact(land: Land, path: string, tree: boolean): ClosedPlace | null {
  const { disk, root } = land;
  // Programs take `..` by the letter or through the link: both are looked at.
  const plain = normalize(path);
  const all = plain === path ? aliases(disk, path) : [...aliases(disk, plain), ...aliases(disk, path)];
  const holds = (zone: DeniedPath, name: string): boolean =>
    zone.re.test(relative(root, name)) ||
    (tree &&
      zone.forms.some((form) => form.anchored && patternsIntersect(under(name), form.pattern) && !isFree(form, name)));
  const direct = firstPlace(land, (zone) => all.some((name) => holds(zone, name)));
  return direct !== null || !tree ? direct : looseBelow(land, all.at(-1) ?? path);
}

/** Single files below a folder that a glob without a folder of its own forbids. */
function looseBelow(land: Land, folder: string): ClosedPlace | null {
  const { disk, root, zones } = land;
  const loose = zones.filter((zone) => zone.forms.some((form) => !form.anchored));
  if (loose.length === 0 || GENERATED_FOLDERS.test(`${basename(folder)}/`) || disk.kind(folder) !== "folder")
    return null;
  const names = below(disk, folder).map((name) => relative(root, `${folder}/${name}`));
  return firstPlace({ ...land, zones: loose }, (zone) => names.some((name) => zone.re.test(name)));
}

/** A word with wildcards, or with parts that only the shell knows. */
function wild(land: Land, pattern: string, tree: boolean): ClosedPlace | null {
  const reach = tree ? [pattern, under(pattern)] : [pattern];
  const unknown = pattern.includes(ANY);
  const reaches = (form: Form): boolean =>
    (unknown ? mayReach(pattern, form) : form.anchored) &&
    reach.some((one) => patternsIntersect(one, form.pattern)) &&
    !isFree(form, pattern);
  const hit = firstPlace(land, (zone) => zone.forms.some(reaches));
  if (hit !== null) return hit;
  if (unknown) return around(land, pattern);
  for (const path of expand(land.disk, pattern)) {
    const place = exact(land, path, tree);
    if (place !== null) return place;
  }
  return null;
}

/** The place that holds the folder a pattern is known to be in, whatever its unknown end. */
function around(land: Land, pattern: string): ClosedPlace | null {
  const known = pattern.slice(0, pattern.search(/[\u0001-\u0003]/));
  const folder = known.slice(0, Math.max(0, known.lastIndexOf("/")));
  return folder === "" ? null : exact(land, folder, false);
}

function touch(land: Land, word: string, cwd: string, tree: boolean): ClosedPlace | null {
  if (word === "") return null;
  const plain = throughProc(word, cwd);
  const path = absolute(plain, cwd);
  if (isWild(path)) return wild(land, path, tree);
  return exact(land, plain.startsWith("/") ? plain : `${cwd}/${plain}`, tree);
}

function tainted(land: Land, word: string, cwd: string, texts: readonly string[] | null): ClosedPlace | null {
  const path = absolute(word, cwd);
  return firstPlace(land, (zone) =>
    zone.forms.some(
      (form) =>
        (patternsIntersect(path, form.pattern) || patternsIntersect(under(path), form.pattern)) &&
        !isFree(form, path) &&
        (texts === null || texts.some((text) => leadsInto(land, text, cwd, { zone, form }))),
    ),
  );
}

/** Whether a value made of this text may lead to the place: it holds its name, or is a way there. */
function leadsInto(
  land: Land,
  text: string,
  cwd: string,
  { zone, form }: { readonly zone: DeniedPath; readonly form: Form },
): boolean {
  // A text that was cut or changed on the way bears this mark in front.
  if (text.startsWith(ANY))
    return form.core === HERE || (form.core !== "" && text.toLowerCase().includes(form.core.toLowerCase()));
  if (zone.place.own === "spec")
    return pathsAround(text, form.core).some((one) => touch(land, one, cwd, false) === zone.place);
  if (mentions(text, form)) return true;
  if (/\s/.test(text) || text.length > MAX_PATH || text.startsWith("-")) return false;
  return isWild(text)
    ? form.anchored && patternsIntersect(absolute(text, cwd), form.pattern)
    : touch(land, text, cwd, false) === zone.place;
}

function names(land: Land, text: string, cwd: string): ClosedPlace | null {
  const named = firstPlace(
    land,
    (zone) =>
      zone.place.own !== "record" &&
      zone.place.own !== "spec" &&
      zone.forms.some((form) => form.core.length > 1 && mentions(text, form)),
  );
  return named ?? (/[\s=]/.test(text) ? null : touch(land, text, cwd, false));
}

export function makePathPolicy(policy: GuardPolicy, root: string, disk: Disk): PathPolicy {
  const real = (path: string): string => aliases(disk, path).at(-1) ?? path;
  const places = [...policy.places, ...placesOfMachine(root, { ...disk, real })];
  const zones = places.map((place) => makeDeniedPath(root, place));
  const land: Land = { root, disk, zones };
  return {
    root,
    disk,
    touch: (word, cwd, tree = false) => touch(land, word, cwd, tree),
    names: (text, cwd) => names(land, text, cwd),
    tainted: (word, cwd, texts) => tainted(land, word, cwd, texts),
    search: (folder, cwd, name) => search(land, absolute(folder, cwd), name),
    walk: (folder) => below(disk, folder),
  };
}

/** Files that tools leave behind: deleting them is denied only where there are some. */
const GENERATED_FILES = /^(\u0002\.(pyc|pyo|log|tmp|swp|bak|orig|rej)|__pycache__|\.DS_Store|\u0002~)$/;

function search({ zones, root, disk }: Land, path: string, name: string | null): string | null {
  const deep = `${path === "/" ? "" : path}/${ANY}`;
  const forms = zones.flatMap((zone) => zone.forms);
  if (name === null || !GENERATED_FILES.test(name)) {
    const hit = forms.find((form) => {
      if (isFree(form, path)) return false;
      if (form.anchored)
        return (
          patternsIntersect(path, form.pattern) ||
          patternsIntersect(name === null ? deep : `${deep}/${name}`, form.pattern)
        );
      return name !== null && form.core !== "" && name.includes(form.core);
    });
    const prefix = hit?.pattern.split("/").map((segment) => (isWild(segment) ? sampleMatch(segment) : segment));
    if (prefix !== undefined) return prefix.join("/");
  }
  for (const one of below(disk, path)) {
    const full = `${path}/${one}`;
    const rel = relative(root, full);
    const named = name === null || patternsIntersect(name, full.slice(full.lastIndexOf("/") + 1));
    if (named && zones.some((zone) => zone.re.test(rel))) return full;
  }
  return null;
}

/** Some text that a segment of a shape fits: a witness. */
function sampleMatch(segment: string): string {
  return segment.replace(/[\u0001-\u0003]/g, "x");
}

/** Whether a text holds the name of the place, as a name of its own. */
function mentions(text: string, form: Form): boolean {
  if (form.core === "") return false;
  for (let at = text.indexOf(form.core); at >= 0; at = text.indexOf(form.core, at + 1)) {
    if (!form.anchored) return true;
    const before = text[at - 1] ?? " ";
    const after = text[at + form.core.length] ?? " ";
    if (!/[\w.-]/.test(before) && !/[\w-]/.test(after) && after !== STAR) return true;
  }
  return false;
}

/** The words of a text that hold this name, as far as a path may go: names of the spec are everyday words elsewhere. */
function pathsAround(text: string, name: string): string[] {
  return text.split(/[\s'"`=:,;()|&<>]+/).filter((one) => one.includes(name) && one.length < MAX_PATH);
}
