// From what every folder tells to the entries of a registry that is valid: names settled, borders shared out, gaps named.
import type { AgentSpec } from "../../model/fleet.ts";
import { wordsOf } from "./extracted-fields.ts";
import type { AgentFolder } from "./folders.ts";

type ImportedField =
  | "name"
  | "displayName"
  | "description"
  | "model"
  | "tools"
  | "delegatesTo"
  | "cannotAccess"
  | "exclusiveAccess"
  | "responsibilities"
  | "forbidden"
  | "protect";

/** `dir` only where it is not the name. */
export interface ImportedEntry extends Pick<AgentSpec, ImportedField>, Partial<Pick<AgentSpec, "dir">> {
  /** Fields that nothing told: a placeholder stands in their place. By the registry's names. */
  readonly unknown: ReadonlyMap<string, string>;
  /** What was found and left out, in one sentence each. */
  readonly remarks: readonly string[];
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const TODO = "TODO";

export function entriesOf(folders: readonly AgentFolder[]): ImportedEntry[] {
  const named = nameAll(folders);
  const owners = ownersOf(named);
  const names = new Set(named.map((one) => one.name));
  return named.map((one) => entryOf(one, { names, owners })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface NamedFolder extends AgentFolder {
  readonly name: string;
}

/** The recorded or written name where it is a good one, else the folder's; every name once. */
function nameAll(folders: readonly AgentFolder[]): NamedFolder[] {
  const taken = new Set<string>();
  return folders.map((folder) => {
    const own = folder.evidence.name;
    // A page that was copied from a neighbour's folder still has the neighbour's name.
    const isCopied = own !== undefined && own !== folder.dir && folders.some((other) => other.dir === own);
    const wish = own !== undefined && NAME.test(own) && !isCopied ? own : nameOf(folder.dir);
    let name = wish;
    for (let number = 2; taken.has(name); number += 1) name = `${wish.slice(0, 58)}-${number}`;
    taken.add(name);
    return { ...folder, name };
  });
}

function nameOf(dir: string): string {
  const name = dir
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 63);
  return NAME.test(name) ? name : "agent";
}

/** Who owns a path alone: whom the others' files name, else who says so; of two, the first. */
function ownersOf(named: readonly NamedFolder[]): ReadonlyMap<string, string> {
  const names = new Set(named.map((one) => one.name));
  const owners = new Map<string, string>();
  const claim = (glob: string, owner: string): void => {
    if (names.has(owner) && !owners.has(glob)) owners.set(glob, owner);
  };
  for (const { evidence } of named) {
    for (const { owner, globs } of evidence.ownedElsewhere ?? []) for (const glob of globs) claim(glob, owner);
  }
  for (const { name, evidence } of named) for (const glob of evidence.exclusiveAccess ?? []) claim(glob, name);
  return owners;
}

interface Fleetwide {
  readonly names: ReadonlySet<string>;
  readonly owners: ReadonlyMap<string, string>;
}

function entryOf({ name, dir, evidence }: NamedFolder, { names, owners }: Fleetwide): ImportedEntry {
  const unknown = new Map<string, string>();
  const remarks: string[] = [];
  const orUnknown = <T>(field: string, value: T | undefined, placeholder: T, what: string): T => {
    if (value === undefined) unknown.set(field, what);
    return value ?? placeholder;
  };
  const delegates = wordsOf(evidence.delegatesTo ?? []);
  const unregistered = delegates.filter((one) => !names.has(one) || one === name);
  if (unregistered.length > 0) remarks.push(`delegates_to named ${unregistered.join(", ")}, which is no agent here`);
  const claimed = evidence.exclusiveAccess ?? [];
  const lost = claimed.filter((glob) => owners.get(glob) !== name);
  if (lost.length > 0) remarks.push(`exclusive_access also named ${lost.join(", ")}, which another agent owns`);
  return {
    name,
    ...(dir === name ? {} : { dir }),
    displayName: orUnknown("display_name", evidence.displayName, titled(name), "made from the name"),
    description: orUnknown("description", evidence.description, `${TODO}: what ${name} is for`, "nothing told it"),
    model: orUnknown("model", evidence.model, TODO, "nothing told it: name the model"),
    tools: orUnknown(
      "tools",
      evidence.tools && wordsOf(evidence.tools),
      [],
      "nothing told them: with none listed, it may call none",
    ),
    delegatesTo: delegates.filter((one) => !unregistered.includes(one)),
    cannotAccess: wordsOf(evidence.cannotAccess ?? []),
    exclusiveAccess: wordsOf([...owners].filter(([, owner]) => owner === name).map(([glob]) => glob)),
    responsibilities: evidence.responsibilities ?? [],
    forbidden: evidence.forbidden ?? [],
    protect: evidence.protect ?? false,
    unknown,
    remarks,
  };
}

function titled(name: string): string {
  return name
    .split("-")
    .filter(Boolean)
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join(" ");
}
