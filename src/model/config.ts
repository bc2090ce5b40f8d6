// The configuration of this machine: as its file says it, and as it is once found and completed.
import type { Diagnostic } from "./diagnostic.ts";
import type { Folders } from "./fleet.ts";

/** rollcall.config.yaml as written, checked. All optional; `root` is relative to the file's folder, other paths to the root. */
export interface ConfigFile {
  readonly root?: string | undefined;
  readonly registry?: string | undefined;
  readonly fleet?: string | undefined;
  readonly templates?: string | undefined;
  readonly agents?: string | undefined;
  readonly state?: string | undefined;
  readonly socket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly session?:
    | { readonly command?: readonly string[] | undefined; readonly path?: string | undefined }
    | undefined;
}

/** A configuration file read and checked: null with diagnostics when it is wrong. */
export interface ConfigRead {
  readonly value: ConfigFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What holds on this machine. */
export interface Config {
  readonly folders: Folders;
  /** `native`: our layout; `original`: the layout of the system we replace. */
  readonly layout: "native" | "original";
  /** False when neither here nor above lies a fleet project: the root is then the current folder. */
  readonly found: boolean;
  /** The configuration file, absolute, when there is one. */
  readonly file?: string;
  /** The paths that the file names itself (`fleet`, …): missing, they are errors, where a default is not. */
  readonly named: ReadonlySet<string>;
  /** Every path whose content or absence this configuration depends on, absolute. */
  readonly inputs: readonly string[];
  readonly socket?: string;
  readonly prefix?: string;
  readonly session: { readonly command?: readonly string[]; readonly path?: string };
  /** What is odd about it; loadSpec hands these on with its own. */
  readonly warnings: readonly Diagnostic[];
  readonly variables: Readonly<Record<string, string>>;
}
