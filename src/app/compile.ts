// Spec files and templates become a fleet: loaded and rendered, or taken from what an earlier apply kept.
import { posix } from "node:path";
import type { RecordStore } from "../ledger/store.ts";
import type { Config } from "../model/config.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Desired } from "../model/resource.ts";
import type { FileReader } from "../model/world.ts";
import { inputsOf, keptFleet, machineKey, readingOnce, type SpecInput, type SpecKey } from "./spec-cache.ts";

export interface CompileJob {
  readonly config: Config;
  readonly store: RecordStore;
  readonly files: FileReader;
  readonly env: Readonly<Record<string, string>>;
  readonly mayUseCache: boolean;
  /** Version of Node. */
  readonly node: string;
  readonly hostname: string;
  /** The caller sits at a terminal. */
  readonly atTerminal: boolean;
}

export interface Compiled {
  /** Null when there is an error. */
  readonly fleet: Fleet | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The resources it comes to, where they are kept with it. */
  readonly desired?: readonly Desired[] | undefined;
  /** What it was made from; nothing when it was not compiled now. */
  readonly inputs: readonly SpecInput[];
  readonly key: SpecKey;
  /** What is kept is what was compiled now. */
  readonly isKept: boolean;
  /** Why this terminal's PATH takes the place of the recorded one; the next write records it. */
  readonly newPath?: Diagnostic;
}

/** Loads and renders; the readers of YAML and of templates are loaded only when nothing kept will do. */
export async function compileFleet(job: CompileJob): Promise<Compiled> {
  const newPath = pathTakenOver(job);
  const compiled = await compile(job, newPath === null ? sessionPathOf(job) : (job.env["PATH"] ?? ""));
  return newPath === null ? compiled : { ...compiled, newPath };
}

async function compile(job: CompileJob, sessionPath: string): Promise<Compiled> {
  const { config, store, files, env, mayUseCache } = job;
  const key: SpecKey = {
    config,
    machine: machineKey(job.env, sessionPath, store.variables),
    node: job.node,
  };
  const kept = keptFleet(key, files);
  if (kept && mayUseCache) return { ...kept, diagnostics: [], inputs: [], key, isKept: true };
  const reader = readingOnce(files);
  const { loadSpec } = await import("../input/spec/load.ts");
  const loaded = loadSpec({
    config,
    machine: { env, sessionPath, hostname: job.hostname, recorded: store.variables },
    files: reader,
  });
  const base = { inputs: inputsOf(loaded.inputs, reader), key };
  const { checkTemplates, renderFleet } = await import("../input/template/render.ts");
  if (!loaded.spec) {
    const more = loaded.draft ? await checkTemplates(loaded.draft) : [];
    return { ...base, fleet: null, diagnostics: [...loaded.diagnostics, ...more], isKept: false };
  }
  const { fleet, diagnostics } = await renderFleet(loaded.spec);
  return {
    ...base,
    fleet,
    diagnostics: [...loaded.diagnostics, ...diagnostics],
    isKept: kept !== null && kept.fleet.digest === fleet?.digest,
  };
}

/**
 * The PATH of sessions: the recorded one, so that cron and shell agree. One that was recorded away from a terminal gives
 * way to a terminal's, once: the first apply from there records it.
 */
export function sessionPathOf({ store, env, atTerminal }: Pick<CompileJob, "store" | "env" | "atTerminal">): string {
  const recorded = store.path;
  const own = env["PATH"];
  if (recorded && !(recorded.from === "other" && atTerminal && own)) return recorded.value;
  return own ?? "/usr/local/bin:/usr/bin:/bin";
}

/** A recorded PATH on which there is no Node any more gives way to that of a terminal which has one; null where it stays. */
function pathTakenOver({ config, store, files, env, atTerminal }: CompileJob): Diagnostic | null {
  const recorded = store.path?.value;
  const own = env["PATH"];
  if (!atTerminal || recorded === undefined || own === undefined || own === recorded) return null;
  if (config.session.path !== undefined || files.find("node", recorded) !== null) return null;
  if (files.find("node", own) === null) return null;
  return {
    code: "W653",
    severity: "warning",
    file: posix.join(config.folders.state, "ledger.json"),
    line: 1,
    col: 1,
    message: `no node is on the recorded PATH ${recorded} any more: the PATH of this terminal takes its place`,
    hint: "rollcall apply records it; sessions that run already keep the old PATH until they are started again",
  };
}
