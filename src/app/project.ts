// The composition root: configuration, spec, kinds, records and doors become one project that a command works on.
import { createFileReader } from "../host/fs/files.ts";
import { createReader } from "../host/world.ts";
import { loadConfig } from "../input/config/load.ts";
import { KINDS } from "../kinds/index.ts";
import { openRecords, type RecordStore } from "../ledger/store.ts";
import { parseAddress } from "../model/address.ts";
import type { Config } from "../model/config.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import { NoProjectError, SpecError } from "../model/errors.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Kind } from "../model/kind.ts";
import type { Records } from "../model/resource.ts";
import type { Reader } from "../model/world.ts";
import type { Caller } from "./caller.ts";
import { type Compiled, compileFleet } from "./compile.ts";
import { keptConfig } from "./spec-cache.ts";

/** Everything a command needs to look; writing.ts adds what it needs to change something. */
export interface Project {
  readonly caller: Caller;
  readonly config: Config;
  readonly fleet: Fleet;
  readonly kinds: readonly Kind[];
  readonly reader: Reader;
  readonly store: RecordStore;
  readonly compiled: Compiled;
  readonly source: ConfigSource | undefined;
  /** What is wrong with the spec, where the project is made of its records alone (without-spec.ts). */
  readonly specErrors?: readonly Diagnostic[];
  records(): Records;
  /** Names in the registry and in the records. */
  agentNames(): ReadonlySet<string>;
}

type ConfigSource = NonNullable<Awaited<ReturnType<typeof loadConfig>>["source"]>;

export interface Opening {
  /** Commands that never write may read the compiled spec of an earlier apply. */
  readonly mayUseCache: boolean;
}

/** The configuration of the project that the folder belongs to, or every error in it. */
export async function openConfig(caller: Caller): Promise<Config> {
  return inProject((await readConfig(caller, true)).config);
}

/** The configuration that would govern the folder, also where no project is there yet. */
export async function configFor(caller: Caller): Promise<Config> {
  return (await readConfig(caller, true)).config;
}

/** The same configuration, where it is one of a project. A file that was named by hand speaks for a project, too. */
export function inProject(config: Config): Config {
  if (!config.found && config.file === undefined) throw new NoProjectError(config.warnings);
  return config;
}

async function readConfig(
  caller: Caller,
  mayUseCache: boolean,
): Promise<{ readonly config: Config; readonly source: ConfigSource | undefined }> {
  const { cwd, env, process } = caller;
  const files = createFileReader({ roots: ["/"] });
  const { config, diagnostics, source } = await loadConfig({
    cwd,
    env,
    files,
    inRootDirectory: process.inRootDirectory,
    read: async (job) => (await import("../input/spec/load.ts")).readConfigFile(job),
    ...(caller.config === undefined ? {} : { configFile: caller.config }),
    ...(mayUseCache && caller.cache ? { known: (sought) => keptConfig(sought, files) } : {}),
  });
  if (!config) throw new SpecError(diagnostics);
  return { config, source };
}

/** The agents of which anything is recorded. */
export function recordedNames(records: Records): string[] {
  return [...records.addresses()].map((address) => parseAddress(address)?.agent ?? "-").filter((name) => name !== "-");
}

/** Opens the project of the current folder. Throws SpecError with everything that is wrong in it. */
export async function openProject(caller: Caller, opening: Opening): Promise<Project> {
  const { config, source } = await readConfig(caller, opening.mayUseCache);
  inProject(config);
  const { folders } = config;
  const images = { isOwn: (image: Parameters<RecordStore["isOwn"]>[0]): boolean => store.isOwn(image) };
  const roots = [folders.root, folders.agents, folders.state];
  const reader = createReader({ roots, images, env: caller.env });
  const store: RecordStore = openRecords({ files: reader.files, folders });
  const compiled = await compileFleet({
    config,
    store,
    files: reader.files,
    env: caller.env,
    node: caller.process.node,
    hostname: caller.process.hostname,
    mayUseCache: opening.mayUseCache && caller.cache,
    atTerminal: caller.atTerminal,
  });
  if (!compiled.fleet) throw new SpecError(compiled.diagnostics);
  const fleet = {
    ...compiled.fleet,
    warnings: [...compiled.fleet.warnings, ...store.notes, ...(compiled.newPath ? [compiled.newPath] : [])].filter(
      (one) => !isError(one),
    ),
  };
  return {
    caller,
    config,
    fleet,
    kinds: KINDS,
    reader,
    store,
    compiled,
    source,
    records: () => store.records(fleet.machine.socket),
    agentNames() {
      const recorded = recordedNames(store.records(fleet.machine.socket));
      return new Set([...fleet.agents.map((agent) => agent.name), ...recorded]);
    },
  };
}
