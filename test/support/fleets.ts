// Small fleets for stories: a registry of a few agents, the repository's own templates, and a harmless session
// command on a private socket.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const templates = fileURLToPath(new URL("../../templates", import.meta.url));

export interface AgentEntry {
  readonly name: string;
  readonly model?: string;
  readonly tools?: readonly string[];
  /** Further fields of the registry entry, as YAML lines without indentation. */
  readonly more?: readonly string[];
}

export interface FleetOptions {
  readonly agents?: readonly AgentEntry[];
  /** What every session runs; default a shell that only waits. */
  readonly command?: readonly string[];
  /** How long a command must live to count as started; default: no wait, for stories that are not about starts. */
  readonly readyAfter?: string;
  /** Further lines of fleet.yaml (`policy:`, `retire:`, …). */
  readonly fleet?: readonly string[];
}

/** A command that runs until it is ended and does nothing. */
const WAITING: readonly string[] = ["sh", "-c", "while :; do sleep 3600; done"];

/** The planner and the backend developer of the usual story. */
export const PAIR: readonly AgentEntry[] = [
  { name: "planning-agent", tools: ["Read", "Task"], more: ["delegates_to: [backend-agent]"] },
  { name: "backend-agent", more: ['cannot_access: ["frontend/**", "*.test.*"]'] },
];

/** The registry as YAML. */
export function registryText(agents: readonly AgentEntry[]): string {
  const entry = ({ name, model = "opus", tools = ["Read", "Write", "Edit"], more = [] }: AgentEntry): string[] => [
    `${name}:`,
    `  name: ${name}`,
    `  display_name: ${JSON.stringify(name.replaceAll("-", " "))}`,
    `  description: ${JSON.stringify(`Does the work of the ${name} in a story`)}`,
    `  model: ${model}`,
    `  tools: [${tools.join(", ")}]`,
    ...more.map((line) => `  ${line}`),
  ];
  const lines = agents.flatMap(entry).map((line) => `  ${line}`);
  return ["agents:", ...lines, ""].join("\n");
}

/** The files of a project in the native layout, for `openProject({ files })`. */
export function fleetFiles({
  agents = PAIR,
  command = WAITING,
  readyAfter = "0s",
  fleet = [],
}: FleetOptions = {}): Record<string, string> {
  const files: Record<string, string> = {
    "desired/registry.yaml": registryText(agents),
    "desired/fleet.yaml": [
      "version: 1",
      "name: story-fleet",
      "session:",
      `  command: ${JSON.stringify(command)}`,
      `  ready: { after: ${readyAfter} }`,
      ...fleet,
      "",
    ].join("\n"),
  };
  for (const name of readdirSync(templates)) files[`templates/${name}`] = readFileSync(join(templates, name), "utf8");
  return files;
}
