// The rules for single words of the spec and the configuration: the pattern, the code of the error, and what to say. Data only.

export interface FormatRule {
  readonly pattern: RegExp;
  readonly code: string;
  readonly say: string;
  readonly hint?: string;
}

/** One line of visible text: no control, no bidirectional or zero-width character. */
const WORD = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** What an agent, a fleet or a renamed agent may be called. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/u;

const rule = (pattern: RegExp, code: string, say: string, hint?: string): FormatRule =>
  hint === undefined ? { pattern, code, say } : { pattern, code, say, hint };

export const RULES = {
  word: rule(WORD, "E123", "must be one line of visible text"),
  name: rule(NAME, "E126", "a name must match ^[a-z0-9][a-z0-9-]{0,62}$", "lower case letters, digits and hyphens"),
  folder: rule(
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/u,
    "E126",
    "must be the name of one folder: letters, digits, dot, hyphen, underscore",
  ),
  label: rule(/^[A-Za-z0-9][A-Za-z0-9._=-]{0,62}$/u, "E126", "a label is made of letters, digits and . _ = -"),
  variable: rule(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/u, "E126", "must be a variable name: letters, digits, underscore"),
  setting: rule(
    /^(?!env:(?![A-Za-z_][A-Za-z0-9_]*$))(?!file:$)[^\p{Cc}\p{Cs}]*$/u,
    "E123",
    "must be a value on one line, env:NAME or file:PATH",
  ),
  socket: rule(
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/u,
    "E123",
    "a tmux socket is a name, not a path: letters, digits, dot, hyphen, underscore, at most 63 of them",
  ),
  prefix: rule(/^[A-Za-z0-9_-]{0,32}$/u, "E123", "a session prefix is made of letters, digits, hyphen, underscore"),
  mode: rule(
    /^0?[4-7][0-7][0145]$/u,
    "E123",
    'a mode is octal text like "0644": readable by its owner, not writable by others',
  ),
  duration: rule(/^[0-9]{1,9}(ms|s|m|h|d)$/u, "E123", "a duration is a number and ms, s, m, h or d: 10m, 2h"),
  percent: rule(/^(100|[0-9]{1,2})%$/u, "E123", 'a share like "25%", or a number of agents'),
  searchPath: rule(
    /^\/[^:\p{Cc}\p{Cf}\p{Cs}]*(:\/[^:\p{Cc}\p{Cf}\p{Cs}]*)*$/u,
    "E123",
    "must be absolute folders joined by colons",
  ),
} as const satisfies Readonly<Record<string, FormatRule>>;

const BY_PATTERN = new Map<string, FormatRule>(Object.values(RULES).map((one) => [String(one.pattern), one]));

/** The rule a pattern belongs to, as an issue names it. */
export function ruleOf(pattern: string): FormatRule | undefined {
  return BY_PATTERN.get(pattern);
}
