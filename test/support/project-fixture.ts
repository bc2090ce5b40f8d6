// How a story is told: a fleet project in a temporary folder, the built command run in it with an environment made
// from nothing, and a picture of every byte before and after.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The built commands. */
export const COMMANDS = {
  rollcall: join(repository, "dist", "rollcall.cjs"),
  "claude-agent": join(repository, "dist", "claude-agent.cjs"),
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProjectOptions {
  /** Files to write, paths relative to the project. `{ text, mode }` for an executable. */
  readonly files?: Readonly<Record<string, string | { readonly text: string; readonly mode: number }>>;
  /** Starts from a copy of this repository's own fleet: its desired/ and templates/, and agents/ as committed. */
  readonly ownFleet?: boolean;
  /** Makes the project a git repository with one commit. */
  readonly git?: boolean;
}

export interface RunOptions {
  /** On top of the bare environment; undefined takes a variable away. */
  readonly env?: Environment;
  /** Relative to the project root. */
  readonly cwd?: string;
  readonly input?: string;
  /** Which of the two commands; default rollcall. */
  readonly command?: keyof typeof COMMANDS;
  /** Milliseconds; a run that takes longer is killed and fails the test. */
  readonly timeoutMs?: number;
}

export interface Ran {
  /** Exit code, null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document on stdout. Fails the test when stdout is anything else. */
  json(): Document;
}

/** A JSON document of ours, loosely typed: a test names the fields it looks at. */
export type Document = { readonly kind: string; readonly formatVersion: string } & Readonly<Record<string, unknown>>;

/** A running command, for signals and for two runs at once. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

export interface Project {
  /** The real path of the project root. */
  readonly root: string;
  /** The HOME of every run: empty at first. */
  readonly home: string;
  /** Name of the private tmux socket; its server is killed after the test. */
  readonly socket: string;
  /** The environment of every run, before `RunOptions.env`. */
  readonly env: Readonly<Record<string, string>>;
  path(relative: string): string;
  read(relative: string): string;
  write(relative: string, text: string, mode?: number): void;
  /** Replaces the one occurrence of a text in a file; a text that is not there once fails the test. */
  edit(relative: string, from: string, to: string): void;
  remove(relative: string): void;
  exists(relative: string): boolean;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  start(args: readonly string[], options?: RunOptions): Running;
  /** tmux on the private socket; the trimmed stdout. Throws when tmux says no. */
  tmux(args: readonly string[]): string;
}

/** Opens a project; it and its tmux server are gone when the test is over. */
export function openProject(options: ProjectOptions = {}): Project {
  const { project, close } = makeProject(options);
  onTestFinished(close);
  return project;
}

/** A project that several tests share; whoever makes it closes it. */
export function makeProject(options: ProjectOptions = {}): { readonly project: Project; readonly close: () => void } {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-story-")));
  const root = join(base, "fleet");
  const home = join(base, "home");
  for (const folder of [root, home]) mkdirSync(folder);
  const socket = `story-${randomUUID().slice(0, 8)}`;
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, LANG: "C.UTF-8", TMUX_SOCKET_OVERRIDE: socket };
  const project = projectAt({ root, home, socket, env });
  if (options.ownFleet) copyOwnFleet(root);
  for (const [path, content] of Object.entries(options.files ?? {})) {
    if (typeof content === "string") project.write(path, content);
    else project.write(path, content.text, content.mode);
  }
  if (options.git) commitAll(project);
  return { project, close: () => close(project, base) };
}

function projectAt(at: Pick<Project, "root" | "home" | "socket" | "env">): Project {
  const { root, socket, env } = at;
  const path = (relative: string): string => join(root, relative);
  const project: Project = {
    ...at,
    path,
    read: (relative) => readFileSync(path(relative), "utf8"),
    write: (relative, text, mode) => {
      mkdirSync(dirname(path(relative)), { recursive: true });
      writeFileSync(path(relative), text);
      if (mode !== undefined) chmodSync(path(relative), mode);
    },
    edit: (relative, from, to) => {
      const parts = project.read(relative).split(from);
      expect(parts.length - 1, `occurrences of ${JSON.stringify(from)} in ${relative}`).toBe(1);
      writeFileSync(path(relative), parts.join(to));
    },
    remove: (relative) => rmSync(path(relative), { recursive: true, force: true }),
    exists: (relative) => existsSync(path(relative)),
    run: (args, options) => project.start(args, options).ended,
    start: (args, options) => startCommand(at, args, options ?? {}),
    tmux: (args) => {
      const words = ["-L", socket, "-f", "/dev/null", ...args];
      return execFileSync("tmux", words, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
    },
  };
  return project;
}

function startCommand(at: Pick<Project, "root" | "env">, args: readonly string[], options: RunOptions): Running {
  const script = COMMANDS[options.command ?? "rollcall"];
  const child = spawn(process.execPath, [script, ...args], {
    cwd: options.cwd === undefined ? at.root : join(at.root, options.cwd),
    env: { ...at.env, ...options.env },
    stdio: "pipe",
    timeout: options.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
  child.stdin.on("error", () => {}); // it may end without reading
  child.stdin.end(options.input ?? "");
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve(ranOf(code, signal, Buffer.concat(stdout).toString(), Buffer.concat(stderr).toString())),
    );
  });
  return { child, ended };
}

function ranOf(code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string): Ran {
  return {
    code,
    signal,
    stdout,
    stderr,
    json: () => {
      let value: unknown;
      try {
        value = JSON.parse(stdout);
      } catch {
        expect.fail(`stdout is not one JSON document (exit ${code}):\n${stdout}\n--- stderr\n${stderr}`);
      }
      expect(value).toMatchObject({ kind: expect.any(String), formatVersion: "1.0" });
      return value as Document;
    },
  };
}

function copyOwnFleet(root: string): void {
  for (const folder of ["desired", "templates"])
    cpSync(join(repository, folder), join(root, folder), { recursive: true });
  const committed = execFileSync("git", ["ls-files", "-z", "agents"], { cwd: repository, encoding: "utf8" });
  for (const file of committed.split("\0").filter(Boolean)) {
    cpSync(join(repository, file), join(root, file), { recursive: true });
  }
}

/** Makes the project a git repository and commits what is there. */
export function commitAll(project: Project): void {
  const identity = { GIT_AUTHOR_NAME: "ada", GIT_AUTHOR_EMAIL: "ada@example.invalid" };
  const committer = { GIT_COMMITTER_NAME: "ada", GIT_COMMITTER_EMAIL: "ada@example.invalid" };
  const env = { ...project.env, ...identity, ...committer };
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["commit", "-q", "-m", "The fleet"],
  ]) {
    execFileSync("git", args, { cwd: project.root, env });
  }
}

function close(project: Project, base: string): void {
  try {
    project.tmux(["kill-server"]);
  } catch {
    // no server was started
  }
  rmSync(join("/tmp", `tmux-${process.getuid?.() ?? 0}`, project.socket), { force: true });
  openUp(base);
  rmSync(base, { recursive: true, force: true });
}

/** A story may have taken permissions away: give them back, or the folder cannot be removed. */
function openUp(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) openUp(join(folder, entry.name));
  }
}

/** One thing on disk, as a text that differs when anything about it does. */
export type Picture = Readonly<Record<string, string>>;

/**
 * Everything below a folder: kind, mode, link target, bytes, and the time and inode of files, so that a rewrite with
 * equal bytes shows as well. `except`: paths (with what is below them) that may change.
 */
export function snapshot(folder: string, options: { readonly except?: readonly string[] } = {}): Picture {
  const picture: Record<string, string> = {};
  const visit = (relative: string): void => {
    const path = join(folder, relative);
    const facts = lstatSync(path, { bigint: true });
    const mode = (facts.mode & 0o7777n).toString(8);
    if (facts.isSymbolicLink()) picture[relative] = `link ${readlinkSync(path)}`;
    else if (facts.isDirectory()) {
      picture[`${relative}/`] = `folder ${mode}`;
      for (const name of readdirSync(path).sort()) {
        const below = relative === "" ? name : `${relative}/${name}`;
        if (!options.except?.includes(below)) visit(below);
      }
    } else if (facts.isFile()) {
      picture[relative] = `file ${mode} ino ${facts.ino} mtime ${facts.mtimeNs}\n${readFileSync(path, "latin1")}`;
    } else picture[relative] = `other ${mode}`;
  };
  visit("");
  return picture;
}

/** Paths that came, went or changed between two pictures, sorted. */
export function changedPaths(before: Picture, after: Picture): string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...all].filter((path) => before[path] !== after[path]).sort();
}

/** Runs a story's step and demands that it left the folder exactly as it was. Returns what the step returned. */
export async function expectUntouched<T>(
  folder: string,
  step: () => Promise<T>,
  options: { readonly except?: readonly string[] } = {},
): Promise<T> {
  const before = snapshot(folder, options);
  const result = await step();
  expect(changedPaths(before, snapshot(folder, options))).toEqual([]);
  return result;
}
