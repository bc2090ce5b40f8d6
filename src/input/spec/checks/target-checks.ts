// Where outputs may lie: inside the agent's folder, on nothing reserved, no two on one path; which folders may retire.
import { posix } from "node:path";
import type { Folders } from "../../../model/fleet.ts";
import { didYouMean } from "../../../model/nearest.ts";
import type { FleetSpec } from "../fleet.ts";
import { folderOf, type LoadContext, placed, type RegistryEntries, type RegistryEntry } from "../registry.ts";
import type { Path } from "../schema/schema-port.ts";
import { show } from "../yaml/source-text.ts";

/** The lock file beside the agents' folders. */
const LOCK_FILE = "rollcall.lock.json";

/** Checks every output path and folder name of the spec against the others and against what is ours. */
export function checkOutputs(
  fleet: FleetSpec,
  registry: RegistryEntries,
  folders: Folders,
  reading: LoadContext,
): void {
  const outputs = outputsOf(fleet);
  const sound = outputs.filter((output) => checkOne(output, fleet, folders, reading));
  checkClashes(sound, fleet, reading);
  const reserved = reservedFolders(folders);
  for (const entry of registry.entries) checkFolder(entry, reserved, reading);
  checkRetired(fleet, registry, reserved, reading);
}

interface Output {
  /** Relative to the agent's folder, normalised. */
  readonly path: string;
  readonly at: Path;
  readonly from: string;
}

function outputsOf({ files, hook }: FleetSpec): Output[] {
  const targets = files.map(({ target, template }, index) => {
    return { path: target, at: ["files", index, "target"], from: `the template ${template}` };
  });
  const all: Output[] = [...targets, { path: hook.path, at: ["hook", "path"], from: "the hook" }];
  return all.filter(({ path }) => path !== "");
}

function checkOne({ path, at }: Output, fleet: FleetSpec, folders: Folders, { findings }: LoadContext): boolean {
  const agentFolder = posix.join(folders.agents, "AGENT");
  const full = posix.resolve(agentFolder, path);
  const relative = (text: string): string => posix.relative(folders.root, text);
  if (posix.isAbsolute(path) || !full.startsWith(`${agentFolder}/`) || path.endsWith("/")) {
    findings.add("E136", () => ({
      ...fleet.placed(at),
      message: `${show(path)} is not a file in the agent's folder: it would be ${show(posix.isAbsolute(path) ? full : relative(full))}`,
      hint: "a target is relative and stays inside, like .claude/CLAUDE.md",
    }));
    return false;
  }
  const why = reservedPart(path) ?? (isWithin(full, folders.state) ? "the state folder" : undefined);
  if (why === undefined) return true;
  findings.add("E137", () => ({
    ...fleet.placed(at),
    message: `${show(relative(full))} is reserved: ${why}`,
    hint: "choose another path",
  }));
  return false;
}

function reservedPart(path: string): string | undefined {
  const parts = path.split("/");
  if (parts.some((part) => part.toLowerCase() === ".git")) return "git's own folder";
  if (parts.some((part) => /^\..*\.rollcall-/.test(part))) return "a name that before-images have while they are made";
  if (parts.at(-1) === LOCK_FILE) return "the lock file";
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Two outputs for one path, or one where the other needs a folder. Sorted, so that neighbours are enough. */
function checkClashes(outputs: readonly Output[], fleet: FleetSpec, { findings }: LoadContext): void {
  const taken = new Map<string, Output>();
  for (const output of outputs) taken.set(key(output.path), taken.get(key(output.path)) ?? output);
  for (const output of outputs) {
    const clash = firstClash(output, taken);
    if (clash === undefined) continue;
    const same = key(clash.path) === key(output.path);
    findings.add("E138", () => ({
      ...fleet.placed(output.at),
      message: same
        ? `${show(output.path)} is written by ${output.from} and by ${clash.from}`
        : `${show(output.path)} of ${output.from} needs a folder where ${clash.from} writes the file ${show(clash.path)}`,
      hint: "give one of them another path",
      related: [{ ...fleet.placed(clash.at).place, message: `${clash.from} is placed here` }],
    }));
  }
}

function key(path: string): string {
  return path.normalize("NFC");
}

function firstClash(output: Output, taken: ReadonlyMap<string, Output>): Output | undefined {
  const same = taken.get(key(output.path));
  if (same !== undefined && same !== output) return same;
  const parts = key(output.path).split("/");
  for (let length = 1; length < parts.length; length += 1) {
    const above = taken.get(parts.slice(0, length).join("/"));
    if (above !== undefined) return above;
  }
  return undefined;
}

/** Names below the agents folder that no agent may have. */
function reservedFolders({ agents, state, registry, fleet, templates }: Folders): ReadonlyMap<string, string> {
  const reserved = new Map([
    ["archive", "retired folders go there"],
    [LOCK_FILE, "the lock file"],
  ]);
  const own = [
    [state, "the state folder"],
    [registry, "the registry"],
    [fleet, "fleet.yaml"],
    [templates, "the templates"],
  ] as const;
  for (const [path, why] of own) {
    const first = isWithin(path, agents) ? path.slice(agents.length + 1).split("/")[0] : undefined;
    if (first !== undefined && first !== "") reserved.set(first, why);
  }
  return reserved;
}

function checkFolder(entry: RegistryEntry, reserved: ReadonlyMap<string, string>, { findings }: LoadContext): void {
  const { dir } = entry.declared;
  const why = reserved.get((dir ?? entry.name).toLowerCase());
  if (why === undefined) return;
  findings.add("E137", () => ({
    ...(dir === undefined ? placed(entry, [], "key") : placed(entry, ["dir"])),
    message: `the folder ${show(dir ?? entry.name)} is reserved: ${why}`,
    hint: "give the agent another `dir`",
  }));
}

/** A folder of a registered agent never retires, and no folder retires twice. */
function checkRetired(
  fleet: FleetSpec,
  registry: RegistryEntries,
  reserved: ReadonlyMap<string, string>,
  { findings }: LoadContext,
): void {
  const { archive, delete: deleted, keep } = fleet.retire;
  const owners = new Map(registry.entries.map((entry) => [folderOf(entry).toLowerCase(), entry]));
  const names = new Set(registry.named.map(({ name }) => name));
  const seen = new Map<string, Path>();
  const check = (dir: string, at: Path, leaves: boolean): void => {
    if (dir === "") return;
    const twin = seen.get(dir.toLowerCase());
    const owner = owners.get(dir.toLowerCase());
    const why = reserved.get(dir.toLowerCase());
    seen.set(dir.toLowerCase(), at);
    const report = (code: string, message: string, hint: string): void =>
      findings.add(code, () => ({ ...fleet.placed(at), message, hint }));
    if (twin !== undefined) report("E139", `${show(dir)} is listed twice below retire`, "list it once");
    else if (leaves && owner !== undefined) {
      report(
        "E139",
        `${show(dir)} is the folder of the registered agent ${owner.name} and cannot retire`,
        "take it out of retire",
      );
    } else if (leaves && why !== undefined)
      report("E137", `${show(dir)} cannot retire: ${why}`, "take it out of retire");
  };
  for (const [index, { dir, replacedBy }] of archive.entries()) {
    check(dir, ["retire", "archive", index, "dir"], true);
    if (replacedBy === undefined || !registry.whole) continue;
    // One folder may have several heirs: a list with commas.
    const unknown = replacedBy
      .split(",")
      .map((heir) => heir.trim())
      .find((heir) => !names.has(heir));
    if (unknown === undefined) continue;
    findings.add("W156", () => ({
      ...fleet.placed(["retire", "archive", index, "replaced_by"]),
      message: `replaced_by names ${show(unknown)}, which is no agent of the registry`,
      hint: didYouMean(unknown, names),
    }));
  }
  for (const [index, dir] of deleted.entries()) check(dir, ["retire", "delete", index], true);
  for (const [index, dir] of keep.entries()) check(dir, ["retire", "keep", index], false);
}
