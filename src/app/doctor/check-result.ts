// What a check finds: one of five states, a sentence, and the way out.

/** `skipped`: it could not be looked at, or does not apply here. Only `error` fails the command. */
export const STATES = ["ok", "info", "warning", "error", "skipped"] as const;
export type State = (typeof STATES)[number];

export interface CheckResult {
  readonly state: State;
  /** One sentence. */
  readonly message: string;
  /** What a person can do about it. */
  readonly remedy?: string;
  /** One line per thing that was found. */
  readonly details?: readonly string[];
}

export const ok = (message: string): CheckResult => ({ state: "ok", message });
export const info = (message: string, remedy?: string, details?: readonly string[]): CheckResult =>
  finding("info", message, remedy, details);
export const warning = (message: string, remedy: string, details?: readonly string[]): CheckResult =>
  finding("warning", message, remedy, details);
export const error = (message: string, remedy: string, details?: readonly string[]): CheckResult =>
  finding("error", message, remedy, details);
export const skipped = (message: string): CheckResult => ({ state: "skipped", message });

function finding(state: State, message: string, remedy?: string, details?: readonly string[]): CheckResult {
  return {
    state,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(details === undefined || details.length === 0 ? {} : { details }),
  };
}

/** A stage of opening the project: what came of it, or why nothing did. */
export type StageResult<T> = { readonly value: T } | { readonly failed: unknown };

/** Thrown where a check needs a stage that failed: the check is skipped, the stage's own check tells why. */
export class SkippedCheck extends Error {}

/** The value of a stage. Throws Needed, with a clause about what is missing. */
export function require<T>(result: StageResult<T>, missing: string): T {
  if ("failed" in result) throw new SkippedCheck(missing);
  return result.value;
}

/** The first few of a list as details, and how many more there are. */
export function firstOf(list: readonly string[], count = 5): string[] {
  return list.length <= count ? [...list] : [...list.slice(0, count), `… and ${list.length - count} more`];
}

/** `1 file`, `3 files`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
