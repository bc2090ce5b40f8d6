// The answer of `why` for a file that no resource owns: whose it is instead, and what Rollcall does about it.
import { FORMAT_VERSION } from "../../model/plan.ts";
import type { Project } from "../project.ts";
import type { Answer } from "./answer.ts";
import type { TemplateInput } from "./inputs.ts";
import { openSources } from "./spec-lines.ts";
import type { Role, Subject } from "./target.ts";

type OtherRole = Exclude<Role, { readonly is: "resource" }>;

export function answerElsewhere(project: Project, { shown, position }: Subject, role: OtherRole): Answer {
  return {
    kind: "why",
    formatVersion: FORMAT_VERSION,
    file: shown,
    ...(position === null ? {} : position),
    origin: role.is,
    agent: "agent" in role ? role.agent.name : null,
    parts: [],
    declared: declaredBy(project, shown, role),
    run: null,
    notes: notesOf(project, shown, role),
  };
}

function declaredBy(project: Project, shown: string, role: OtherRole): TemplateInput | null {
  if (role.is === "folder") {
    const at = openSources(project).entry(role.agent.name);
    return { field: role.agent.name, at };
  }
  if (role.is !== "retired") return null;
  const field = `fleet.retire.${role.rule}`;
  const folder = shown.slice(shown.indexOf("/") + 1).split("/")[0] ?? "";
  const list = role.rule === "archive" ? [] : project.fleet.retire[role.rule];
  const sources = openSources(project);
  const index =
    role.rule === "archive"
      ? project.fleet.retire.archive.findIndex((one) => one.dir === folder)
      : list.indexOf(folder);
  return { field, at: sources.fleet(["retire", role.rule, index]) ?? sources.fleet(["retire", role.rule]) };
}

function notesOf({ fleet }: Project, shown: string, role: OtherRole): string[] {
  switch (role.is) {
    case "foreign":
      return [`the client or a person put it into the folder of ${role.agent.name}; Rollcall never touches it`];
    case "folder": {
      const files = [...role.agent.files.map((file) => file.target), fleet.hook.path];
      return [`the folder of ${role.agent.name}; what Rollcall writes in it: ${files.join(", ")}`];
    }
    case "retired":
      return [RETIRED[role.rule]];
    case "archived":
      return [`in the archive of retired folders; INDEX.md beside it says why, and how to restore it`];
    case "unmanaged":
      return ["no agent's, and listed nowhere: Rollcall never touches it"];
    case "spec":
      return ["written by people: part of the spec that everything is rendered from", ...useOf(fleet.agents, shown)];
    case "record":
      return ["Rollcall's own record of what it applied"];
  }
}

const RETIRED = {
  archive: "a folder that has to leave agents/: the next apply archives it",
  delete: "a folder that has to leave agents/: the next apply deletes it",
  keep: "neither an agent's nor rubbish: kept by rule, and never touched",
} as const;

/** For a template: what is rendered from it. */
function useOf(agents: Project["fleet"]["agents"], shown: string): string[] {
  const made = agents.flatMap((agent) => agent.files.filter((file) => file.template === shown));
  const targets = [...new Set(made.map((file) => file.target))];
  return targets.length === 0 ? [] : [`rendered into ${targets.join(" and ")} of ${made.length} agents`];
}
