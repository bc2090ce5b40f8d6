// The errors a stage may end with: a stable code, the cause, and the way out. Anything else thrown is a bug and says so.
import type { Diagnostic } from "./diagnostic.ts";

interface Details {
  /** What a person can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The base of every error that is not a bug. `code` is stable and has a page in `rollcall explain`. */
export class RollcallError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** The spec or the configuration is wrong: all diagnostics at once. Exit 1. */
export class SpecError extends RollcallError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter((one) => one.severity === "error");
    super("E100", `${errors.length} error${errors.length === 1 ? "" : "s"} in the specification`);
    this.diagnostics = diagnostics;
  }
}

/** The command was typed outside of any project. Exit 1; the message is a whole line by itself. */
export class NoProjectError extends RollcallError {
  /** Why a folder that looks like a project was passed by. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[] = []) {
    super("E027", "no fleet project here or in a parent folder; `rollcall init` makes one, `--chdir DIR` names one");
    this.diagnostics = diagnostics;
  }
}

/** The command line is wrong. Exit 64. */
export class UsageError extends RollcallError {
  constructor(message: string, hint?: string) {
    super("E010", message, hint === undefined ? {} : { hint });
  }
}

/** The machine refused something: a write, a process. Names the path or the command, and the errno. */
export class HostError extends RollcallError {
  readonly path: string | undefined;
  readonly errno: string | undefined;
  readonly retryable: boolean;

  constructor(
    code: string,
    message: string,
    details: Details & { readonly path?: string; readonly errno?: string; readonly retryable?: boolean } = {},
  ) {
    super(code, message, details);
    this.path = details.path;
    this.errno = details.errno;
    this.retryable = details.retryable ?? false;
  }
}

/** The lock file, the ledger or the journal cannot be read. Exit 1, never taken for "empty". */
export class RecordError extends RollcallError {}

/** Something was done, and then keeping the record of it failed. Exit 5: the journal has it, the next run records it. */
export class UnrecordedError extends RollcallError {}

/** A saved plan that is none, was changed, or is of another version or fleet. Exit 3. */
export class RefusedPlanError extends RollcallError {
  constructor(message: string, details: Details = {}) {
    super("E310", message, details);
  }
}

/** A saved plan no longer fits the world. Exit 3. */
export class StalePlanError extends RollcallError {
  readonly moved: readonly string[];

  constructor(message: string, moved: readonly string[], hint?: string) {
    super("E320", message, hint === undefined ? {} : { hint });
    this.moved = moved;
  }
}

export interface LockHolder {
  readonly pid: number;
  readonly startTick: string;
  readonly bootId: string;
  readonly host: string;
  readonly command: string;
  readonly since: string;
}

/** A live run holds the lock. Exit 4. */
export class LockedError extends RollcallError {
  readonly holder: LockHolder;

  constructor(holder: LockHolder) {
    super("E400", `locked by pid ${holder.pid} on ${holder.host} since ${holder.since}: ${holder.command}`, {
      hint: "wait for it, or give --lock-timeout SECONDS",
    });
    this.holder = holder;
  }
}
