// Builds specs by hand for the template tests: a small newsroom fleet, with everything replaceable.
import type { AgentSpec, FileSpec, Machine, SessionSpec, Spec } from "../../src/model/fleet.ts";
import { SESSION as DEFAULTS, entryNamed, fleetOf, foldersIn, POLICY } from "./fleet.ts";

export const SESSION: SessionSpec = { ...DEFAULTS, prefix: "news-" };

export const MACHINE: Machine = {
  ...fleetOf([]).machine,
  folders: foldersIn("/srv/newsroom"),
  socket: "rollcall-newsroom-00000000",
};

/** One registry entry; the editor unless told otherwise. */
export function agentSpec(change: Partial<AgentSpec> = {}): AgentSpec {
  return entryNamed(change.name ?? "editor", {
    displayName: "Editor",
    description: "Reads every article before it is printed.",
    tools: ["Read", "Edit", "Bash"],
    responsibilities: ["Check names and numbers."],
    forbidden: ["Inventing quotations."],
    session: SESSION,
    ...change,
  });
}

export interface SpecParts extends Partial<Omit<Spec, "templates" | "files" | "agents">> {
  readonly agents?: readonly AgentSpec[];
  readonly files?: readonly FileSpec[];
  /** Texts by name; each lies in templates/. */
  readonly templates?: Readonly<Record<string, string>>;
}

/** A spec with one page per agent, unless told otherwise. */
export function buildSpec({ templates = { "page.md": "{{ agent.name }}\n" }, ...parts }: SpecParts = {}): Spec {
  return {
    name: "newsroom",
    agents: [agentSpec()],
    files: [{ template: "page.md", target: "page.md", merge: "whole", mode: "0644" }],
    hook: { path: ".claude/hooks/auto-deny", access: "write", alwaysAllowedTools: ["TodoWrite"] },
    session: SESSION,
    policy: POLICY,
    retire: { label: "before-2026", archive: [], delete: [], keep: [] },
    machine: MACHINE,
    warnings: [],
    ...parts,
    templates: Object.fromEntries(
      Object.entries(templates).map(([name, text]) => [name, { path: `templates/${name}`, text }]),
    ),
  };
}

/** A file of the fleet for a template; the target is the template's name, in .claude. */
export function file(template: string, change: Partial<FileSpec> = {}): FileSpec {
  return { template, target: `.claude/${template}`, merge: "whole", mode: "0644", ...change };
}

/** A spec with one template, rendered to the target of the same name. */
export function specOf(template: string, text: string, parts: SpecParts = {}): Spec {
  return buildSpec({ files: [file(template)], templates: { [template]: text }, ...parts });
}
