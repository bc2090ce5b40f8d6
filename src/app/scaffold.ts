// What a new fleet project begins with: the texts of its own files. The templates are copied from Rollcall's own.

/** Lines a project's .gitignore needs: what belongs to one machine, and traces of a run that was killed. */
export const IGNORED = ["state/*", "agents/**/*.local.*", "agents/**/.*.rollcall-*"] as const;

export const ignoreText = (): string =>
  `# Machine-local: records, before-images, files that name this machine.\n${IGNORED.join("\n")}\n`;

/** A fleet's name from its folder's: lower case letters, digits and hyphens. */
export function fleetName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return name === "" ? "fleet" : name;
}

export const registryText = (): string => `# yaml-language-server: $schema=../schema/registry.schema.json
# The roll: every agent of this fleet, by name. \`rollcall plan\` shows what a change here would do, \`rollcall apply\` does
# it. What all agents share stands in fleet.yaml. Two examples follow: change them, copy them, delete them.
#
# Required: name (as the key), display_name, description, model, tools. Globs are relative to the project root; one
# without a slash matches that name in any folder.
agents:
  planner:
    name: planner
    display_name: Planner
    description: "Turns a wish into a plan of small steps and hands every step to the agent whose work it is."
    model: opus
    tools: [Read, Glob, Grep, Write, Edit, Task] # the only tools it may call
    delegates_to: [builder] # the only agents it may start
    exclusive_access: ["plans/**"] # no other agent writes here
    responsibilities:
      - "Ask until the goal and its borders are clear, then write the plan below plans/."
      - "Hand over one step at a time, with everything its agent has to know."
    forbidden:
      - "Writing code; that is the builder's work."

  builder:
    name: builder
    display_name: Builder
    description: "Carries out one step of a plan: the code, its tests, and a short report."
    model: sonnet
    tools: [Bash, Read, Write, Edit, Glob, Grep]
    cannot_access: [".github/**", "*.lock"] # closed for writing, also by way of the shell
    responsibilities:
      - "Do the step as it was planned, and say where the plan turned out to be wrong."
      - "Run the tests before reporting, and name those that fail."
    forbidden:
      - "Changing a test so that it agrees with the code."
`;

export const fleetText = (name: string): string => `# yaml-language-server: $schema=../schema/fleet.schema.json
# What every agent of the registry gets, and how careful Rollcall is. Everything but the name is written out with its
# default, so that you can see what there is to change. A key you delete has its default again.
version: 1
name: ${JSON.stringify(name)}

# One line per file of an agent: the template (in templates/), the target (in agents/<name>/), and how much of it is ours.
#   merge: whole   all bytes are ours
#          block   only the lines between our two marks; the rest belongs to people
#          keys    only the JSON keys the template renders; keys that the client or a person adds stay
# A target with .local. in its name belongs to this machine: it is not committed.
files:
  - { template: settings.json, target: .claude/settings.json, merge: keys, mode: "0644" }
  - { template: settings.local.json, target: .claude/settings.local.json, merge: keys, mode: "0644" }
  - { template: CLAUDE.md, target: .claude/CLAUDE.md, merge: whole, mode: "0644" }

# The program the client asks before every tool call. It enforces tools, paths and delegates of the registry.
hook:
  path: .claude/hooks/auto-deny
  access: write # write: cannot_access forbids writing; all: reading as well

# The tmux session each agent runs in. An agent may have a session: of its own in the registry; its keys win.
session:
  command: [claude] # an argument list
  fallback: [bash, -l] # taken when the command is not installed
  start: always # always, on-demand (when somebody starts or attaches it), never
  restart: on-failure # on-failure, always, never
  on_change: when-idle # a busy agent is left alone until it is done; or always, never

# The limits that plans are held against.
policy:
  prune_budget: 25% # more agents than this are never deleted in one run
  client_schema: error # settings the client would drop: error, warn, off
  widening: report # a permission somebody added by hand: report, or heal to take it away

# Folders that have to leave agents/: archived below agents/archive/<label>/ with an entry in its INDEX.md, or deleted.
# retire:
#   label: before-rollcall
#   archive: [{ dir: old-planner, replaced_by: planner }]
#   delete: []
#   keep: []
`;
