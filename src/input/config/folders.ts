// From the configuration and what lies there to the six folders, and which of the two layouts they are.
import { posix } from "node:path";
import type { Config, ConfigFile } from "../../model/config.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Folders } from "../../model/fleet.ts";
import type { FileReader } from "../../model/world.ts";

export interface FoldersJob {
  /** Absolute and real. */
  readonly root: string;
  readonly file: ConfigFile;
  readonly files: FileReader;
  /** The file that problems are told of. */
  readonly from: string;
}

export interface Placed {
  readonly folders: Folders;
  readonly layout: Config["layout"];
  readonly diagnostics: readonly Diagnostic[];
  readonly inputs: readonly string[];
}

const ORIGINAL_REGISTRY = "agents/registry.yaml";
const ORIGINAL_SCRIPTS = "scripts/native-orchestrator";
const ORIGINAL_TEMPLATES = `${ORIGINAL_SCRIPTS}/templates`;

/** Places everything. Paths are relative to the root; a path that is not configured has the default of the layout. */
export function placeFolders(job: FoldersJob): Placed {
  const { root, file, files } = job;
  const at = (path: string): string => posix.resolve(root, path);
  const there = (path: string): boolean => files.facts(at(path)) !== null;
  const hasFile = file.registry === undefined && there("desired/registry.yaml");
  const hasFolder = file.registry === undefined && there("desired/registry");
  const layout = layoutOf(job, hasFile || hasFolder);
  const original = layout === "original";
  const registry = original ? ORIGINAL_REGISTRY : hasFolder && !hasFile ? "desired/registry" : "desired/registry.yaml";
  const folders: Folders = {
    root,
    registry: at(file.registry ?? registry),
    fleet: at(file.fleet ?? "desired/fleet.yaml"),
    templates: at(file.templates ?? (original ? ORIGINAL_TEMPLATES : "templates")),
    agents: at(file.agents ?? "agents"),
    state: at(file.state ?? "state"),
  };
  const diagnostics = overlaps(folders, job);
  if (hasFile && hasFolder) diagnostics.push(twoRegistries(job));
  const probed = ["desired/registry.yaml", "desired/registry", ORIGINAL_REGISTRY, ORIGINAL_SCRIPTS].map(at);
  return { folders, layout, diagnostics, inputs: file.registry === undefined ? probed : [] };
}

/**
 * The original's layout: named by the configuration, or recognised where the configuration names neither registry nor
 * templates and there is no registry of ours.
 */
function layoutOf({ root, file, files }: FoldersJob, hasOwnRegistry: boolean): Config["layout"] {
  const is = (path: string | undefined, known: string): boolean =>
    path !== undefined && posix.resolve(root, path) === posix.join(root, known);
  if (is(file.registry, ORIGINAL_REGISTRY) || is(file.templates, ORIGINAL_TEMPLATES)) return "original";
  if (hasOwnRegistry || file.registry !== undefined || file.templates !== undefined) return "native";
  const there = (path: string): boolean => files.facts(posix.join(root, path)) !== null;
  return there(ORIGINAL_REGISTRY) || there(ORIGINAL_SCRIPTS) ? "original" : "native";
}

/** What we write into must not be what we read from: agents, state and the rest each have a folder of their own. */
function overlaps({ root, registry, fleet, templates, agents, state }: Folders, { from }: FoldersJob): Diagnostic[] {
  const shown = (path: string): string => posix.relative(root, path) || ".";
  const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
  const found: Diagnostic[] = [];
  const report = (message: string): void => {
    const hint = "agents and state need folders of their own";
    found.push({ code: "E023", severity: "error", file: from, line: 1, col: 1, message, hint });
  };
  for (const [name, folder] of [["agents", agents] as const, ["state", state] as const]) {
    if (within(root, folder)) {
      report(`the ${name} folder ${shown(folder)} holds the whole project`);
      return found;
    }
    if (within(templates, folder) || within(fleet, folder)) {
      report(`the ${name} folder ${shown(folder)} holds the templates or fleet.yaml`);
    }
  }
  if (within(agents, state)) report(`the state folder ${shown(state)} holds the agents folder`);
  if (within(registry, state)) report(`the state folder ${shown(state)} holds the registry`);
  return found;
}

function twoRegistries({ from }: FoldersJob): Diagnostic {
  return {
    code: "E025",
    severity: "error",
    file: from,
    line: 1,
    col: 1,
    message: "there are two registries: desired/registry.yaml and desired/registry/",
    hint: "move the file into the folder, or name one of them as `registry:` in rollcall.config.yaml",
  };
}
