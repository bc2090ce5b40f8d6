// fleet.yaml into the model: what every agent gets, with the defaults of the two layouts.
import { posix } from "node:path";
import type { Config } from "../../model/config.ts";
import type { Place } from "../../model/diagnostic.ts";
import type { FileSpec, HookSpec, Policy, RetireSpec, SessionSpec } from "../../model/fleet.ts";
import { milliseconds } from "./duration.ts";
import { readyOn } from "./ready.ts";
import type { LoadContext } from "./registry.ts";
import { checkDocument } from "./schema/issues.ts";
import { looseFleet } from "./schema/partial.ts";
import { type FleetFile, fleetShape, type SessionEntry } from "./schema/schema.ts";
import type { Path } from "./schema/schema-port.ts";
import { readYaml, type SpecDocument } from "./yaml/read.ts";
import { lineOf, readText } from "./yaml/source-text.ts";

export interface FleetSpec {
  readonly name: string;
  readonly files: readonly FileSpec[];
  readonly hook: HookSpec;
  readonly session: SessionSpec;
  readonly policy: Policy;
  readonly retire: RetireSpec;
  /** Where something stands in fleet.yaml; its first line when the file is not there or says nothing of it. */
  placed(path: Path, which?: "key" | "value"): { readonly place: Place; readonly sourceLine: string | undefined };
}

/** Tools of the client that have no effect outside the conversation. */
const ALWAYS_ALLOWED_TOOLS: readonly string[] = [
  "AskUserQuestion",
  "BashOutput",
  "EnterPlanMode",
  "ExitPlanMode",
  "TaskCreate",
  "TaskGet",
  "TaskList",
  "TaskOutput",
  "TaskUpdate",
  "TodoWrite",
  "ToolSearch",
];

const NATIVE_FILES: readonly FileSpec[] = [
  { template: "settings.json", target: ".claude/settings.json", merge: "keys", mode: "0644" },
  { template: "settings.local.json", target: ".claude/settings.local.json", merge: "keys", mode: "0644" },
  { template: "CLAUDE.md", target: ".claude/CLAUDE.md", merge: "whole", mode: "0644" },
];

/** Reads fleet.yaml at the configured path; null when it cannot be read, only what is sound of it after findings. A missing file means the defaults. */
export function readFleet(config: Config, reading: LoadContext): FleetSpec | null {
  const path = config.folders.fleet;
  reading.inputs.add(path);
  const named = config.named.has("fleet");
  if (!named && reading.files.facts(path) === null) return fleetSpec({}, null, config, reading);
  const file = reading.shown(path);
  const absent = { code: "E127", message: `fleet file not found: ${file}`, hint: "the configuration names it" };
  const source = readText({ ...reading, path, file, absent });
  if (source === null) return null;
  const document = readYaml(source, reading.findings);
  if (document === null) return null;
  if (document.value === null) return fleetSpec({}, document, config, reading);
  const declared = checkDocument(document, fleetShape, reading.findings);
  return fleetSpec(declared ?? looseFleet(document.value), document, config, reading);
}

/** A fleet of which nothing is declared: the defaults, without files. */
export function undeclaredFleet(config: Config): Omit<FleetSpec, "placed" | "files"> {
  return {
    name: nameOfFolder(config.folders.root),
    hook: hookSpec(undefined, config),
    session: fleetSession(undefined, config),
    policy: policySpec(undefined, config),
    retire: retireSpec(undefined, null),
  };
}

function fleetSpec(
  declared: FleetFile,
  document: SpecDocument | null,
  config: Config,
  reading: LoadContext,
): FleetSpec {
  const file = reading.shown(config.folders.fleet);
  return {
    name: declared.name ?? nameOfFolder(config.folders.root),
    files: declared.files?.map(fileSpec) ?? defaultFiles(config, reading),
    hook: hookSpec(declared.hook, config),
    session: fleetSession(declared.session, config),
    policy: policySpec(declared.policy, config),
    retire: retireSpec(declared.retire, document),
    placed(at, which) {
      const place = document?.place(at, which) ?? { file, line: 1, col: 1 };
      return { place, sourceLine: document === null ? undefined : lineOf(document.source, place.line) };
    },
  };
}

/** The folder's name as a fleet's name: lower case, everything else a hyphen. */
function nameOfFolder(root: string): string {
  const words = posix
    .basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return (
    words
      .replace(/^-+|-+$/g, "")
      .slice(0, 63)
      .replace(/-+$/, "") || "fleet"
  );
}

type FileEntry = NonNullable<FleetFile["files"]>[number];

function fileSpec({ template, target, merge = "whole", mode = "0644" }: FileEntry): FileSpec {
  return { template, target: normalized(target), merge, mode: mode.padStart(4, "0") };
}

/** The original keeps its template names; its settings.local.json only where somebody made a template for it. */
function defaultFiles({ layout, folders }: Config, { files, inputs }: LoadContext): readonly FileSpec[] {
  if (layout === "native") return NATIVE_FILES;
  const local = posix.join(folders.templates, "settings.local.json.template");
  inputs.add(local);
  return NATIVE_FILES.map((one) => ({ ...one, template: `${one.template}.template` })).filter(
    ({ template }) => template !== "settings.local.json.template" || files.facts(local) !== null,
  );
}

/** Without `.` and double slashes. Nothing, where nothing sound was written. */
function normalized(path: string): string {
  return path === "" ? "" : posix.normalize(path);
}

function hookSpec(declared: FleetFile["hook"], { layout }: Config): HookSpec {
  return {
    path: normalized(declared?.path ?? `.claude/hooks/auto-deny${layout === "original" ? ".py" : ""}`),
    access: declared?.access ?? "write",
    alwaysAllowedTools: declared?.always_allowed_tools ?? ALWAYS_ALLOWED_TOOLS,
  };
}

const DEFAULT_SESSION: SessionSpec = {
  command: ["claude"],
  fallback: ["bash", "-l"],
  prefix: "iw-",
  start: "always",
  restart: "on-failure",
  onChange: "when-idle",
  env: {},
  size: [220, 50],
  parallel: 4,
  ready: { afterMs: 1_000, timeoutMs: 30_000 },
};

/** This machine's command and prefix beat fleet.yaml's. */
function fleetSession(declared: SessionEntry | undefined, { prefix, session }: Config): SessionSpec {
  const merged = sessionOn(DEFAULT_SESSION, declared);
  return { ...merged, command: session.command ?? merged.command, prefix: prefix ?? merged.prefix };
}

/** A section of the registry or of fleet.yaml on top of what it completes; environments are joined. */
export function sessionOn(base: SessionSpec, declared: SessionEntry | undefined): SessionSpec {
  if (declared === undefined) return base;
  return {
    command: declared.command ?? base.command,
    fallback: declared.fallback ?? base.fallback,
    prefix: declared.prefix ?? base.prefix,
    start: declared.start ?? base.start,
    restart: declared.restart ?? base.restart,
    onChange: declared.on_change ?? base.onChange,
    env: { ...base.env, ...declared.env },
    size: declared.size ?? base.size,
    parallel: declared.parallel ?? base.parallel,
    ready: readyOn(base.ready, declared.ready),
  };
}

function policySpec(declared: FleetFile["policy"], { layout }: Config): Policy {
  return {
    pruneBudget: budget(declared?.prune_budget ?? "25%"),
    parallelism: declared?.parallelism ?? 8,
    clientSchema: declared?.client_schema ?? (layout === "original" ? "warn" : "error"),
    widening: declared?.widening ?? "report",
    unattendedWidening: declared?.unattended_widening ?? "committed",
    attachedGraceMs: milliseconds(declared?.attached_grace ?? "10m"),
    enforce: duties(declared?.enforce),
  };
}

function duties({
  config = "enforce",
  hook = "enforce",
  session = "enforce",
  retired,
}: Duties = {}): Policy["enforce"] {
  return { config, hook, session, ...(retired === undefined ? {} : { retired }) };
}

type Duties = NonNullable<NonNullable<FleetFile["policy"]>["enforce"]>;

function budget(text: string | number): Policy["pruneBudget"] {
  return typeof text === "number" ? { count: text } : { percent: Number(text.slice(0, -1)) };
}

function retireSpec(declared: FleetFile["retire"], document: SpecDocument | null): RetireSpec {
  const nowhere: Place = { file: document?.source.file ?? "", line: 1, col: 1 };
  const archive = (declared?.archive ?? []).map(({ dir, replaced_by: replacedBy }, index) => {
    const place = document?.place(["retire", "archive", index]) ?? nowhere;
    return replacedBy === undefined ? { dir, place } : { dir, replacedBy, place };
  });
  return {
    label: declared?.label ?? "retired",
    archive,
    delete: declared?.delete ?? [],
    keep: declared?.keep ?? [],
    ...(declared?.tag === true ? { tag: true as const } : {}),
  };
}
