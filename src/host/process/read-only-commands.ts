// The list of command forms that only look. Whatever is not on it, planning cannot run.

const TMUX_FLAGS = new Set(["-u", "-2", "-N"]);
const TMUX_FLAGS_WITH_VALUE = new Set(["-L", "-f", "-S"]);
const TMUX_READ_ONLY = new Set([
  "list-panes",
  "list-sessions",
  "list-windows",
  "list-clients",
  "has-session",
  "show-options",
  "show-environment",
]);
/** Commands that look only when they print. */
const TMUX_PRINTS = new Set(["display-message", "capture-pane"]);
const GIT_READ_ONLY = new Set(["rev-parse", "status", "grep", "ls-files", "ls-tree", "check-ignore"]);
const CLIENT_READ_ONLY = [["--version"], ["agents", "--json"], ["doctor"]];

/**
 * True for a command that changes nothing. `clients`: further programs that are the agents' client (a configured
 * path); one named `claude` always is.
 */
export function isReadOnlyCommand(command: readonly string[], clients: readonly string[] = []): boolean {
  const [program = "", ...words] = command;
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (name === "tmux") return isReadOnlyTmux(words);
  if (name === "git") return isReadOnlyGit(words);
  if (/^node(?:js)?[\d.-]*$/.test(name)) return words.length === 1 && words[0] === "--version";
  if (name === "claude" || clients.includes(program)) {
    return CLIENT_READ_ONLY.some(
      (form) => form.length === words.length && form.every((word, at) => word === words[at]),
    );
  }
  return false;
}

function isReadOnlyTmux(words: readonly string[]): boolean {
  if (words.length === 1 && words[0] === "-V") return true;
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (TMUX_FLAGS_WITH_VALUE.has(word)) at++;
    else if (!TMUX_FLAGS.has(word)) break;
  }
  const commands = tmuxCommands(words.slice(at));
  return commands.length > 0 && commands.every(isReadOnlyTmuxCommand);
}

/** tmux ends a command at an argument that is `;` or ends in one (tmux(1), "Parsing syntax"). */
function tmuxCommands(words: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const word of words) {
    const ends = word.endsWith(";") && !word.endsWith("\\;");
    const rest = ends ? word.slice(0, -1) : word;
    if (rest !== "") commands.at(-1)?.push(rest);
    if (ends) commands.push([]);
  }
  return commands.filter((command) => command.length > 0);
}

function isReadOnlyTmuxCommand(command: readonly string[]): boolean {
  const [name = "", ...words] = command;
  // #(…) in a format runs a shell command.
  if (words.some((word) => word.includes("#("))) return false;
  if (TMUX_READ_ONLY.has(name)) return true;
  return TMUX_PRINTS.has(name) && words.some((word) => /^-[A-Za-z]*p[A-Za-z]*$/.test(word));
}

function isReadOnlyGit(words: readonly string[]): boolean {
  if (words.length === 1 && words[0] === "--version") return true;
  const rest = words[0] === "-C" ? words.slice(2) : words;
  const [name = "", ...options] = rest;
  // --open-files-in-pager starts a program, --ext-grep and textconv filters may.
  const starts = (word: string): boolean => /^(-O|--open-files-in-pager|--ext-grep|--textconv|--output)/.test(word);
  return GIT_READ_ONLY.has(name) && !options.some(starts);
}
