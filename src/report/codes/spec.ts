// Codes E1xx and W1xx: the spec, that is the registry, fleet.yaml and the templates they name.
import type { CodeTable } from "./code.ts";

const SMALLER = "Split it: a registry may be a folder of files, each with its own `agents:` map.";

export const specCodes: CodeTable = {
  E100: {
    title: "errors in the specification",
    meaning: "Something in the spec is wrong. All of it is listed, and nothing was written.",
    remedy: "Mend what is listed, then run `rollcall validate`.",
  },
  E101: {
    title: "registry not found",
    meaning: "The file or folder that declares the agents is not there.",
    remedy: "`rollcall init` makes one. `registry:` in rollcall.config.yaml names another place.",
  },
  E102: {
    title: "template not found",
    meaning: "fleet.yaml names a template that is not in the templates folder.",
    remedy: "Write the template, correct its name, or take the entry out of `files`.",
  },
  E103: {
    title: "no agents declared",
    meaning:
      "A registry is empty, holds comments only, or has no `agents:` map. That is never read as the wish to delete all agents.",
    remedy: "Declare at least one agent, or remove the file from the registry folder.",
  },
  E104: {
    title: "delegation to an unknown agent",
    meaning: "`delegates_to` names an agent that no registry file declares. The agent could never start it.",
    remedy: "Correct the name; the hint names the nearest one. Or declare the agent.",
  },
  E105: {
    title: "a file that cannot be read",
    meaning:
      "It is a folder, a link, a FIFO or a device, or it may not be read. Only regular files are read, and no link is followed.",
    remedy: "Put a regular file there, readable for you.",
  },
  E106: {
    title: "a file larger than 1 MiB",
    meaning: "Spec files and templates are limited, so that a mistaken file cannot exhaust the machine.",
    remedy: SMALLER,
  },
  E107: {
    title: "too many keys",
    meaning: "One map has more than 5,000 keys, or one file more than 500,000 tokens.",
    remedy: SMALLER,
  },
  E108: {
    title: "nested too deeply",
    meaning: "The file is nested deeper than 64 levels. A spec needs about six.",
    remedy: "Look for brackets or indentation that went wrong at the place shown.",
  },
  E109: {
    title: "a file that is not UTF-8",
    meaning: "The byte shown is no part of a UTF-8 text. Reading it anyway would silently replace characters.",
    remedy: "Save the file as UTF-8.",
  },
  E110: {
    title: "a YAML syntax error",
    meaning:
      "The file is not YAML from the place shown on. For something never closed, the place is where it was opened.",
    remedy: "Mend the place shown: often a missing quote, a bracket, or a tab as indentation.",
  },
  E111: {
    title: "a key that stands twice",
    meaning: "The same key stands twice in one map, so that one of the two values would be lost.",
    remedy: "Keep one of the two places shown.",
  },
  E112: {
    title: "an anchor, alias or merge key",
    meaning:
      "Anchors, aliases and `<<` are not allowed: what all agents share lives in fleet.yaml, and an alias can grow without bound.",
    remedy: "Write the value out, or move it to fleet.yaml.",
  },
  E113: {
    title: "a tag or directive",
    meaning: "YAML tags (`!name`) and directives (`%YAML`) change what a value means. A spec is plain data.",
    remedy: "Take it out.",
  },
  E114: {
    title: "several documents in one file",
    meaning: "Only the first document would be read, and the rest silently dropped.",
    remedy: "One document per file. A registry may be a folder of files.",
  },
  E115: {
    title: "a reserved key",
    meaning:
      "`__proto__`, `constructor` and `prototype` reach into every object of the program and are refused everywhere.",
    remedy: "Choose another key.",
  },
  E116: {
    title: "a control character",
    meaning: "The text holds a character that cannot be seen and that terminals and programs act on.",
    remedy: "Take it out. Line breaks and tabs are allowed in descriptions.",
  },
  E117: {
    title: "an invisible character in a name or command",
    meaning:
      "A zero-width or bidirectional character makes a word look like another one. In names, commands, globs and paths it is refused.",
    remedy: "Type the word anew instead of copying it.",
  },
  E120: {
    title: "an unknown field",
    meaning: "The field is not known at this place. A mistyped field would otherwise be silently without effect.",
    remedy: "Correct it; the hint names the nearest known field. `rollcall schema` prints all of them.",
  },
  E121: {
    title: "a value of the wrong type",
    meaning: "The value is of another type than the field takes, for example text where a list belongs.",
    remedy: "Write what the message expects. A text that looks like a number is quoted.",
  },
  E122: {
    title: "a missing field",
    meaning:
      "An agent needs `name`, `display_name`, `description`, `model` and `tools`; a file needs `template` and `target`.",
    remedy: "Add the field.",
  },
  E123: {
    title: "a value that is not allowed",
    meaning: "The value has the right type but not one of the forms the field takes.",
    remedy: "Write one of the values the message names.",
  },
  E124: {
    title: "a file mode that is not quoted",
    meaning: "YAML reads 0644 as the decimal number 644, which as a mode means something else.",
    remedy: 'Quote it: `mode: "0644"`.',
  },
  E125: {
    title: "a command that is text",
    meaning:
      "A command is a list of arguments. Text would have to go through a shell, which could read it in another way.",
    remedy: "Write a list: `command: [claude, --model, opus]`.",
  },
  E126: {
    title: "a name that is not allowed",
    meaning:
      "Names become folders, session names and addresses. An agent's name matches `^[a-z0-9][a-z0-9-]{0,62}$`; folders, labels and variables have similar rules.",
    remedy: "Choose a name as the message describes it. `renamed_from` keeps the history of a renamed agent.",
  },
  E127: {
    title: "fleet.yaml not found",
    meaning: "The configuration names a fleet file that is not there. Without a configured one, defaults apply.",
    remedy: "Correct `fleet:` in rollcall.config.yaml, or write the file.",
  },
  E130: {
    title: "a name that is not its key",
    meaning: "The `name` of an agent and its key in the `agents:` map differ.",
    remedy: "Make them equal.",
  },
  E131: {
    title: "an agent declared twice",
    meaning: "Two files of the registry folder declare an agent of the same name.",
    remedy: "Keep one of the two places shown.",
  },
  E132: {
    title: "names that collide",
    meaning:
      "Two names or folders are equal but for upper and lower case or for the form of their letters. On some file systems they are one.",
    remedy: "Rename one of them, or give one of the agents another `dir`.",
  },
  E133: {
    title: "an agent that delegates to itself",
    meaning: "`delegates_to` names the agent itself.",
    remedy: "Take it out.",
  },
  E134: {
    title: "an exclusive path with two owners",
    meaning: "Two agents declare the same path as exclusive, so that neither could write there.",
    remedy: "Leave it with one of them.",
  },
  E135: {
    title: "a rename that cannot be",
    meaning: "`renamed_from` names an agent that is still declared, or that another agent was renamed from already.",
    remedy: "Remove the old entry, or the field.",
  },
  E136: {
    title: "an output outside the agent's folder",
    meaning: "A target or the hook's path leads out of the agent's folder. The message shows where it would lie.",
    remedy: "Write a relative path that stays inside, like `.claude/CLAUDE.md`.",
  },
  E137: {
    title: "a reserved path",
    meaning:
      "The path belongs to git, to the state folder, to the lock file, to retired folders, or has the form of a name that before-images have while they are made.",
    remedy: "Choose another path or `dir`.",
  },
  E138: {
    title: "two outputs for one path",
    meaning: "Two outputs would be the same file, or one needs a folder where the other is a file.",
    remedy: "Give one of them another path. Both places are shown.",
  },
  E139: {
    title: "a folder that cannot retire",
    meaning:
      "A folder listed below `retire` belongs to a registered agent, or is listed twice. A registered agent's folder is never moved.",
    remedy: "Take it out of `retire`, or the agent out of the registry.",
  },
  E140: {
    title: "a template outside the templates folder",
    meaning:
      "The name of a template leads out of the templates folder: by `..`, as an absolute path, or through a link.",
    remedy: "Put the template into the templates folder.",
  },
  E150: {
    title: "session.ready.after is longer than session.ready.timeout",
    meaning: "A start counts when its process has lived for `after`, and is never waited for longer than `timeout`.",
    remedy: "Give a longer `timeout` or a shorter `after`; an agent without `ready` has the values of fleet.yaml.",
  },
  E151: {
    title: "session.ready waits too long",
    meaning: "An apply waits for its starts before it can say what became of them. More than 10 minutes is refused.",
    remedy: "Give `after` and `timeout` at most 10m.",
  },
  E199: {
    title: "more errors",
    meaning: "Only the first 50 errors are listed.",
    remedy: "Mend those and run the command again.",
  },
  W150: {
    title: "delegation in a circle",
    meaning: "Agents may start each other in a circle and hand work on for ever.",
    remedy: "Take one `delegates_to` of the circle out, if it is not meant.",
  },
  W151: {
    title: "a glob that is prose",
    meaning: "The text reads as a sentence and will match no path: nothing is protected by it.",
    remedy: 'Write a glob, like `"tests/**"`.',
  },
  W152: {
    title: "a persona file that is not there",
    meaning: "The templates point to a full persona below TEF_ROOT, and there is none for this agent.",
    remedy: "Write the file, or set TEF_ROOT in the configuration's `variables:` to where the personas are.",
  },
  W153: {
    title: "a tool the client does not know",
    meaning: "The name is almost that of a tool of the client. Tool names are free text, so it may be meant.",
    remedy: "Correct it if it is mistyped.",
  },
  W154: {
    title: "TEF_ROOT is not set",
    meaning:
      "The templates render the folder of the full personas. It is neither configured nor recorded nor in the environment, so the project root is taken.",
    remedy: "Set `TEF_ROOT` below `variables:` in rollcall.config.yaml.",
  },
  W155: {
    title: "a folder that is not read",
    meaning: "The registry folder holds a folder. Only the files directly in the registry folder are read.",
    remedy: "Move its files up.",
  },
  W156: {
    title: "a successor that is no agent",
    meaning:
      "`replaced_by` of a retired folder names no agent of the registry. It is only written into the index of the archive.",
    remedy: "Correct the name if it is mistyped.",
  },
  W157: {
    title: "a context file that is not there",
    meaning:
      "A settings template lists a file below `contextFiles` that does not exist. The client would start without it.",
    remedy: "Write the file, or take it out of the template.",
  },
  W162: {
    title: "an agent that is meant for another machine",
    meaning:
      "`host` names a machine that is not this one. Rollcall does not know several machines yet: the agent's files are written and its session is started wherever the registry is applied.",
    remedy:
      "Take `host` out, or keep the agent out of this machine with `enabled: false`. The name of this machine, with or without its domain, and `localhost` are not warned of.",
  },
  W199: {
    title: "more warnings",
    meaning: "Only the first 50 warnings are listed.",
    remedy: "Mend those and run the command again.",
  },
};
