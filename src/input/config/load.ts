// The configuration of this machine: found, read, completed. The only door to cosmiconfig, and a guarded one.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Config, ConfigFile, ConfigRead } from "../../model/config.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { FileReader } from "../../model/world.ts";
import { CONFIG_NAMES, findRoot, isProject } from "./find.ts";
import { type Placed, placeFolders } from "./folders.ts";

/** A configuration may not be larger (bytes): it is looked at before anything reads it. */
const CONFIG_LIMIT = 1024 * 1024;

export interface ConfigJob {
  /** The folder the command works from, absolute. */
  readonly cwd: string;
  /** `--config FILE`, as given. */
  readonly configFile?: string;
  /** The caller's environment: PROJECT_ROOT. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: FileReader;
  /** Runs a function while the current folder of the process is one where nobody but root can put files. */
  inRootDirectory<T>(make: () => T): T;
  /** Reads and checks a configuration file (spec/load's readConfigFile, loaded only when there is one). */
  read(job: { readonly files: FileReader; readonly path: string; readonly file: string }): Promise<ConfigRead>;
  /** What was read from equal bytes before; only for commands that do not write. */
  known?(source: { readonly root: string; readonly digest: string }): ConfigFile | null;
}

export interface ConfigResult {
  /** Null when there is an error. */
  readonly config: Config | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The file's digest and checked content, for those who keep it for `known`. */
  readonly source?: { readonly digest: string; readonly value: ConfigFile };
}

/**
 * Finds the project (PROJECT_ROOT, else the configuration's root, else the nearest marked folder from here upwards)
 * and its configuration. Where no configuration file lies, neither cosmiconfig nor the YAML reader is loaded: a few
 * lstat calls are all it costs. No code of any folder is ever run, and no file is ever imported into another.
 */
export async function loadConfig(job: ConfigJob): Promise<ConfigResult> {
  const { cwd, files, env, configFile } = job;
  const given = env["PROJECT_ROOT"] ?? "";
  if (given !== "" && !isFolder(posix.resolve(cwd, given), files)) return failed(noFolder("PROJECT_ROOT", given));
  const {
    root: marked,
    found,
    strange,
  } = given === "" ? findRoot(cwd, files) : { root: posix.resolve(cwd, given), found: true, strange: [] };
  const start = files.real(marked) ?? marked;
  const path = configFile === undefined ? present(start, files) : posix.resolve(cwd, configFile);
  const warnings = [...strange.map(strangeMark), ...(found ? codeWarnings(start, files) : [])];
  if (path === null) return completed(job, { root: start, found, file: {}, warnings });
  const read = await readFound(job, path, start);
  if (read.value === null) return { config: null, diagnostics: [...read.diagnostics, ...warnings] };
  const root = given === "" ? rootOf({ path, start, found }, read.value, job) : start;
  if (!isFolder(root, files)) return failed(noFolder(shownFrom(start, path), root));
  const real = files.real(root) ?? root;
  const isFound = found || isProject(real, files);
  const done = completed(job, { root: real, found: isFound, file: read.value, path, warnings });
  return { ...done, source: { digest: read.digest, value: read.value } };
}

interface Completion {
  readonly root: string;
  readonly found: boolean;
  readonly file: ConfigFile;
  readonly path?: string;
  readonly warnings: readonly Diagnostic[];
}

function completed({ files }: ConfigJob, { root, found, file, path, warnings }: Completion): ConfigResult {
  const from = path === undefined ? CONFIG_NAMES[0] : shownFrom(root, path);
  const placed: Placed = placeFolders({ root, file, files, from });
  const odd = [...warnings, ...outsideWarning(placed.folders, from)];
  const diagnostics = [...placed.diagnostics, ...odd];
  if (placed.diagnostics.length > 0) return { config: null, diagnostics };
  const { command, path: searchPath } = file.session ?? {};
  const config: Config = {
    folders: placed.folders,
    layout: placed.layout,
    found,
    ...(path === undefined ? {} : { file: path }),
    named: new Set(Object.keys(file)),
    inputs: [path ?? posix.join(root, CONFIG_NAMES[0]), ...placed.inputs],
    ...(file.socket === undefined ? {} : { socket: file.socket }),
    ...(file.prefix === undefined ? {} : { prefix: file.prefix }),
    session: {
      ...(command === undefined ? {} : { command }),
      ...(searchPath === undefined ? {} : { path: searchPath }),
    },
    variables: file.variables ?? {},
    warnings: odd,
  };
  return { config, diagnostics };
}

/** Not an error to look at; writing there takes a word of the person's own. */
function outsideWarning({ root, agents }: Placed["folders"], from: string): Diagnostic[] {
  if (agents.startsWith(`${root}/`)) return [];
  const message = `agents: leads out of the project: ${agents}`;
  const hint = "apply and reconcile write there only with --allow-outside";
  return [{ code: "W664", severity: "warning", file: from, line: 1, col: 1, message, hint }];
}

/** `root:` of the file; else the file's folder when it is a project; else the project found from here. */
function rootOf(
  { path, start, found }: { readonly path: string; readonly start: string; readonly found: boolean },
  file: ConfigFile,
  { configFile, files }: ConfigJob,
): string {
  const folder = posix.dirname(path);
  if (file.root !== undefined) return posix.resolve(folder, file.root);
  if (configFile === undefined) return start;
  return isProject(folder, files) || !found ? folder : start;
}

type FoundRead = ConfigRead & { readonly digest: string };

async function readFound(job: ConfigJob, path: string, root: string): Promise<FoundRead> {
  const { files } = job;
  const file = shownFrom(root, path);
  const refuse = (diagnostic: Diagnostic): FoundRead => ({ value: null, diagnostics: [diagnostic], digest: "" });
  if (/\.(?:[cm]?[jt]sx?|json)$/i.test(path)) {
    return refuse(
      problem("E021", file, `${file} is not read: a configuration is YAML, never code`, "rollcall.config.yaml"),
    );
  }
  const content = files.read(path, { limit: CONFIG_LIMIT });
  if (content.state !== "file") return { ...(await job.read({ files, path, file })), digest: "" };
  const digest = createHash("sha256").update(content.bytes).digest("hex").slice(0, 32);
  const known = job.known?.({ root, digest }) ?? null;
  if (known !== null) return { value: known, diagnostics: [], digest };
  const found = await findByCosmiconfig(job, path);
  if (found !== path) {
    return refuse(
      problem("E026", file, `${file} was found, but ${found ?? "nothing"} would be read`, "give it by --config"),
    );
  }
  return { ...(await job.read({ files, path, file })), digest };
}

/**
 * Lets cosmiconfig find the file. By itself it executes code of the current folder (`.config/config.js`) when it is
 * made, loads scripts, and merges files that a `$import` key names. So it is made in a inRootDirectory folder, searches one
 * folder for two names, refuses every loader but ours, and ours hands on text only: no key of the file is seen by it.
 */
async function findByCosmiconfig(job: ConfigJob, path: string): Promise<string | null> {
  const { cosmiconfigSync } = await import("./load-explorer.ts");
  const text = (filepath: string, content: string) => ({ path: filepath, text: content });
  const refuse = (filepath: string): never => {
    throw new Error(`no loader for ${filepath}`);
  };
  const explorer = job.inRootDirectory(() =>
    cosmiconfigSync("rollcall", {
      searchPlaces: [...CONFIG_NAMES],
      searchStrategy: "none",
      cache: false,
      ignoreEmptySearchPlaces: false,
      loaders: {
        ".yaml": text,
        ".yml": text,
        noExt: text,
        default: text,
        ".js": refuse,
        ".cjs": refuse,
        ".mjs": refuse,
        ".ts": refuse,
        ".json": refuse,
      },
    }),
  );
  const result = job.configFile === undefined ? explorer.search(posix.dirname(path)) : explorer.load(path);
  return result?.filepath ?? null;
}

function present(root: string, files: FileReader): string | null {
  for (const name of CONFIG_NAMES) {
    const path = posix.join(root, name);
    if (files.facts(path) !== null) return path;
  }
  return null;
}

const CODE_NAMES = [".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".json"].map((end) => `rollcall.config${end}`);

/** A configuration somebody wrote as code is not run, and not passed over in silence either. */
function codeWarnings(root: string, files: FileReader): Diagnostic[] {
  return CODE_NAMES.filter((name) => files.facts(posix.join(root, name)) !== null).map((name) => ({
    ...problem("W020", name, `${name} is not read: a configuration is YAML, never code`, `write ${CONFIG_NAMES[0]}`),
    severity: "warning",
  }));
}

function strangeMark(folder: string): Diagnostic {
  const message = `the project ${folder} is passed by: another user made it`;
  return { ...problem("W021", folder, message, "set PROJECT_ROOT to use it all the same"), severity: "warning" };
}

function isFolder(path: string, files: FileReader): boolean {
  const real = files.real(path);
  return real !== null && files.facts(real)?.type === "folder";
}

function noFolder(from: string, path: string): Diagnostic {
  return problem("E022", from, `the project root ${JSON.stringify(path)} is not a folder`, "name the project's folder");
}

function failed(diagnostic: Diagnostic): ConfigResult {
  return { config: null, diagnostics: [diagnostic] };
}

function problem(code: string, file: string, message: string, hint: string): Diagnostic {
  return { code, severity: "error", file, line: 1, col: 1, message, hint };
}

function shownFrom(root: string, path: string): string {
  const relative = posix.relative(root, path);
  return relative.startsWith("../") ? path : relative;
}
