// The fleet in the storm: three agents, every kind, and a second version of the spec that asks for every sort of change.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { registryText } from "./fleets.ts";
import type { Project } from "./project-fixture.ts";

const templates = fileURLToPath(new URL("../../templates", import.meta.url));
const RULES = Array.from({ length: 30 }, (_, nth) => `- rule ${nth} holds for everybody aboard`).join("\n");

/** What is changed, and by which way. The first spec is applied, then life goes on, then the second comes. */
const ALFA = { name: "alfa", more: ['cannot_access: ["frontend/**"]'] };
const FIRST = [
  { ...ALFA, tools: ["Read", "Write"] },
  { name: "bravo", tools: ["Read", "Edit"] },
  { name: "delta", tools: ["Read"], model: "haiku" },
];
const SECOND = [
  { ...ALFA, tools: ["Read", "Write", "WebFetch"], model: "haiku" },
  { name: "beta", tools: ["Read", "Edit"], more: ["dir: bravo", "renamed_from: bravo"] },
  { name: "gamma", tools: ["Read", "Grep"], model: "haiku" },
];

const OUTPUTS = [
  "{ template: settings.json, target: .claude/settings.json, merge: keys }",
  "{ template: settings.local.json, target: .claude/settings.local.json, merge: keys }",
  "{ template: CLAUDE.md, target: .claude/CLAUDE.md, merge: whole }",
  "{ template: notes.md, target: NOTES.md, merge: block }",
];
const DROPPED = "{ template: extra.md, target: docs/extra.md, merge: whole }";

function fleetText(outputs: readonly string[], retire: readonly string[]): string {
  const files = outputs.map((one) => `  - ${one}`);
  return [
    "version: 1",
    "name: storm",
    "files:",
    ...files,
    "session: { command: [sleep, '100000'], ready: { after: 0s } }",
    ...retire,
    "",
  ].join("\n");
}

/** What the first apply works from. */
export function firstSpec(): Record<string, string> {
  const kept = ["settings.json", "settings.local.json"].map((name) => [
    `templates/${name}`,
    readFileSync(`${templates}/${name}`, "utf8"),
  ]);
  return {
    ...Object.fromEntries(kept),
    "templates/CLAUDE.md": `# {{ agent.display_name }}\n\nTools: {{ agent.tools | join: ', ' }}\n${RULES}\n`,
    "templates/notes.md": "Model: {{ agent.model }}\n",
    "templates/extra.md": "Extra for {{ agent.display_name }}\n",
    "desired/registry.yaml": named(registryText(FIRST)),
    "desired/fleet.yaml": fleetText([...OUTPUTS, DROPPED], []),
  };
}

/** beta is bravo under another name: everything but the name is as before, so that its session need only be renamed. */
function named(registry: string): string {
  return registry.replace(/display_name: "(bravo|beta)"/, 'display_name: "The second"');
}

/** What people, agents and accidents did to the files meanwhile; and the second spec. */
export function lifeGoesOn(project: Project): void {
  const settings = JSON.parse(project.read("agents/alfa/.claude/settings.json"));
  settings.theme = "dark";
  settings.permissions.allow = ["Bash(ls *)"];
  settings.permissions.deny.push("Read(./secret/**)");
  project.write("agents/alfa/.claude/settings.json", `${JSON.stringify(settings, null, 4)}\n`);
  const notes = project.read("agents/alfa/NOTES.md");
  project.write("agents/alfa/NOTES.md", `# My own notes\n\nabove\n\n${notes}\nbelow, mine as well\n`);
  project.write("agents/alfa/.claude/hooks/auto-deny", project.read("agents/alfa/.claude/hooks/auto-deny"), 0o644);
  const hook = "agents/bravo/.claude/hooks/auto-deny";
  project.write(hook, `${project.read(hook)}\n# tampered with\n`);
  project.write("agents/bravo/.claude/CLAUDE.md", project.read("agents/bravo/.claude/CLAUDE.md"), 0o666);
  project.remove("agents/bravo/.claude/settings.json");
  project.write("agents/delta/diary.md", "Dear diary\n");
  project.write("agents/planning/CLAUDE.md", "# Planning, as it was\n");
  project.write("agents/planning/prompts/start.txt", "plan!\n");
  project.write("agents/junk/a.txt", "a\n");
  project.write("templates/notes.md", "Model: {{ agent.model }}\nTools: {{ agent.tools | join: '/' }}\n");
  project.write("desired/registry.yaml", named(registryText(SECOND)));
  const retire = ["retire:", "  label: old-crew", "  archive: [{ dir: planning }]", "  delete: [junk]"];
  project.write("desired/fleet.yaml", fleetText(OUTPUTS, retire));
}

/** The command that meets the fault, and is then run again without one. */
export const APPLY = ["apply", "-y", "--prune", "--allow-delete", "5"] as const;
/** Agent and name of the sessions that are there before it. */
export const BEFORE = ["alfa", "bravo", "delta"] as const;
/** And after it: alfa's replaced, bravo's renamed, gamma's new, delta's ended. */
export const AFTER = ["iw-alfa", "iw-beta", "iw-gamma"] as const;
