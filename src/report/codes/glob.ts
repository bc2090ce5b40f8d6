// Codes E141–E146 and W158–W161: globs of the registry.
import type { CodeTable } from "./code.ts";

export const globCodes: CodeTable = {
  E141: {
    title: "a glob with a home folder or a variable",
    meaning:
      "Globs are relative to the project root. `~`, `$HOME` and other variables are not expanded in them, so nothing outside would be closed.",
    remedy:
      "Write a path of the project, like `config/**`. What is closed in the home folder is a rule of the client: put `Edit(~/.ssh/**)` below `permissions.deny` of a template.",
  },
  E142: {
    title: "a glob that begins with an exclamation mark",
    meaning:
      "A closed path cannot be opened again by another glob. The text would close only names that begin with `!`, which is hardly meant.",
    remedy: "List only what is closed. A name that does begin with `!` is written `\\!name`.",
  },
  E143: {
    title: "a glob that is a path of Windows",
    meaning:
      "A drive or a share in front, with backslashes between folders. Globs are relative to the project root, and a backslash is no separator.",
    remedy: "Write it relative to the project root, with `/` between folders: `src/**`.",
  },
  E144: {
    title: "quotes inside a glob",
    meaning:
      "The glob begins and ends with a quote that YAML did not take away: there are two pairs around it. It would match only names with quotes in them.",
    remedy: "Take one pair of quotes out.",
  },
  E145: {
    title: "a glob that can match no path",
    meaning: "It is empty, or has `..` behind a wildcard. Nothing would be closed by it.",
    remedy: "Take it out, or write the path that is meant; `**` is the whole project.",
  },
  E146: {
    title: "a glob that is too large",
    meaning: "It is longer than any path, or its braces stand for more than 1000 paths.",
    remedy: "Use `*` for one of its braces, or write several globs.",
  },
  W158: {
    title: "a glob that was tidied",
    meaning:
      "Blanks at its ends, empty names, `.` and `..` are taken out of a glob, because no path has them. The message says how it is read.",
    remedy: "Write it as it is read.",
  },
  W159: {
    title: "a glob that looks absolute",
    meaning:
      "A leading slash is the project root. The glob looks as if the root of the machine were meant; nothing outside of the project is closed by it.",
    remedy: "Write it relative to the project root. A path outside of the project begins with `../`.",
  },
  W160: {
    title: "a glob in another syntax",
    meaning:
      "Globs know `*`, `?`, `**`, `[a-z]` and `{a,b}`; every other character stands for itself. The glob has signs that mean something elsewhere.",
    remedy: "Write it with what globs know. If a file is really called so, nothing has to be done.",
  },
  W161: {
    title: "a negated set",
    meaning:
      "A set of characters that begins with `!` or `^` means the others in some systems and not in the client. So that nothing is left open, it closes every character.",
    remedy: "List what is closed, like `[a-z]`.",
  },
};
