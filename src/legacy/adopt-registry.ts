// `rollcall adopt --registry`: reads a registry out of the agents' folders. Never overwrites one.

import { basename, dirname, posix, resolve } from "node:path";
import { configFor } from "../app/project.ts";
import { callerOf } from "../cli/caller.ts";
import type { CommandContext } from "../cli/command-context.ts";
import { EXIT, type ExitCode } from "../cli/exit-codes.ts";
import type { Terminal } from "../cli/terminal.ts";
import { createRecordFolder } from "../host/fs/durable-folder.ts";
import { createFileReader } from "../host/fs/files.ts";
import { Findings } from "../input/spec/findings.ts";
import { type FleetSpec, readFleet } from "../input/spec/fleet.ts";
import { KINDS } from "../kinds/index.ts";
import { openRecords } from "../ledger/store.ts";
import type { Config } from "../model/config.ts";
import { RollcallError, SpecError, UsageError } from "../model/errors.ts";
import { FORMAT_VERSION } from "../model/plan.ts";
import type { FileReader } from "../model/world.ts";
import { jsonDocument } from "../report/json.ts";
import { entriesOf, type ImportedEntry } from "./import/entries.ts";
import { type FoundFolders, findAgentFolders } from "./import/folders.ts";
import { registryText } from "./import/yaml.ts";

interface AdoptRegistryOptions {
  readonly yes: boolean;
  readonly output: "text" | "json";
  readonly out?: string;
}

interface Draft {
  readonly text: string;
  readonly entries: readonly ImportedEntry[];
  readonly found: FoundFolders;
}

/**
 * Writes the registry where the project has none, or the file that --out names; otherwise prints it. Needs no valid
 * spec. Exit 1 when there is no agent's folder or --out names a file that is there; 64 when it may not ask.
 */
export async function adoptRegistry({ io, options, args }: CommandContext<AdoptRegistryOptions>): Promise<ExitCode> {
  if (args.length > 0) throw new UsageError("adopt --registry takes no addresses: it reads every agent's folder");
  const config = await configFor(callerOf(io));
  const { folders } = config;
  const files = createFileReader({ roots: ["/"] });
  const draft = draftOf(config, files);
  const shown = posix.relative(folders.root, folders.registry);
  if (options.out !== undefined) {
    create(resolve(io.cwd, options.out), options.out, draft.text);
    return printSummary(io, options, { draft, path: options.out });
  }
  if (files.facts(folders.registry) !== null) {
    if (options.output === "text") io.print(draft.text);
    io.say(`note: ${shown} is there and is left as it is; --out FILE writes this one somewhere else`);
    return options.output === "json" ? printSummary(io, options, { draft, path: null }) : EXIT.done;
  }
  if (!options.yes) {
    const isYes = options.output === "text" && io.mayAsk && (await agreed(io, draft, shown));
    if (!isYes) return declined(io, options, draft);
  }
  create(folders.registry, shown, draft.text);
  return printSummary(io, options, { draft, path: shown });
}

function draftOf(config: Config, files: FileReader): Draft {
  const { folders } = config;
  const fleet = fleetOf(config, files);
  const found = findAgentFolders({
    files,
    kinds: KINDS,
    agents: folders.agents,
    hookPath: fleet.hook.path,
    notAgents: notAgents(config, fleet),
    pageTemplate: pageTemplate(config, fleet, files),
    records: openRecords({ files, folders }).records(""),
  });
  if (found.agents.length === 0) {
    const where = posix.relative(folders.root, folders.agents) || ".";
    throw new RollcallError("E344", `no folder below ${where} has a .claude folder: there is nothing to read`, {
      hint: "rollcall init makes a registry with two examples",
    });
  }
  const entries = entriesOf(found.agents);
  return { text: registryText(entries, found.passed), entries, found };
}

/** fleet.yaml tells where hooks and pages lie; without one its defaults do. */
function fleetOf(config: Config, files: FileReader): FleetSpec {
  const { root } = config.folders;
  const findings = new Findings();
  const shown = (path: string): string => posix.relative(root, path) || ".";
  const fleet = readFleet(config, { files, findings, inputs: new Set(), shown });
  if (fleet === null || findings.errors > 0) throw new SpecError(findings.list());
  return fleet;
}

function notAgents({ folders }: Config, { retire }: FleetSpec): ReadonlySet<string> {
  const own = [folders.state, folders.registry, folders.fleet, folders.templates]
    .map((path) => posix.relative(folders.agents, path))
    .filter((path) => path !== "" && !path.startsWith(".."))
    .map((path) => path.split("/")[0] ?? "");
  return new Set(["archive", ...own, ...retire.archive.map((one) => one.dir), ...retire.delete, ...retire.keep]);
}

/** Pages of a ${NAME} template can be read backwards through it. */
function pageTemplate({ folders }: Config, fleet: FleetSpec, files: FileReader): string | null {
  const page = fleet.files.find((one) => one.target.endsWith("CLAUDE.md") && one.template.endsWith(".template"));
  if (page === undefined) return null;
  const read = files.read(posix.join(folders.templates, page.template), { limit: 1024 * 1024 });
  return read.state === "file" ? read.bytes.toString("utf8") : null;
}

/** A file that is there is never written over, also when it came a moment ago. */
function create(path: string, shown: string, text: string): void {
  const folder = createRecordFolder({ path: dirname(path), fileMode: 0o644, folderMode: 0o755 });
  if (folder.create(basename(path), text)) return;
  throw new RollcallError("E343", `${shown} is there already and was left as it is`, {
    hint: "name a file that is yet to be made",
  });
}

async function agreed(io: Terminal, draft: Draft, shown: string): Promise<boolean> {
  io.say(draft.text);
  const { confirm } = await import("../cli/prompt.ts");
  return confirm(`Write this to ${shown}?`);
}

function declined(io: Terminal, options: AdoptRegistryOptions, draft: Draft): ExitCode {
  if (options.output === "text" && io.mayAsk) {
    io.say("nothing was written");
    return EXIT.error;
  }
  if (options.output === "json") printSummary(io, options, { draft, path: null });
  else io.print(draft.text);
  io.complain("E330 there is a registry to write: give -y to do it (nobody to ask here); nothing was written");
  return EXIT.usage;
}

function printSummary(
  io: Terminal,
  options: AdoptRegistryOptions,
  { draft, path }: { draft: Draft; path: string | null },
): ExitCode {
  const { entries, found, text } = draft;
  if (options.output === "json") {
    const agents = entries.map(({ name, unknown, remarks }) => ({ name, unknown: [...unknown.keys()], remarks }));
    const document = { kind: "registry", formatVersion: FORMAT_VERSION, path, agents, passed: found.passed, text };
    io.print(jsonDocument(document));
    return EXIT.done;
  }
  const gaps = entries.reduce((sum, entry) => sum + entry.unknown.size + entry.remarks.length, 0);
  const todo =
    gaps === 0 ? "nothing is left open" : `${gaps} thing${gaps === 1 ? " is" : "s are"} left open: look for TODO`;
  io.print(
    [
      `Wrote ${path}: ${entries.length} agent${entries.length === 1 ? "" : "s"}; ${todo}.`,
      "Next: rollcall validate, then rollcall plan; rollcall adopt takes over the files that are there.",
    ].join("\n"),
  );
  return EXIT.done;
}
