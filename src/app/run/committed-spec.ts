// Whether the spec on disk is the one of the last commit: every file's raw bytes are hashed here and compared with the tree
// of HEAD. Neither the index nor a filter is believed, and git runs nothing that the repository's configuration names.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { digestBytes } from "../../delta/digest.ts";
import { CONFIG_NAMES } from "../../input/config/find.ts";
import type { CommittedSpec } from "../../model/plan.ts";
import type { RecordFolder } from "../../model/world.ts";
import type { Project } from "../project.ts";

/** In the state folder: the configuration as the last `apply` saw it, for one that git ignores. */
const CONFIRMED = "confirmed-config";
const LIMIT = 512 * 1024 * 1024;

/** The tree of HEAD, as far as the spec lies in it: blob hashes by path relative to the top. */
interface Tree {
  readonly top: string;
  readonly algorithm: "sha1" | "sha256";
  readonly blobs: ReadonlyMap<string, string>;
}

const not = (reason: string): CommittedSpec => ({ committed: false, reason });

/** What git says; null when it fails. */
async function git({ reader }: Project, folder: string, words: readonly string[]): Promise<string | null> {
  const { PATH = "", HOME = "" } = reader.env;
  // A replacement ref would show another tree than the commit's; a partial clone would call its remote.
  const strict = { GIT_NO_REPLACE_OBJECTS: "1", GIT_NO_LAZY_FETCH: "1" };
  const { code, stdout } = await reader.exec.query(["git", "-C", folder, ...words], {
    env: { PATH, HOME, LC_ALL: "C", ...strict },
  });
  return code === 0 ? stdout : null;
}

/** What of the inputs is spec: registry, fleet.yaml, templates and the configuration, there or not. */
function specPaths({ config, compiled }: Project): string[] {
  const { root, registry, fleet, templates } = config.folders;
  const isSpec = (path: string): boolean =>
    path === fleet || [registry, templates].some((one) => path === one || path.startsWith(`${one}/`));
  const found = new Set([
    registry,
    fleet,
    ...compiled.inputs.map(([path]) => path).filter(isSpec),
    ...configPaths(root, config.file),
  ]);
  return [...found].sort();
}

function configPaths(root: string, file: string | undefined): string[] {
  return file === undefined ? CONFIG_NAMES.map((name) => posix.join(root, name)) : [file];
}

async function treeOf(project: Project, paths: readonly string[]): Promise<Tree | null> {
  const { root } = project.config.folders;
  const [top = "", head = ""] = (await git(project, root, ["rev-parse", "--show-toplevel", "HEAD"]))?.split("\n") ?? [];
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(head)) return null;
  const inside = paths.map((path) => posix.relative(top, path)).filter((path) => !path.startsWith(".."));
  const listed = await git(project, top, ["ls-tree", "-r", "-z", "--full-tree", head, "--", ...inside]);
  if (listed === null) return null;
  const lines = [...listed.matchAll(/(\d+) (\w+) ([0-9a-f]+)\t([^\0]*)\0/g)];
  const blobs = new Map(lines.flatMap(([, , type, hash = "", path = ""]) => (type === "blob" ? [[path, hash]] : [])));
  return { top, algorithm: head.length === 40 ? "sha1" : "sha256", blobs };
}

/** As git names a blob (git-hash-object(1)), without its filters. */
function blobHash(bytes: Buffer, algorithm: Tree["algorithm"]): string {
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Why this path is not as committed; null when it is. */
function difference({ reader, config }: Project, path: string, { top, algorithm, blobs }: Tree): string | null {
  const shown = posix.relative(config.folders.root, path);
  const at = posix.relative(top, path);
  const known = blobs.get(at);
  const names = reader.files.facts(path)?.type === "folder" ? reader.files.list(path) : null;
  if (names !== null) {
    const there = new Set(names.map(({ name }) => `${at}/${name}`));
    const gone = [...blobs.keys()].find((one) => posix.dirname(one) === at && !there.has(one));
    return gone === undefined ? null : `${posix.relative(at, gone)} of ${shown} was removed`;
  }
  const read = reader.files.read(path, { limit: LIMIT });
  if (read.state === "absent") return known === undefined ? null : `${shown} was removed`;
  if (read.state === "refused") return `${shown} cannot be read`;
  if (known === undefined) return `${shown} is not in the last commit`;
  if (blobHash(read.bytes, algorithm) === known) return null;
  const text = Buffer.from(read.bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  return blobHash(text, algorithm) === known
    ? `${shown} has CRLF line ends, which the last commit has not`
    : `${shown} differs from the last commit`;
}

/** A configuration that git ignores, or that lies outside the repository, belongs to this machine alone. */
async function belongsToMachine(project: Project, path: string, { top, blobs }: Tree): Promise<boolean> {
  const at = posix.relative(top, path);
  if (at.startsWith("..")) return true;
  if (blobs.has(at)) return false;
  const isThere = project.reader.files.facts(path) !== null;
  return !isThere || (await git(project, top, ["check-ignore", "-q", "--", at])) !== null;
}

function configText({ config, reader }: Project): string {
  const found = configPaths(config.folders.root, config.file).flatMap((path) => {
    const read = reader.files.read(path, { limit: LIMIT });
    return read.state === "file" ? [`${path} ${digestBytes(read.bytes)}\n`] : [];
  });
  return found.join("");
}

/** Remembers the configuration as a person applied it. Only under the run lock. */
export function confirmConfig(project: Project, state: RecordFolder): void {
  const text = configText(project);
  const kept = state.read(CONFIRMED)?.toString("utf8") ?? "";
  if (text !== kept) state.write(CONFIRMED, text);
}

function isConfirmed(project: Project): boolean {
  const kept = project.reader.files.read(posix.join(project.config.folders.state, CONFIRMED), { owned: true });
  return (kept.state === "file" ? kept.bytes.toString("utf8") : "") === configText(project);
}

/** Compares the whole spec; the first difference is the reason. Starts git two or three times. */
export async function committedSpec(project: Project): Promise<CommittedSpec> {
  const paths = specPaths(project);
  const tree = await treeOf(project, paths);
  if (tree === null) return not("the project lies in no git repository with a commit");
  const configs = new Set(configPaths(project.config.folders.root, project.config.file));
  for (const path of paths) {
    const isMachines = configs.has(path) && (await belongsToMachine(project, path, tree));
    if (isMachines && !isConfirmed(project))
      return not(`${posix.basename(path)} changed since the last \`rollcall apply\``);
    const reason = isMachines ? null : difference(project, path, tree);
    if (reason !== null) return not(reason);
  }
  return { committed: true };
}
