// What `why` is asked about: a word becomes a file, a place in it, and the resource or rule that the file belongs to.
import { posix } from "node:path";
import { parseAddress } from "../../model/address.ts";
import type { FilePosition } from "../../model/capabilities.ts";
import type { Place } from "../../model/diagnostic.ts";
import { UsageError } from "../../model/errors.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { didYouMean } from "../../model/nearest.ts";
import type { Project } from "../project.ts";

/** A file of the project and what it is to Rollcall. */
export interface Subject {
  /** Absolute. */
  readonly path: string;
  /** As people read it: relative to the root where it lies in it. */
  readonly shown: string;
  readonly position: FilePosition | null;
  readonly role: Role;
}

export type Role =
  /** A file that is desired or recorded. */
  | { readonly is: "resource"; readonly address: string; readonly agent: string }
  /** In the folder of a registered agent, and nobody's but its own. */
  | { readonly is: "foreign"; readonly agent: Agent }
  | { readonly is: "folder"; readonly agent: Agent }
  | { readonly is: "retired"; readonly rule: "archive" | "delete" | "keep"; readonly place?: Place }
  | { readonly is: "archived" }
  | { readonly is: "unmanaged" }
  | { readonly is: "spec" | "record" };

/** Finds the subject; UsageError with a suggestion when there is no such file and there shall be none. */
export function subjectOf(project: Project, word: string): Subject {
  const { file, position } = splitWord(project, word);
  const { root, agents } = project.fleet.machine.folders;
  const paths = candidates(project, file);
  const resources = resourcesByPath(project);
  const managed = paths.find((path) => resources.has(path));
  const path = managed ?? paths.find((one) => project.reader.files.facts(one) !== null);
  if (path === undefined) throw unknownFile(project, file, resources.keys());
  const shown = shownPath(root, path);
  const resource = resources.get(path);
  if (resource) return { path, shown, position, role: { is: "resource", ...resource } };
  const at = posix.relative(agents, path);
  const role = at.startsWith("..") || at === "" ? roleOutside(project, path) : roleInside(project.fleet, at);
  return { path, shown, position, role };
}

/** Takes a pointer or a line off the word; a name that itself ends so is tried whole first. */
function splitWord(project: Project, word: string): { readonly file: string; readonly position: FilePosition | null } {
  const whole = [posix.resolve(cwdOf(project), word), posix.resolve(project.fleet.machine.folders.root, word)];
  if (whole.some((path) => project.reader.files.facts(path) !== null)) return { file: word, position: null };
  const pointer = /^([^#]+)#(\/.*|)$/s.exec(word);
  if (pointer) return { file: pointer[1] ?? "", position: pointer[2] === "" ? null : { pointer: pointer[2] ?? "" } };
  const line = /^(.+?):(\d+)(?::\d+)?:?$/s.exec(word);
  if (!line) return { file: word, position: null };
  if (Number(line[2]) === 0) throw new UsageError("lines count from 1");
  return { file: line[1] ?? "", position: { line: Number(line[2]) } };
}

/** The folder the command works from, without links: so the project's own paths are. */
function cwdOf({ caller, reader }: Project): string {
  return reader.files.real(caller.cwd) ?? caller.cwd;
}

/** Where the file may be: what a plan calls it, relative to the folder one is in, or to the root. */
function candidates(project: Project, file: string): string[] {
  const { fleet } = project;
  const { root, agents } = fleet.machine.folders;
  const address = parseAddress(file);
  const agent = fleet.agents.find((one) => one.name === address?.agent);
  const relative = [posix.resolve(cwdOf(project), file), posix.resolve(root, file)];
  if (!address || !agent) return relative;
  const target = address.kind === "hook" ? fleet.hook.path : address.name;
  return [...relative, posix.join(agents, agent.dir, target)];
}

/** Every file that is desired or recorded, by its absolute path. */
function resourcesByPath({
  fleet,
  records,
}: Project): Map<string, { readonly address: string; readonly agent: string }> {
  const { agents } = fleet.machine.folders;
  const found = new Map<string, { address: string; agent: string }>();
  const all = records();
  for (const address of all.addresses()) {
    const { kind = "", agent = "-" } = parseAddress(address) ?? {};
    const at = all.get(address)?.at;
    if (at !== undefined && agent !== "-" && (kind === "config" || kind === "hook")) {
      found.set(posix.join(agents, at), { address, agent });
    }
  }
  for (const { name: agent, dir, files } of fleet.agents) {
    for (const { target } of files) {
      found.set(posix.join(agents, dir, target), { address: `config/${agent}/${target}`, agent });
    }
    found.set(posix.join(agents, dir, fleet.hook.path), { address: `hook/${agent}/auto-deny`, agent });
  }
  return found;
}

function roleInside(fleet: Fleet, at: string): Role {
  const [top = "", ...rest] = at.split("/");
  // What all hooks share comes from no spec file: apply writes it for this machine.
  if (at === "rollcall.lock.json" || top === ".rollcall") return { is: "record" };
  const agent = fleet.agents.find((one) => at === one.dir || at.startsWith(`${one.dir}/`));
  if (agent) return at === agent.dir ? { is: "folder", agent } : { is: "foreign", agent };
  if (top === "archive" && rest.length > 0) return { is: "archived" };
  const { archive, delete: deleted, keep } = fleet.retire;
  const listed = archive.find((one) => one.dir === top);
  if (listed) return { is: "retired", rule: "archive", place: listed.place };
  if (deleted.includes(top)) return { is: "retired", rule: "delete" };
  return keep.includes(top) ? { is: "retired", rule: "keep" } : { is: "unmanaged" };
}

function roleOutside({ config, fleet }: Project, path: string): Role {
  const { registry, fleet: fleetFile, templates, state } = fleet.machine.folders;
  const isIn = (folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
  if (isIn(state)) return { is: "record" };
  if (isIn(registry) || isIn(fleetFile) || isIn(templates) || path === config.file) return { is: "spec" };
  return { is: "unmanaged" };
}

function shownPath(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

function unknownFile(project: Project, file: string, known: Iterable<string>): UsageError {
  const { root } = project.fleet.machine.folders;
  // In the form in which it was given: absolute, or relative to where one is or to the root.
  const all = [...known];
  const names = posix.isAbsolute(file)
    ? all
    : [...all.map((path) => posix.relative(cwdOf(project), path)), ...all.map((path) => shownPath(root, path))];
  const hint = didYouMean(file, names) ?? "why takes a file below agents/, with #/pointer or :LINE behind it";
  return new UsageError(`there is no file ${JSON.stringify(file)}, and none of that name is desired`, hint);
}
