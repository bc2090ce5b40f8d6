// The spec, whole: read, checked, cross-checked, completed. Everything that is wrong is told at once; nothing is written.
import { posix } from "node:path";
import type { Config, ConfigRead } from "../../model/config.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { AgentSpec, SessionSpec, Spec } from "../../model/fleet.ts";
import { tidyGlobs } from "../../model/glob.ts";
import type { FileReader } from "../../model/world.ts";
import { checkContextFiles } from "./checks/context-files.ts";
import { checkFixedVariables } from "./checks/fixed-variables.ts";
import { checkGlobs } from "./checks/globs.ts";
import { checkHosts } from "./checks/hosts.ts";
import { lint } from "./checks/lint.ts";
import { crosscheck } from "./checks/references.ts";
import { checkOutputs } from "./checks/target-checks.ts";
import { Findings } from "./findings.ts";
import { type FleetSpec, readFleet, sessionOn } from "./fleet.ts";
import { type MachineInputs, machineOf } from "./machine.ts";
import { checkReady } from "./ready.ts";
import {
  folderOf,
  type LoadContext,
  placed,
  type RegistryEntries,
  type RegistryEntry,
  readRegistry,
} from "./registry.ts";
import { configShape } from "./schema/config-schema.ts";
import { checkDocument } from "./schema/issues.ts";
import { readTemplates } from "./templates.ts";
import { readYaml } from "./yaml/read.ts";
import { readText } from "./yaml/source-text.ts";

export { defaultSocket, type MachineInputs } from "./machine.ts";

export interface SpecJob {
  readonly config: Config;
  readonly machine: MachineInputs;
  readonly files: FileReader;
}

export interface Loaded {
  /** Null when there is an error. */
  readonly spec: Spec | null;
  /** What could be read in spite of errors, so that templates are checked as well. Never the basis of a fleet. */
  readonly draft: Spec | null;
  /** Errors and warnings, sorted; at most 50 of each, then a count. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every path whose content or absence the spec depends on, absolute, sorted. A folder stands for its list of names. */
  readonly inputs: readonly string[];
}

/** Reads and checks registry, fleet.yaml and templates. Never throws for what a person wrote. */
export function loadSpec({ config, machine, files }: SpecJob): Loaded {
  const { folders } = config;
  const findings = new Findings();
  const inputs = new Set(config.inputs);
  const reading: LoadContext = { files, findings, inputs, shown: (path) => posix.relative(folders.root, path) || "." };
  const registry = readRegistry(folders.registry, reading);
  const fleet = readFleet(config, reading);
  crosscheck(registry, findings);
  checkGlobs(registry.entries, folders.root, findings);
  lint(registry.entries, findings);
  checkFixedVariables(registry.entries, fleet, findings);
  if (fleet !== null) checkReady(fleet, registry.entries, findings);
  checkHosts(registry.entries, machine.hostname, findings);
  const spec = fleet === null ? null : complete({ fleet, registry, config, machine, reading });
  const diagnostics = [...config.warnings, ...findings.list()];
  const sound = spec !== null && findings.errors === 0;
  return {
    spec: sound ? { ...spec, warnings: diagnostics } : null,
    draft: spec,
    diagnostics,
    inputs: [...inputs].sort(),
  };
}

interface Completion {
  readonly fleet: FleetSpec;
  readonly registry: RegistryEntries;
  readonly config: Config;
  readonly machine: MachineInputs;
  readonly reading: LoadContext;
}

function complete({ fleet, registry, config, machine, reading }: Completion): Spec {
  checkOutputs(fleet, registry, config.folders, reading);
  const templates = readTemplates(fleet, config.folders, reading);
  const { name, files, hook, session, policy, retire } = fleet;
  const entries = tidied(registry.entries);
  const denied = deniedGlobs(entries);
  const completed = machineOf({ fleetName: name, config, inputs: machine, templates, entries, reading });
  checkContextFiles(templates, completed, reading);
  return {
    name,
    files,
    hook,
    session,
    policy,
    retire,
    templates,
    agents: entries.map((entry) => agentSpec(entry, session, denied(entry))),
    machine: completed,
    warnings: [],
  };
}

/** The entries with their globs as everything behind the spec sees them. */
function tidied(entries: readonly RegistryEntry[]): readonly RegistryEntry[] {
  const known = new Map<string, readonly string[]>();
  const tidy = (globs: readonly string[]): string[] =>
    globs.flatMap((glob) => {
      const read = known.get(glob) ?? tidyGlobs(glob);
      known.set(glob, read);
      return read;
    });
  return entries.map(({ declared, ...entry }) => {
    const { cannot_access: closed, exclusive_access: owned } = declared;
    const globs = {
      ...(closed === undefined ? {} : { cannot_access: tidy(closed) }),
      ...(owned === undefined ? {} : { exclusive_access: tidy(owned) }),
    };
    return { ...entry, declared: { ...declared, ...globs } };
  });
}

type Denied = AgentSpec["deniedGlobs"];

/**
 * cannot_access plus what is exclusive to others. Agents without exclusive paths of their own and with equal lists
 * share one result, so that a large fleet costs no more than what is different in it.
 */
function deniedGlobs(entries: readonly RegistryEntry[]): (entry: RegistryEntry) => Denied {
  const owned = entries.flatMap(({ name, declared }) =>
    (declared.exclusive_access ?? []).map((glob) => ({ glob, owner: name })),
  );
  const shared = new Map<string, Denied>();
  const compute = (own: readonly string[], name: string): Denied => {
    const byGlob = new Map<string, Denied[number]>(own.map((glob) => [glob, { glob }]));
    for (const one of owned) if (one.owner !== name) byGlob.set(one.glob, one);
    return [...byGlob.values()].sort((a, b) => (a.glob < b.glob ? -1 : 1));
  };
  return ({ name, declared }) => {
    const own = declared.cannot_access ?? [];
    if ((declared.exclusive_access ?? []).length > 0) return compute(own, name);
    const key = JSON.stringify([...own].sort());
    const known = shared.get(key) ?? compute(own, name);
    shared.set(key, known);
    return known;
  };
}

function agentSpec(entry: RegistryEntry, session: SessionSpec, denied: Denied): AgentSpec {
  const { declared, name } = entry;
  const env = declared.env ?? {};
  const own = sessionOn(session, declared.session);
  return {
    name,
    displayName: declared.display_name,
    description: declared.description,
    model: declared.model,
    tools: once(declared.tools),
    delegatesTo: once(declared.delegates_to),
    cannotAccess: once(declared.cannot_access),
    exclusiveAccess: once(declared.exclusive_access),
    responsibilities: declared.responsibilities ?? [],
    forbidden: declared.forbidden ?? [],
    enabled: declared.enabled ?? true,
    protect: declared.protect ?? false,
    ...(declared.edits_spec === true ? { editsSpec: true as const } : {}),
    dir: folderOf(entry),
    ...(declared.renamed_from === undefined ? {} : { renamedFrom: declared.renamed_from }),
    labels: once(declared.labels),
    env,
    ...(declared.host === undefined ? {} : { host: declared.host }),
    session: Object.keys(env).length === 0 ? own : { ...own, env: { ...own.env, ...env } },
    deniedGlobs: denied,
    place: placed(entry, [], "key").place,
  };
}

/** A list that is a set: each word once, in the order written. */
function once(words: readonly string[] | undefined): readonly string[] {
  return words === undefined ? [] : [...new Set(words)];
}

/** Reads and checks one configuration file, for config/load: all YAML is read in this room. */
export function readConfigFile(job: {
  readonly files: FileReader;
  /** Absolute. */
  readonly path: string;
  /** As diagnostics name it. */
  readonly file: string;
}): ConfigRead {
  const findings = new Findings();
  const absent = { code: "E020", message: `configuration not found: ${job.file}`, hint: "--config names a file" };
  const source = readText({ ...job, findings, absent });
  const document = source === null ? null : readYaml(source, findings);
  if (document === null) return { value: null, diagnostics: findings.list() };
  const value = document.value === null ? {} : checkDocument(document, configShape, findings);
  return { value: findings.errors > 0 ? null : value, diagnostics: findings.list() };
}
