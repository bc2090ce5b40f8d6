// A project in the layout of the system before this one, with a crew to generate and start, and its command at hand.
import { expect } from "vitest";
import { type AgentEntry, registryText } from "./fleets.ts";
import { ORIGINAL_FILES } from "./legacy-project.ts";
import { openProject, type Project, type Ran, type RunOptions } from "./project-fixture.ts";
import { clientPath, installClient } from "./tmux-fixture.ts";

export const CREW: readonly AgentEntry[] = [
  { name: "planning-agent", tools: ["Read", "Task"], more: ["delegates_to: [backend-agent, qa-agent]"] },
  { name: "researcher-agent", tools: ["Read", "WebSearch"] },
  { name: "backend-agent", tools: ["Bash", "Read", "Write"], more: ['cannot_access: ["frontend/**"]'] },
  { name: "qa-agent", model: "haiku" },
];

const TEMPLATES = Object.entries(ORIGINAL_FILES).filter(([path]) => path.startsWith("scripts/"));

export interface Crew {
  readonly project: Project;
  /** Runs `claude-agent` as its user does: from the home folder, with PROJECT_ROOT. */
  agent(words: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The same, which must end with 0. */
  done(words: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** Opens such a project with nothing generated yet and the stand-in client installed. */
export function openCrew(agents: readonly AgentEntry[] = CREW, files: Readonly<Record<string, string>> = {}): Crew {
  const layout = { ...Object.fromEntries(TEMPLATES), "agents/registry.yaml": registryText(agents) };
  const project = openProject({ files: { ...layout, ...files } });
  installClient(project);
  const agent: Crew["agent"] = (words, { env, ...options } = {}) =>
    project.run(words, {
      command: "claude-agent",
      cwd: "../home",
      env: { PROJECT_ROOT: project.root, PATH: clientPath(project), ...env },
      ...options,
    });
  const done: Crew["done"] = async (words, options) => {
    const ran = await agent(words, options);
    expect(ran.code, `${words.join(" ")}: ${ran.stdout}${ran.stderr}`).toBe(0);
    return ran;
  };
  return { project, agent, done };
}
