// Looks through the agents folder: which folders are agents, and what the files in each tell. Reads only.

import { posix } from "node:path";
import { defined } from "../../model/defined.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kind.ts";
import type { Records } from "../../model/resource.ts";
import type { FileReader } from "../../model/world.ts";
import { type Evidence, firstOf, oneLine } from "./extracted-fields.ts";
import { readPage } from "./persona-parser.ts";
import { evidenceOf, valuesIn } from "./reverse-template.ts";

export interface FolderSearch {
  readonly files: FileReader;
  readonly kinds: readonly Kind[];
  /** The agents folder, absolute. */
  readonly agents: string;
  /** The hook's path in an agent's folder, as fleet.yaml has it. */
  readonly hookPath: string;
  /** Names below the agents folder that are no agents. */
  readonly notAgents: ReadonlySet<string>;
  /** The text of a ${NAME} template of pages, where there is one. */
  readonly pageTemplate: string | null;
  readonly records: Records;
}

export interface AgentFolder {
  /** The folder's name. */
  readonly dir: string;
  readonly evidence: Evidence;
}

export interface FoundFolders {
  readonly agents: readonly AgentFolder[];
  /** Folders in which nothing says that they are an agent's, with the reason. */
  readonly passed: readonly { readonly dir: string; readonly why: string }[];
}

const LIMIT = 4 * 1024 * 1024;

/** Every folder with a .claude folder of its own is an agent. */
export function findAgentFolders(search: FolderSearch): FoundFolders {
  const { files, agents, notAgents } = search;
  const folders = (files.list(agents) ?? []).filter(({ name, type }) => type === "folder" && !name.startsWith("."));
  const found: AgentFolder[] = [];
  const passed: { dir: string; why: string }[] = [];
  for (const { name: dir } of folders) {
    if (notAgents.has(dir)) continue;
    const settings = files.facts(posix.join(agents, dir, ".claude"));
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/.test(dir))
      passed.push({ dir, why: "no agent's folder may have such a name" });
    else if (settings?.type === "folder") found.push({ dir, evidence: evidenceIn(dir, search) });
    else passed.push({ dir, why: settings === null ? "it has no .claude folder" : "its .claude is no folder" });
  }
  return { agents: found, passed };
}

function evidenceIn(dir: string, search: FolderSearch): Evidence {
  const { files, agents, hookPath, pageTemplate } = search;
  const text = (path: string): string | null => {
    const read = files.read(posix.join(agents, dir, path), { limit: LIMIT });
    return read.state === "file" ? read.bytes.toString("utf8") : null;
  };
  const page = text(".claude/CLAUDE.md") ?? text("CLAUDE.md");
  const inverted = page !== null && pageTemplate !== null ? valuesIn(page, pageTemplate) : null;
  const hooks = [hookPath, ".claude/hooks/auto-deny", ".claude/hooks/auto-deny.py"];
  const byHook = hookEvidence([...new Set(hooks)].map(text), search);
  const byPage = page === null ? {} : readPage(page);
  const known = firstOf([
    byHook,
    inverted === null ? {} : evidenceOf(inverted),
    settingsEvidence(text(".claude/settings.json")),
    byPage,
    recordEvidence(dir, search),
  ]);
  return withShadowed(known, byPage);
}

function hookEvidence(texts: readonly (string | null)[], { kinds }: FolderSearch): Evidence {
  for (const text of texts) {
    const said =
      text === null
        ? null
        : kinds.map((kind) => kind.capabilities.readable?.declares(Buffer.from(text)) ?? null).find((one) => one);
    if (!said) continue;
    const owners = new Map<string, string[]>();
    for (const { glob, owner } of said.closed) {
      if (owner !== undefined) owners.set(owner, [...(owners.get(owner) ?? []), glob]);
    }
    return {
      name: said.agent,
      tools: said.tools,
      delegatesTo: said.delegatesTo,
      cannotAccess: said.closed.filter((one) => one.owner === undefined).map((one) => one.glob),
      ownedElsewhere: [...owners].map(([owner, globs]) => ({ owner, globs })),
    };
  }
  return {};
}

/** A path that is closed to an agent and another's alone stands in its hook once, as the other's: the page has both. */
function withShadowed(known: Evidence, { cannotAccess = [] }: Evidence): Evidence {
  const elsewhere = new Set((known.ownedElsewhere ?? []).flatMap((one) => one.globs));
  const shadowed = cannotAccess.filter((glob) => elsewhere.has(glob) && !known.cannotAccess?.includes(glob));
  return shadowed.length === 0 ? known : { ...known, cannotAccess: [...(known.cannotAccess ?? []), ...shadowed] };
}

/** The model, and what the original kept in settings that the client never read. */
function settingsEvidence(text: string | null): Evidence {
  const settings = parse(text);
  const info = isJsonObject(settings["projectInfo"]) ? settings["projectInfo"] : {};
  const line = (value: Json | undefined) => (typeof value === "string" ? oneLine(value) : undefined);
  return defined({
    model: line(settings["model"]),
    displayName: line(info["name"]),
    description: line(info["description"]),
  });
}

function parse(text: string | null): JsonObject {
  if (text === null) return {};
  try {
    const value = JSON.parse(text.replace(/^\uFEFF/, "")) as Json;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Which agent was recorded in a folder, and whether it was promised to stay. */
function recordEvidence(dir: string, { records }: FolderSearch): Evidence {
  for (const address of records.addresses()) {
    const record = records.get(address);
    if (record?.at.startsWith(`${dir}/`) !== true) continue;
    const name = address.split("/")[1];
    return { ...(name === undefined ? {} : { name }), ...(record.protect ? { protect: true as const } : {}) };
  }
  return {};
}
