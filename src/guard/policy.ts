// The policy a guard decides by: plain data, compiled at render time, carried inside the executable.

/** A place where the agent may not write, compiled from one glob or from one of the fixed rules. */
export interface ClosedPlace {
  /** As the registry has it, or the words for a fixed rule. */
  readonly glob: string;
  /** Regular expression (flag s) over the path relative to the project root. */
  readonly re: string;
  /** Simple globs (`*`, `?`, `**` only) that together cover at least what `re` matches: for words with wildcards. */
  readonly shapes: readonly string[];
  /** Whom to ask instead. */
  readonly ask: string;
  /** The agent that owns the place alone. */
  readonly owner?: string;
  /**
   * A rule for every agent: the enforcement itself, what is recorded of it, and what says how it has to be (`spec`).
   * Reading it is always allowed.
   */
  readonly own?: "settings" | "record" | "spec";
  /** Paths relative to the project root, inside the place, that are open all the same: `re` leaves them out. */
  readonly but?: readonly string[];
}

export interface GuardPolicy {
  readonly v: 1;
  readonly agent: string;
  /** The launch folder, relative to the project root. */
  readonly home: string;
  /** From the launch folder to the project root (`../..`). */
  readonly root: string;
  /** From the folder of the executable to the launch folder. */
  readonly up: string;
  readonly access: "write" | "all";
  readonly tools: readonly string[];
  readonly always: readonly string[];
  readonly delegates: readonly string[];
  /** Whom to ask when no place tells. */
  readonly ask: string;
  readonly places: readonly ClosedPlace[];
}

/** What the guard may see of the disk: it never writes. */
export interface Disk {
  /** The text of a link at that very path, null when it is none. */
  link(path: string): string | null;
  /** What the path leads to. */
  kind(path: string): "file" | "folder" | null;
  /** Names in a folder, null when it cannot be read. Folder names end in a slash. */
  list(path: string): readonly string[] | null;
  /** The text of a small file, null when there is none or it is too large. */
  read(path: string): string | null;
  /** The home folder of the session's user, empty when unknown. */
  readonly home: string;
  /** CLAUDE_CONFIG_DIR of the session: where the client keeps its user settings instead. */
  readonly config?: string;
  /** The tmux socket the session runs on, as its variable TMUX says. */
  readonly socket?: string;
}

/** Thrown where a call is refused; the message is the reason. */
export class Denied extends Error {}
