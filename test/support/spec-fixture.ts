// Fleet projects in temporary folders, read by the real reader: what the stories of spec and config begin with.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";
import { createFileReader } from "../../src/host/fs/files.ts";
import { type ConfigResult, loadConfig } from "../../src/input/config/load.ts";
import { type Loaded, loadSpec, readConfigFile } from "../../src/input/spec/load.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { Spec } from "../../src/model/fleet.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Project {
  readonly root: string;
  path(name: string): string;
  put(files: Files): void;
}

export interface Ask {
  readonly cwd?: string;
  readonly configFile?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly recorded?: Readonly<Record<string, string>>;
  readonly hostname?: string;
}

export const TEMPLATES: Files = {
  "templates/settings.json": '{ "model": "{{ agent.model }}" }\n',
  "templates/settings.local.json": '{ "disableAllHooks": false }\n',
  "templates/CLAUDE.md": "# {{ agent.display_name }}\n",
};

/** A project in its own temporary folder, removed when the test ends. */
export function openProject(files: Files = {}): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-spec-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string): string => join(root, name);
  const put = (more: Files): void => {
    for (const [name, content] of Object.entries(more)) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
    }
  };
  put(files);
  return { root, path, put };
}

/** A project of the native layout that is sound but for what the story changes. */
export function openFleet(files: Files = {}): Project {
  return openProject({ ...TEMPLATES, "desired/registry.yaml": registry(PLANNER), ...files });
}

/** Runs something while the current folder is the file system's root, as the commands do. */
export function atRoot<T>(make: () => T): T {
  const before = process.cwd();
  process.chdir("/");
  try {
    return make();
  } finally {
    process.chdir(before);
  }
}

export function findConfig(project: Project, ask: Ask = {}): Promise<ConfigResult> {
  return loadConfig({
    cwd: ask.cwd ?? project.root,
    ...(ask.configFile === undefined ? {} : { configFile: ask.configFile }),
    env: ask.env ?? {},
    files: createFileReader({ roots: [project.root] }),
    inRootDirectory: atRoot,
    read: async (job) => readConfigFile(job),
  });
}

export async function load(project: Project, ask: Ask = {}): Promise<Loaded> {
  const { config, diagnostics } = await findConfig(project, ask);
  if (config === null) return { spec: null, draft: null, diagnostics, inputs: [] };
  const machine = {
    env: ask.env ?? {},
    sessionPath: "/usr/bin:/bin",
    ...(ask.hostname === undefined ? {} : { hostname: ask.hostname }),
    ...(ask.recorded === undefined ? {} : { recorded: ask.recorded }),
  };
  return loadSpec({ config, machine, files: createFileReader({ roots: [project.root] }) });
}

/** The spec of a project that has to be sound. */
export async function loadSound(project: Project, ask: Ask = {}): Promise<Spec> {
  const { spec, diagnostics } = await load(project, ask);
  if (spec === null) throw new Error(diagnostics.map(told).join("\n"));
  return spec;
}

/** `desired/registry.yaml:3:5 E120 unknown field "descripton"`. */
export function told({ file, line, col, code, message }: Diagnostic): string {
  return `${file}:${line}:${col} ${code} ${message}`;
}

export interface Declared {
  readonly name: string;
  readonly lines?: readonly string[];
}

export const PLANNER: Declared = { name: "planning-agent" };
export const CODER: Declared = { name: "backend-agent" };

/** A registry; the entry of each agent is six lines (key, name, display_name, description, model, tools) and its own. */
export function registry(...agents: readonly Declared[]): string {
  const entries = agents.flatMap(({ name, lines = [] }) => [
    `  ${name}:`,
    `    name: ${name}`,
    "    display_name: Of The Story",
    "    description: does what the story needs",
    "    model: opus",
    "    tools: [Read, Write]",
    ...lines.map((line) => `    ${line}`),
  ]);
  return ["agents:", ...entries, ""].join("\n");
}
