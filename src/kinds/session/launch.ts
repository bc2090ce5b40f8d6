// Which program a session would be started with: the command, else the fallback, else none; chosen at start.
import type { Agent, Fleet } from "../../model/fleet.ts";
import type { FileReader } from "../../model/world.ts";
import { declaredEnvironment } from "./fingerprint.ts";
import type { Program, SessionProps } from "./types.ts";

/** The PATH a session gets: the agent's own plain value, else the machine's. */
export function launchPath(agent: Agent | undefined, fleet: Fleet): string {
  const own = agent ? declaredEnvironment(agent)["PATH"] : undefined;
  return own === undefined || isReference(own) ? fleet.machine.sessionPath : own;
}

/** True for a value that names where the secret is instead of holding it. */
export function isReference(value: string): boolean {
  return value.startsWith("env:") || value.startsWith("file:");
}

export interface Launch {
  readonly program: Program;
  readonly words: readonly string[];
  /** Where the program was found. */
  readonly path: string;
}

export type Finder = (program: string, searchPath: string) => string | null;

/** A finder that asks the disk once per program and PATH. */
export function rememberingFinder(files: Pick<FileReader, "find">): Finder {
  const found = new Map<string, string | null>();
  return (program, searchPath) => {
    const key = `${program}\0${searchPath}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const path = files.find(program, searchPath);
    found.set(key, path);
    return path;
  };
}

/** Where a program is; a relative path with a slash counts from the agent's folder, as the session would see it. */
export function locate(
  program: string,
  { folder, path, find }: { readonly folder: string; readonly path: string; readonly find: Finder },
): string | null {
  if (program === "") return null;
  return find(program.includes("/") && !program.startsWith("/") ? `${folder}/${program}` : program, path);
}

/** The command when it is installed, else the fallback when that is; null when neither is. */
export function chooseLaunch(
  props: SessionProps,
  { path, find }: { readonly path: string; readonly find: Finder },
): Launch | null {
  for (const [program, words] of [
    ["command", props.command],
    ["fallback", props.fallback],
  ] as const) {
    const at = locate(words[0] ?? "", { folder: props.folder, path, find });
    if (at !== null) return { program, words, path: at };
  }
  return null;
}
