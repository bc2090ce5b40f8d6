// Opens the project as far as it can be opened: each stage by itself, so that one that fails hides no other finding.
import { scopeOf } from "../../engine/scope.ts";
import { createProcesses } from "../../host/process/procfs.ts";
import { createReader } from "../../host/world.ts";
import { KINDS } from "../../kinds/index.ts";
import { openRecords, type RecordStore } from "../../ledger/store.ts";
import type { Config } from "../../model/config.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { FileReader, Reader } from "../../model/world.ts";
import { type Planned, plan } from "../../reconcile.ts";
import type { Caller } from "../caller.ts";
import { type Compiled, compileFleet } from "../compile.ts";
import { configFor, inProject } from "../project.ts";
import { NOTHING_ALLOWED } from "../request.ts";
import { require, type StageResult } from "./check-result.ts";

/** What the checks look at. */
export interface DoctorContext {
  readonly caller: Caller;
  readonly machine: { readonly node: string; readonly platform: string; readonly uid: number };
  readonly processes: ReturnType<typeof createProcesses>;
  readonly reader: Reader;
  readonly config: StageResult<Config>;
  readonly store: StageResult<RecordStore>;
  readonly compiled: StageResult<Compiled>;
  readonly fleet: StageResult<Fleet>;
  readonly planned: StageResult<Planned>;
}

async function attempt<T>(work: () => T | Promise<T>): Promise<StageResult<T>> {
  try {
    return { value: await work() };
  } catch (failed) {
    return { failed };
  }
}

/** Records of a project that has none: what the spec is compiled with when the real ones cannot be read. */
function noRecords(files: FileReader, config: Config): RecordStore {
  const blind: FileReader = { ...files, read: () => ({ state: "absent" }), list: () => null };
  return openRecords({ files: blind, folders: config.folders });
}

async function compile(
  config: Config,
  store: StageResult<RecordStore>,
  { files }: Reader,
  caller: Caller,
): Promise<Compiled> {
  const known = "value" in store ? store.value : noRecords(files, config);
  return compileFleet({
    config,
    store: known,
    files,
    env: caller.env,
    node: caller.process.node,
    hostname: caller.process.hostname,
    mayUseCache: false,
    atTerminal: caller.atTerminal,
  });
}

function fleetOf({ fleet, diagnostics }: Compiled): Fleet {
  if (fleet === null) throw diagnostics;
  return fleet;
}

/** Opens everything once. Writes nothing. */
export async function openDoctorContext(caller: Caller): Promise<DoctorContext> {
  const config = await attempt(() => configFor(caller));
  const folders = "value" in config ? config.value.folders : undefined;
  const roots = folders ? [folders.root, folders.agents, folders.state] : ["/"];
  const images = { isOwn: (image: Parameters<RecordStore["isOwn"]>[0]): boolean => isOurs(image) };
  const reader = createReader({ roots, images, env: caller.env });
  const store = await attempt(() =>
    openRecords({ files: reader.files, folders: require(config, "the configuration").folders }),
  );
  const isOurs: RecordStore["isOwn"] = (image) => "value" in store && store.value.isOwn(image);
  const compiled = await attempt(() => compile(inProject(require(config, "the configuration")), store, reader, caller));
  const fleet = await attempt(() => fleetOf(require(compiled, "the spec")));
  const planned = await attempt(() => {
    const known = require(fleet, "the spec");
    const records = require(store, "the records").records(known.machine.socket);
    const scope = scopeOf({ agents: [], filesOnly: false, portable: false });
    return plan({ fleet: known, kinds: KINDS, scope, allowed: NOTHING_ALLOWED, records, wholeBasis: false }, reader);
  });
  const processes = createProcesses();
  const uid = reader.files.facts("/proc/self/stat")?.uid ?? 0;
  const machine = { node: caller.process.node, platform: caller.process.platform, uid };
  return { caller, machine, processes, reader, config, store, compiled, fleet, planned };
}

export const foldersOf = ({ config }: Pick<DoctorContext, "config">): Config["folders"] =>
  require(config, "the configuration cannot be read").folders;
export const fleetIn = ({ fleet }: Pick<DoctorContext, "fleet">): Fleet => require(fleet, "the spec is not valid");
export const storeIn = ({ store }: Pick<DoctorContext, "store">): RecordStore =>
  require(store, "the records cannot be read");
export const planIn = ({ planned }: Pick<DoctorContext, "planned">): Planned =>
  require(planned, "there is no plan without a valid spec and readable records");
