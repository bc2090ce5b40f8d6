// Working while the spec has errors: a project made of what is recorded and marked, with the error told in one line.
import { posix } from "node:path";
import { desire } from "../engine/desire.ts";
import { scopeOf } from "../engine/scope.ts";
import { createFileReader } from "../host/fs/files.ts";
import { createReader } from "../host/world.ts";
import { findRoot } from "../input/config/find.ts";
import { placeFolders } from "../input/config/folders.ts";
import { KINDS } from "../kinds/index.ts";
import { openRecords, type RecordStore } from "../ledger/store.ts";
import type { Config } from "../model/config.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import { SpecError } from "../model/errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { visibleLine } from "../report/redact.ts";
import type { Caller } from "./caller.ts";
import { sessionPathOf } from "./compile.ts";
import { keptConfigOf } from "./last-good.ts";
import { type Opening, openConfig, openProject, type Project, recordedNames } from "./project.ts";
import { observeLive, orphanSessions } from "./session/orphans.ts";

/** What is wrong with the command line or its environment is no error of the spec: it is refused as ever. */
const NOT_THE_SPEC: ReadonlySet<string> = new Set(["E020", "E021", "E022", "E024", "E026"]);

/** The project, with nothing wrong in what it desires either: a kind may refuse what is well written. */
export async function openSound(caller: Caller, opening: Opening): Promise<Project> {
  const project = await openProject(caller, opening);
  // Resources are only kept where nothing had to be said about them.
  if (project.compiled.desired) return project;
  const { diagnostics } = desire(
    project.fleet,
    project.kinds,
    scopeOf({ agents: [], filesOnly: false, portable: false }),
  );
  if (diagnostics.some(isError)) throw new SpecError(diagnostics);
  return project;
}

/** The first error on one line, and how many more there are. */
export function specLine(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(isError);
  const [first] = errors;
  if (!first) return "error E100 the specification has errors";
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more: rollcall validate)` : "";
  const { code, file, line, col, message } = first;
  return visibleLine(`${file}:${line}:${col} error ${code} ${message}${more}; working from the records`);
}

/** The member `spec` of a JSON document: not there while the spec is sound. */
export function specPart({ specErrors }: Pick<Project, "specErrors">): {
  readonly spec?: { readonly diagnostics: readonly Diagnostic[] };
} {
  return specErrors ? { spec: { diagnostics: specErrors } } : {};
}

/** The project without its spec: no agents are declared, everything comes from records and marks. Throws `error` where there is no project. */
export async function openWithoutSpec(caller: Caller, error: SpecError): Promise<Project> {
  if (error.diagnostics.some(({ code }) => NOT_THE_SPEC.has(code))) throw error;
  const config = await configWithoutSpec(caller, error);
  if (!config.found) throw error;
  const { folders } = config;
  const images = { isOwn: (image: Parameters<RecordStore["isOwn"]>[0]): boolean => store.isOwn(image) };
  const reader = createReader({ roots: [folders.root, folders.agents, folders.state], images, env: caller.env });
  const store: RecordStore = openRecords({ files: reader.files, folders });
  const fleet = await bareFleet({ caller, config, store });
  const machine = { TMUX_SOCKET_OVERRIDE: "", TEF_ROOT: "", sessionPath: fleet.machine.sessionPath, recorded: {} };
  const { diagnostics } = error;
  const project: Project = {
    caller,
    config,
    fleet,
    kinds: KINDS,
    reader,
    store,
    compiled: {
      fleet: null,
      diagnostics,
      inputs: [],
      key: { config, machine, node: caller.process.node },
      isKept: true,
    },
    source: undefined,
    specErrors: diagnostics,
    records: () => store.records(fleet.machine.socket),
    agentNames: () => new Set(recordedNames(store.records(fleet.machine.socket))),
  };
  if (store.present.ledger || store.present.lockFile) return project;
  // Nothing was ever applied, or all records are lost: then marks tell which sessions are ours.
  if (orphanSessions(project, await observeLive(project)).length === 0) throw error;
  return project;
}

/** The configuration; where that has errors itself, the one that the last apply without errors left. */
export async function configWithoutSpec(caller: Caller, error: SpecError): Promise<Config> {
  try {
    return await openConfig(caller);
  } catch (cause) {
    if (!(cause instanceof SpecError)) throw cause;
  }
  const files = createFileReader({ roots: ["/"] });
  const named = caller.env["PROJECT_ROOT"] ?? "";
  const marked = named === "" ? findRoot(caller.cwd, files).root : posix.resolve(caller.cwd, named);
  const root = files.real(marked) ?? marked;
  const { folders, layout } = placeFolders({ root, file: {}, files, from: "rollcall.config.yaml" });
  // A state folder in another place is named by nothing but the configuration.
  const store = openRecords({ files, folders });
  if (!store.present.ledger) throw error;
  const kept = store.lastGood ? keptConfigOf(store.lastGood, folders, files) : null;
  const bare = { folders, layout, found: true, named: new Set<string>(), inputs: [], session: {}, warnings: [] };
  return kept ?? { ...bare, variables: {} };
}

interface Bare {
  readonly caller: Caller;
  readonly config: Config;
  readonly store: RecordStore;
}

async function bareFleet({ caller, config, store }: Bare): Promise<Fleet> {
  const { undeclaredFleet } = await import("../input/spec/fleet.ts");
  const { defaultSocket } = await import("../input/spec/machine.ts");
  const base = undeclaredFleet(config);
  const name = store.lastGood?.fleet ?? base.name;
  const override = caller.env["TMUX_SOCKET_OVERRIDE"] || config.socket;
  const own = config.layout === "original" ? "iw-orchestrator" : defaultSocket(name, config.folders.root);
  const [only, ...more] = store.sockets();
  const recorded = store.lastGood === undefined && more.length === 0 ? only : undefined;
  const job = { store, env: caller.env, atTerminal: caller.atTerminal };
  return {
    ...base,
    name,
    agents: [],
    files: [],
    machine: {
      folders: config.folders,
      socket: override || recorded || own,
      sessionPath: config.session.path ?? sessionPathOf(job),
      variables: config.variables,
      layout: config.layout,
    },
    digest: "",
    warnings: [],
  };
}
