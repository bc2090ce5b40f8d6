// Folders: walking down from a root without following a link, by path to look and by descriptor to write.
import { closeSync, fchmodSync, fstatSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import type { FileFacts, FolderChecked, Refused } from "../../model/world.ts";
import { errnoOf, FOLDER_FLAGS, factsAt, factsOf, hostError, refused } from "./stat.ts";

/** The outermost root a path lies in, or undefined. */
export function rootOf(roots: readonly string[], path: string): string | undefined {
  let found: string | undefined;
  for (const root of roots) {
    if (isWithin(root, path) && (found === undefined || root.length < found.length)) found = root;
  }
  return found;
}

function isWithin(root: string, path: string): boolean {
  return path === root || (path.startsWith(root) && (root.endsWith(sep) || path[root.length] === sep));
}

/** A path as messages show it: relative to its root. */
export function shownPath(roots: readonly string[], path: string): string {
  const root = rootOf(roots, path);
  return root === undefined || root === path ? path : relative(root, path);
}

function segments(root: string, path: string): string[] {
  return path === root ? [] : path.slice(root.endsWith(sep) ? root.length : root.length + 1).split(sep);
}

/** What is wrong with a folder of ours: null when nothing. */
function folderRefusal(facts: FileFacts, shown: string, uid: number): Refused | null {
  if (facts.type === "link") return refused("link", `${shown} is a link`);
  if (facts.type !== "folder") return refused("not-a-folder", `${shown} is not a folder`);
  if (facts.uid !== uid && facts.uid !== 0) {
    return refused("owner", `${shown} belongs to another user (uid ${facts.uid}, mode ${octal(facts.mode)})`);
  }
  return openToAll(facts, shown);
}

/** A folder that is ours and closed to others: nothing to say about it. */
function isOwnFolder(facts: FileFacts, uid: number): boolean {
  return facts.type === "folder" && facts.uid === uid && (facts.mode & 0o002) === 0;
}

/** Anybody may exchange what lies in a folder that is writable by others and not sticky. */
function openToAll(facts: FileFacts, shown: string): Refused | null {
  if ((facts.mode & 0o1002) !== 0o002) return null;
  const owner = `owner ${facts.uid}, mode ${octal(facts.mode)}`;
  return refused("world-writable", `${shown} is writable by every user (${owner})`);
}

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

export interface FolderWalk {
  check(path: string): FolderChecked;
  forget(): void;
}

/** The walk by path, for looking. What passed is remembered until `forget`. */
export function createFolderWalk(options: { readonly roots: readonly string[]; readonly uid: number }): FolderWalk {
  const { roots, uid } = options;
  const passed = new Map<string, FolderChecked>();

  function above(path: string): Refused | null {
    const parent = dirname(path);
    if (parent === path) return null;
    const facts = factsAt(parent);
    return (facts ? openToAll(facts, parent) : null) ?? above(parent);
  }

  /** The folder itself; what leads to it has passed. */
  function own(path: string): FolderChecked {
    const facts = factsAt(path);
    if (facts === null) return { state: "absent" };
    if (isOwnFolder(facts, uid)) return { state: "folder", facts };
    return folderRefusal(facts, shownPath(roots, path), uid) ?? { state: "folder", facts };
  }

  function readFacts(path: string): FolderChecked {
    const cut = path.lastIndexOf(sep);
    const name = path.slice(cut + 1);
    if (name === "" || name === "." || name === "..") return refused("outside", `${path} is not a plain path`);
    // The hot path: a folder whose parent has passed.
    const known = passed.get(path.slice(0, cut));
    if (known?.state === "folder") return own(path);
    const root = rootOf(roots, path);
    if (root === undefined) return refused("outside", `${path} lies outside ${roots.join(", ")}`);
    if (path === root) return above(root) ?? own(root);
    const parent = check(dirname(path));
    return parent.state === "folder" ? own(path) : parent;
  }

  function check(path: string): FolderChecked {
    const known = passed.get(path);
    if (known) return known;
    const found = path === sep && roots.includes(sep) ? own(sep) : readFacts(path);
    passed.set(path, found);
    return found;
  }

  return { check, forget: () => passed.clear() };
}

/** A folder held by its descriptor: what is done through it happens there, wherever the path leads meanwhile. */
export interface OpenFolder {
  readonly state: "open";
  readonly path: string;
  readonly fd: number;
  readonly facts: FileFacts;
  /** The path of an entry, through the descriptor (Node has no openat). */
  at(name: string): string;
  close(): void;
}

type Entered = OpenFolder | { readonly state: "absent" } | Refused;

interface Making {
  readonly mode: number;
  readonly later: ((path: string) => void) | undefined;
}

export interface FolderDoor {
  /**
   * Opens a folder component by component from its root, none through a link. `make`: the permission bits of folders
   * that are missing; without it a missing folder is `absent`. `later`: told of folders that got a new one in them, to
   * be flushed by the caller; without it that is done here.
   */
  open(path: string, make?: number, later?: (path: string) => void): Entered;
  /** Does the path still lead to the folder that was opened? A refusal when it was exchanged. */
  stillThere(folder: OpenFolder): Refused | null;
}

/** The walk by descriptor, for writing. */
export function createFolderDoor(options: FolderDoorOptions): FolderDoor {
  return new DescriptorDoor(options);
}

interface FolderDoorOptions {
  readonly roots: readonly string[];
  readonly uid: number;
  /** Told of every folder that was made. */
  readonly made?: (path: string) => void;
}

class DescriptorDoor implements FolderDoor {
  private readonly roots: readonly string[];
  private readonly uid: number;
  private readonly made: FolderDoorOptions["made"];

  constructor({ roots, uid, made }: FolderDoorOptions) {
    this.roots = roots;
    this.uid = uid;
    this.made = made;
  }

  private hold(path: string, fd: number): OpenFolder | Refused {
    const facts = factsOf(fstatSync(fd));
    const refusal = folderRefusal(facts, shownPath(this.roots, path), this.uid);
    if (refusal) {
      closeSync(fd);
      return refusal;
    }
    return {
      state: "open",
      path,
      fd,
      facts,
      at: (name) => `/proc/self/fd/${fd}/${name}`,
      close: () => closeSync(fd),
    };
  }

  private enter(path: string, through: string): Entered {
    try {
      return this.hold(path, openSync(through, FOLDER_FLAGS));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return { state: "absent" };
      const facts = factsAt(through);
      const refusal = facts && folderRefusal(facts, shownPath(this.roots, path), this.uid);
      if (refusal) return refusal;
      throw hostError("E500", "open the folder", path, error);
    }
  }

  private make(parent: OpenFolder, path: string, { mode, later }: Making): void {
    const name = path.slice(path.lastIndexOf(sep) + 1);
    try {
      mkdirSync(parent.at(name), { mode });
    } catch (error) {
      if (errnoOf(error) === "EEXIST") return;
      throw hostError("E501", "create the folder", path, error);
    }
    this.made?.(path);
    const fresh = this.enter(path, parent.at(name));
    if (fresh.state !== "open") return;
    try {
      fchmodSync(fresh.fd, mode);
      if (later) later(parent.path);
      else fsyncSync(parent.fd);
    } catch (error) {
      throw hostError("E501", "create the folder", path, error);
    } finally {
      fresh.close();
    }
  }

  /** Goes one name down and lets go of the folder above. */
  private down(above: OpenFolder, name: string, making: Making | undefined): Entered {
    const path = `${above.path}${above.path.endsWith(sep) ? "" : sep}${name}`;
    try {
      const here = this.enter(path, above.at(name));
      if (here.state !== "absent" || making === undefined) return here;
      this.make(above, path, making);
      return this.enter(path, above.at(name));
    } finally {
      above.close();
    }
  }

  private enterRoot(root: string, mode: number | undefined): Entered {
    const here = this.enter(root, root);
    if (here.state !== "absent" || mode === undefined) return here;
    try {
      makeRoot(root, mode);
    } catch (error) {
      throw hostError("E501", "create the folder", root, error);
    }
    this.made?.(root);
    return this.enter(root, root);
  }

  open(path: string, mode?: number, later?: (path: string) => void): Entered {
    const root = rootOf(this.roots, path);
    if (root === undefined) return refused("outside", `${path} lies outside ${this.roots.join(", ")}`);
    const names = segments(root, path);
    if (names.some((name) => name === "" || name === "." || name === "..")) {
      return refused("outside", `${path} is not a plain path`);
    }
    const making = mode === undefined ? undefined : { mode, later };
    let here = this.enterRoot(root, mode);
    for (const name of names) {
      if (here.state !== "open") return here;
      here = this.down(here, name, making);
    }
    return here;
  }

  stillThere(folder: OpenFolder): Refused | null {
    const now = createFolderWalk({ roots: this.roots, uid: this.uid }).check(folder.path);
    if (now.state === "folder" && now.facts.ino === folder.facts.ino && now.facts.dev === folder.facts.dev) return null;
    if (now.state === "refused") return now;
    return refused("outside", `${shownPath(this.roots, folder.path)} was exchanged while it was being written to`);
  }
}

/** One level where that will do: Node's way of making several hides the errno that stopped it. */
function makeRoot(root: string, mode: number): void {
  try {
    mkdirSync(root, { mode });
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return;
    if (errnoOf(error) !== "ENOENT") throw error;
    mkdirSync(root, { recursive: true, mode });
  }
}
