// What sessions there shall be, and what is wrong with them before anything is started. Pure.
import { digestParts } from "../../delta/digest.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import type { Desired } from "../../model/resource.ts";
import { components, declaredEnvironment, fingerprint, sessionCommand } from "./fingerprint.ts";
import { isSafeName, KIND, sessionAddress, sessionName } from "./names.ts";
import type { SessionProps } from "./types.ts";

/** One session per enabled agent. */
export function desire(agent: Agent, fleet: Fleet): readonly Desired<SessionProps>[] {
  if (!agent.enabled) return [];
  const { session } = agent;
  const parts = components(agent, fleet);
  const content = { "": { digest: fingerprint(parts), enforced: true as const } };
  return [
    {
      address: sessionAddress(agent.name),
      kind: KIND,
      agent: agent.name,
      props: {
        name: sessionName(agent),
        folder: agentFolder(agent, fleet),
        command: sessionCommand(agent, fleet),
        fallback: session.fallback,
        size: session.size,
        start: session.start,
        restart: session.restart,
        components: parts,
      },
      parts: content,
      digest: digestParts(content),
      waits: true,
      needs: [...agent.files.map((file) => `config/${agent.name}/${file.target}`), `hook/${agent.name}/auto-deny`],
      portable: false,
      at: sessionName(agent),
      ...(session.start === "always" ? {} : { optional: true as const }),
      onChange: session.onChange,
    },
  ];
}

/** The folder in which the agent's session runs, absolute. */
export function agentFolder(agent: Agent, fleet: Fleet): string {
  return `${fleet.machine.folders.agents}/${agent.dir}`;
}

/** Findings about names, commands and variables: nothing is started with them. */
export function check(agent: Agent, fleet: Fleet): readonly Diagnostic[] {
  if (!agent.enabled) return [];
  const { session } = agent;
  const found: Diagnostic[] = [];
  const error = (code: string, message: string, hint: string) =>
    found.push({ code, severity: "error", ...agent.place, message, hint });
  const name = sessionName(agent);
  const command = sessionCommand(agent, fleet);
  if (!isSafeName(name)) {
    error(
      "E702",
      `the session name ${JSON.stringify(name)} is not safe in tmux`,
      "session.prefix: letters, digits, _ and - only",
    );
  }
  if ((command[0] ?? "") === "") {
    error("E703", `the session command of ${agent.name} is empty`, "session.command: a list, the program first");
  }
  if ([...command, ...session.fallback].some((word) => word.includes("\0"))) {
    error("E703", `the session command of ${agent.name} holds a NUL character`, "take it out");
  }
  for (const variable of Object.keys(declaredEnvironment(agent))) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
      error("E704", `${JSON.stringify(variable)} is no name of a variable`, "letters, digits and _, no digit first");
    }
  }
  const [width, height] = session.size;
  if (!(width >= 10 && width <= 10_000 && height >= 5 && height <= 10_000)) {
    error("E703", `the session size ${width}x${height} is out of range`, "session.size: [220, 50]");
  }
  return found;
}
