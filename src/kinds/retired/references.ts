// Who still speaks of a folder that is about to leave: a search through the project, by git where there is a
// repository, else file by file within limits. Asked only when a listed folder is there.
import { basename, dirname, join } from "node:path";
import { compareAddress } from "../../model/address.ts";
import { RollcallError } from "../../model/errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { FileReader, Reader } from "../../model/world.ts";
import { ARCHIVE, shownIn } from "./paths.ts";
import type { Reference } from "./types.ts";

export interface Search {
  readonly references: readonly Reference[];
  /** What was left out, as a clause. */
  readonly note?: string;
}

interface Line {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const PROSE = /\.(?:md|mdx|markdown|rst|adoc|txt|log)$/i;
/** How a document of ours begins: a saved plan names the folders it is about. */
const OWN_DOCUMENT = /^\s*\{\s*"kind":\s*"[a-z]+",\s*"formatVersion":/;
const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 1024 * 1024;
const SKIPPED = new Set([".git", "node_modules"]);
const LOCK_FILE = "rollcall.lock.json";

/**
 * Finds `agents/<folder>` in the text files of the project, and the two words given apart to a function that joins
 * paths. The folders themselves, the archive, the state folder, the lock file and fleet.yaml (which lists them) are not
 * searched. Only what lies in the project root is.
 */
export async function findReferences(folders: readonly string[], fleet: Fleet, world: Reader): Promise<Search> {
  if (folders.length === 0) return { references: [] };
  const skipped = skippedPaths(folders, fleet);
  const found = (await linesByGit(folders, skipped, fleet, world)) ?? linesByReading(skipped, fleet, world);
  const mentions = mentionsIn(folders, fleet);
  const isOwn = ownDocuments(fleet, world);
  const references = found.lines.flatMap((line) => mentions(line)).filter(({ file }) => !isOwn(file));
  references.sort((a, b) => compareAddress(a.file, b.file) || a.line - b.line);
  return found.note === undefined ? { references } : { references, note: found.note };
}

/** Tells documents of ours from other files; each file is looked into once. */
function ownDocuments({ machine }: Fleet, { files }: Reader): (file: string) => boolean {
  const known = new Map<string, boolean>();
  return (file) => {
    let own = known.get(file);
    if (own === undefined) {
      const read = files.read(join(machine.folders.root, file));
      own = read.state === "file" && OWN_DOCUMENT.test(read.bytes.toString("utf8", 0, 200));
      known.set(file, own);
    }
    return own;
  };
}

function skippedPaths(folders: readonly string[], { machine }: Fleet): string[] {
  const { agents, state, fleet, root } = machine.folders;
  const inAgents = [...folders, ARCHIVE, LOCK_FILE].map((name) => join(agents, name));
  return [...inAgents, state, fleet].map((path) => shownIn(root, path)).filter((path) => !path.startsWith("/"));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** How the folder is named: `agents/x`, or the words apart as in `join("agents", "x")`. Understood by grep -E and by us. */
function pattern(folders: readonly string[], { machine }: Fleet): string {
  const names = folders.map(escaped).join("|");
  return `${escaped(basename(machine.folders.agents))}(/|["'], *["'])(${names})`;
}

/** Turns a line into its mentions of the folders. */
function mentionsIn(folders: readonly string[], fleet: Fleet): (line: Line) => Reference[] {
  const { agents } = fleet.machine.folders;
  const home = basename(dirname(agents));
  const mention = new RegExp(`(^|[^\\w.-])((?:[\\w.~-]*/)*)(${pattern(folders, fleet)})(?![\\w-]|\\.\\w)`, "g");
  return ({ file, line, text }) => {
    const found = new Map<string, Reference>();
    for (const [, before = "", path = "", words = "", , folder = ""] of text.matchAll(mention)) {
      if (!leadsHere(before, path, home)) continue;
      found.set(folder, { folder, file, line, words, prose: PROSE.test(file) });
    }
    return [...found.values()];
  };
}

/**
 * Whether what stands before `agents/x` leads to our agents folder: `docs/agents/x` is another folder; `../agents/x`,
 * `$ROOT/agents/x`, and any absolute path, which may be this project on another machine, are taken for this one.
 */
function leadsHere(before: string, path: string, home: string): boolean {
  // The value of a variable or a command stands for a root: $ROOT/, ${ROOT}/, {{ root }}/, $(pwd)/.
  const rooted = "$})".includes(before) && before !== "";
  if (!rooted && /^[/~]/.test(path)) return true;
  const below = rooted ? path.slice(path.indexOf("/") + 1) : path;
  return ["", ".", "..", home].includes(below.split("/").at(-2) ?? "");
}

interface Lines {
  readonly lines: readonly Line[];
  readonly note?: string;
}

/** `git grep` over tracked and untracked files; null where there is no repository, no git, or no answer in time. */
async function linesByGit(
  folders: readonly string[],
  skipped: readonly string[],
  fleet: Fleet,
  world: Reader,
): Promise<Lines | null> {
  const { PATH = "", HOME = "" } = world.env;
  const options = ["-z", "-n", "-I", "-E", "--untracked", "--no-color", "--no-column", "--no-full-name"];
  const paths = [".", ...skipped.map((path) => `:(exclude,literal)${path}`)];
  const result = await world.exec.query(
    ["git", "-C", fleet.machine.folders.root, "grep", ...options, "-e", pattern(folders, fleet), "--", ...paths],
    // GIT_DIR and its like, set when we are called from a hook of git, would lead into another repository.
    { env: { PATH, HOME, LC_ALL: "C" } },
  );
  // 1: searched, nothing found.
  if (result.code !== 0 && result.code !== 1) return null;
  const lines = [...result.stdout.matchAll(/([^\0]+)\0(\d+)\0(.*)(?:\n|$)/g)];
  return { lines: lines.map(([, file = "", line = "", text = ""]) => ({ file, line: Number(line), text })) };
}

/** Reads the project's files itself, as many as the limits allow. */
function linesByReading(skipped: readonly string[], fleet: Fleet, { files }: Reader): Lines {
  const { root, agents } = fleet.machine.folders;
  const without = new Set(skipped);
  const token = basename(agents);
  const lines: Line[] = [];
  let seen = 0;
  for (const path of filesBelow("", (folder) => listing(files, join(root, folder)), without)) {
    if (++seen > MAX_FILES) return { lines, note: `references were searched in ${MAX_FILES} files only` };
    const read = files.read(join(root, path), { limit: MAX_FILE_BYTES });
    if (read.state !== "file" || read.bytes.includes(0) || !read.bytes.includes(token)) continue;
    const texts = read.bytes.toString("utf8").split("\n");
    for (const [index, text] of texts.entries()) lines.push({ file: path, line: index + 1, text });
  }
  return { lines };
}

type Listing = NonNullable<ReturnType<FileReader["list"]>>;

function* filesBelow(
  folder: string,
  list: (folder: string) => Listing,
  without: ReadonlySet<string>,
): Generator<string> {
  for (const { name, type } of list(folder)) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (SKIPPED.has(name) || without.has(path)) continue;
    if (type === "folder") yield* filesBelow(path, list, without);
    else if (type === "file") yield path;
  }
}

/** What cannot be listed is not searched. */
function listing(files: FileReader, folder: string): Listing {
  try {
    return files.list(folder) ?? [];
  } catch (error) {
    if (error instanceof RollcallError) return [];
    throw error;
  }
}
