// Commands that no agent may run, whatever they touch: they would change the fleet, type into another session, or start a
// client that no hook of ours watches. What only looks stays allowed.

import { isWild } from "../pattern.ts";
import type { Value } from "../scope.ts";
import type { Call, Rule, RuleContext } from "./rule.ts";

const WAY_OUT = "ask the person who runs rollcall";

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const ROLLCALL_READ_ONLY = set(
  "plan verify status list logs why validate explain history show doctor schema completion help",
);
const AGENT_READ_ONLY = set("list status help");
const HELP = /^(?:--help|-h|--version|-V)$/;

/** The words of a command; one that is not known for certain is null. */
function words(args: readonly Value[]): (string | null)[] {
  return args.map(({ alts: [first = "", ...more] }) => (more.length > 0 || isWild(first) ? null : first));
}

/** The first word that is no option, behind the options that take a value. */
function verbOf(args: readonly (string | null)[]): string | null | undefined {
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === "--chdir" || word === "--config") at++;
    else if (!word?.startsWith("-")) return word;
  }
  return undefined;
}

/** The command as a refusal shows it; null when it only looks. */
function fleetChange(given: readonly (string | null)[], readOnly: ReadonlySet<string>): string | null {
  const verb = verbOf(given);
  if (verb === undefined || (given.length === 2 && HELP.test(given[1] ?? ""))) return null;
  if (verb === null) return "";
  if (!readOnly.has(verb)) return ` ${verb}`;
  const rebuilds = verb === "doctor" && given.some((word) => word === null || word.startsWith("--rebuild"));
  return rebuilds ? " doctor --rebuild-ledger" : null;
}

/** rollcall and claude-agent: the verbs that only look. */
const fleetCommand =
  (readOnly: ReadonlySet<string>): Rule =>
  ({ name, args, scope }, context) => {
    const given = words(args);
    const program = name.replace(/\.[cm]?js$/, "");
    const change = fleetChange(given, readOnly);
    if (change !== null)
      context.forbid(
        `\`${program}${change}\``,
        `it changes the fleet; \`${program} ${[...readOnly][0]}\` looks; ${WAY_OUT}`,
      );
    const out = given.indexOf("--out");
    const target = out < 0 ? undefined : args[out + 1];
    if (target !== undefined) context.touch(target, scope);
    return undefined;
  };

const TMUX_READ_ONLY =
  /^(?:ls|list-\w+|ls[a-z]+|has(?:-session)?|info|show(?:-\w+)?|show\w+|display(?:-message)?|display-panes|capture-pane|capturep)$/;
const TMUX_VALUES = set("-L -S -f -c -T");

interface Tmux {
  /** The name or path of the socket, null when it is not certain, undefined when none is named. */
  readonly socket: string | null | undefined;
  readonly commands: readonly (readonly (string | null)[])[];
}

function readTmux(given: readonly (string | null)[]): Tmux {
  let socket: string | null | undefined;
  let at = 0;
  for (; at < given.length; at++) {
    const word = given[at];
    if (!word?.startsWith("-")) break;
    const joined = /^-([LS])(.+)$/.exec(word)?.[2];
    if (joined !== undefined) socket = joined;
    else if (TMUX_VALUES.has(word)) {
      at++;
      if (word === "-L" || word === "-S") socket = given[at] ?? null;
    }
  }
  const commands: (string | null)[][] = [[]];
  for (const word of given.slice(at)) {
    if (word !== null && /^\\?;$/.test(word)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return { socket, commands: commands.filter((one) => one.length > 0) };
}

/** A command without one, which attaches or starts a session, acts as well. */
function tmuxActs({ commands }: Tmux): boolean {
  if (commands.length === 0) return true;
  return commands.some(
    ([name = null, ...rest]) =>
      name === null || !TMUX_READ_ONLY.test(name) || rest.some((word) => word === null || /#\(|;$/.test(word)),
  );
}

/** Sockets of fleets are called `rollcall-…` unless configured; the session's own is known by its variable TMUX. */
function isFleetSocket(socket: string | null | undefined, own: string): boolean {
  if (socket === undefined || socket === null) return true;
  const name = socket.slice(socket.lastIndexOf("/") + 1);
  return name.startsWith("rollcall-") || (own !== "" && name === own.slice(own.lastIndexOf("/") + 1));
}

const tmux: Rule = ({ args }, context) => {
  const given = words(args);
  if (given.length === 1 && /^-[Vh]$/.test(given[0] ?? "")) return undefined;
  const read = readTmux(given);
  if (!tmuxActs(read) || !isFleetSocket(read.socket, context.paths.disk.socket ?? "")) return undefined;
  const name = read.commands.flatMap(([word]) => word ?? [])[0];
  context.forbid(
    `\`tmux${name === undefined ? "" : ` ${name}`}\``,
    `the sessions of the fleet run on this socket; use \`tmux -L NAME\` for a server of your own, or ${WAY_OUT}`,
  );
};

/** By what they are called when installed, and by their packages. */
const CLIENTS =
  "claude claude-code codex aider aider-chat gemini gemini-cli opencode opencode-ai cursor-agent goose amp qwen qwen-code";
const CLIENT_READ_ONLY = set("doctor|agents --json|mcp list".replaceAll(" ", "_").replaceAll("|", " "));

function isReadOnlyClient(name: string, given: readonly (string | null)[]): boolean {
  const last = given.at(-1);
  const shows = last !== null && last !== undefined && /^(?:--version|-v|-V|--help|-h|help|version)$/.test(last);
  if (shows && (given.length === 1 || (given.length === 2 && /^[a-z]/.test(given[0] ?? "")))) return true;
  if (name === "claude" && CLIENT_READ_ONLY.has(given.join("_"))) return true;
  // A tool for databases has the same name.
  return name === "goose" && !given.some((word) => word === null || /^(?:run|session|recipe|web|acp)$/.test(word));
}

const client: Rule = ({ name, args }, context) => {
  if (isReadOnlyClient(name, words(args))) return undefined;
  context.forbid(
    `\`${name}\``,
    `a client started from here would run without this agent's hook; hand the work to an agent you may delegate to, or ${WAY_OUT}`,
  );
};

const FLEET_COMMANDS: readonly (readonly [string, Rule])[] = ["", ".cjs", ".mjs", ".js"].flatMap((end) => [
  [`rollcall${end}`, fleetCommand(ROLLCALL_READ_ONLY)] as const,
  [`claude-agent${end}`, fleetCommand(AGENT_READ_ONLY)] as const,
]);

const BY_NAME: ReadonlyMap<string, Rule> = new Map([
  ...FLEET_COMMANDS,
  ...CLIENTS.split(" ").map((name) => [name, client] as const),
  ["tmux", tmux] as const,
]);

function nameOf(path: string): string {
  if (/(?:^|\/)(?:@anthropic-ai\/)?claude-code\/[^/]+\.[cm]?js$/.test(path)) return "claude";
  return path.slice(path.lastIndexOf("/") + 1).replace(/@[\w.-]*$/, "");
}

/** Whether a word is the name of a forbidden command, by its path or package. */
export function isForbidden(word: string): boolean {
  return BY_NAME.has(nameOf(word));
}

/** Refuses the command when no agent may run it. */
export function checkForbidden(call: Call, context: RuleContext): void {
  const name = nameOf(call.name);
  BY_NAME.get(name)?.({ ...call, name }, context);
}

/** What may stand between a wrapper and the command that it runs. */
const BEFORE = /^-|^[A-Za-z_]\w*=|^\d+(?:\.\d+)?[smhd]?$|^(?:exec|run|dlx|x|tool|shell)$/;

/** The place of a forbidden command that a wrapper starts; -1 when it starts another or none. */
export function forbiddenAt({ name, args }: Pick<Call, "name" | "args">): number {
  const isScript = /^(?:npm|pnpm|yarn|bun)$/.test(name);
  for (const [at, one] of args.entries()) {
    if (one.alts.some(isForbidden)) {
      const before = args[at - 1]?.alts[0] ?? "";
      return isScript && before === "run" ? -1 : at;
    }
    const isValue = /^-/.test(args[at - 1]?.alts[0] ?? "");
    if (!isValue && !one.alts.every((text) => BEFORE.test(text))) return -1;
  }
  return -1;
}
