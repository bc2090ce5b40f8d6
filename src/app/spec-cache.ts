// The compiled spec, kept between runs: keyed by everything it was made from. Read by commands that only look; never the
// basis of a write.
import { hostname } from "node:os";
import { posix } from "node:path";
import { digestBytes, digestJson } from "../delta/digest.ts";
import type { DesiredState } from "../engine/desire.ts";
import type { Config, ConfigFile } from "../model/config.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Json } from "../model/json.ts";
import type { Desired } from "../model/resource.ts";
import type { FileReader, RecordFolder } from "../model/world.ts";

declare const ROLLCALL_BUILD: string;

/** Name of the kept spec in the state folder, and of the kept configuration. */
const SPEC = "cache/spec.json";
const CONFIG = "cache/config.json";
const LIMIT = 512 * 1024 * 1024;

/** What the spec was made from besides files. */
export interface SpecKey {
  readonly config: Config;
  /** Variables of the environment, and what the ledger remembers of this machine. */
  readonly machine: Json;
  /** Version of Node. */
  readonly node: string;
}

/** What the spec takes from this machine: its name, some of the caller's environment, and what the ledger remembers. */
export function machineKey(
  { TMUX_SOCKET_OVERRIDE = "", TEF_ROOT = "" }: Readonly<Record<string, string>>,
  sessionPath: string,
  recorded: Readonly<Record<string, string>>,
): Json {
  return { hostname: hostname(), TMUX_SOCKET_OVERRIDE, TEF_ROOT, sessionPath, recorded: { ...recorded } };
}

/** A path the spec depends on, with what was there when it was compiled. */
export type SpecInput = readonly [path: string, content: string];

interface Kept {
  readonly key: string;
  readonly inputs: readonly SpecInput[];
  readonly fleet: Fleet;
  /** What the kinds make of the fleet; left out where they have something to say about it, which is said anew each time. */
  readonly desired?: readonly Desired[];
}

const build = typeof ROLLCALL_BUILD === "undefined" ? "source" : ROLLCALL_BUILD;

function keyOf({ config, machine, node }: SpecKey): string {
  const plain = JSON.parse(JSON.stringify({ ...config, named: [...config.named] })) as Json;
  return digestJson([build, node.split(".")[0] ?? "", plain, machine]);
}

/** One path's content as a word: a digest of a file's bytes or of a folder's names, or that it is absent. */
function contentOf(path: string, files: FileReader): string {
  const found = files.read(path, { limit: LIMIT });
  if (found.state === "file") return digestBytes(found.bytes);
  const names = files.list(path);
  return names === null ? found.state : digestBytes(names.map(({ name, type }) => `${type} ${name}`).join("\n"));
}

/** Answers for each path as it did the first time: what is said of an input is what was compiled, whatever came later. */
export function readingOnce(files: FileReader): FileReader {
  const once = <T>(ask: (path: string) => T) => {
    const known = new Map<string, T>();
    return (path: string, anew = ask): T => {
      const answer = known.has(path) ? (known.get(path) as T) : anew(path);
      known.set(path, answer);
      return answer;
    };
  };
  const read = once((path) => files.read(path));
  const list = once((path) => files.list(path));
  return { ...files, list: (path) => list(path), read: (path, options) => read(path, () => files.read(path, options)) };
}

/** What is at each of the paths. */
export function inputsOf(paths: readonly string[], files: FileReader): readonly SpecInput[] {
  return paths.map((path) => [path, contentOf(path, files)] as const);
}

/** The kept fleet and its resources when nothing they were made from has changed; null otherwise. */
export function keptFleet(key: SpecKey, files: FileReader): Pick<Kept, "fleet" | "desired"> | null {
  const kept = readKept<Kept>(posix.join(key.config.folders.state, SPEC), files);
  if (kept?.key !== keyOf(key)) return null;
  return kept.inputs.every(([path, content]) => contentOf(path, files) === content) ? kept : null;
}

/** Keeps a compiled fleet. Only under the run lock. */
export function keepFleet(
  key: SpecKey,
  {
    fleet,
    inputs,
    desired,
  }: { readonly fleet: Fleet; readonly inputs: readonly SpecInput[]; readonly desired: DesiredState },
  state: RecordFolder,
): void {
  const resources = desired.diagnostics.length === 0 ? { desired: [...desired.resources.values()] } : {};
  const kept: Kept = { key: keyOf(key), inputs, fleet, ...resources };
  state.write(SPEC, sealed(kept));
}

interface KeptConfig {
  readonly build: string;
  readonly digest: string;
  readonly value: ConfigFile;
}

/** What a configuration file of these bytes says, when it was kept in the state folder that is the default. */
export function keptConfig(
  { root, digest }: { readonly root: string; readonly digest: string },
  files: FileReader,
): ConfigFile | null {
  const kept = readKept<KeptConfig>(posix.join(root, "state", CONFIG), files);
  return kept?.build === build && kept.digest === digest ? kept.value : null;
}

/** Keeps a configuration file's checked content. Only under the run lock. */
export function keepConfig(source: { readonly digest: string; readonly value: ConfigFile }, state: RecordFolder): void {
  state.write(CONFIG, sealed({ build, ...source }));
}

/** A value as it is kept: the digest of its JSON on a line, then the JSON. */
function sealed(value: object): string {
  const text = JSON.stringify(value);
  return `${digestBytes(text)}\n${text}`;
}

/** A cache that cannot be read, or is not to the byte what was kept, is no cache: it can be made again. */
function readKept<T extends object>(path: string, files: FileReader): T | null {
  const found = files.read(path, { limit: LIMIT, owned: true });
  if (found.state !== "file") return null;
  const end = found.bytes.indexOf("\n");
  const json = found.bytes.subarray(end + 1);
  if (end < 0 || found.bytes.toString("latin1", 0, end) !== digestBytes(json)) return null;
  return JSON.parse(json.toString("utf8")) as T;
}
