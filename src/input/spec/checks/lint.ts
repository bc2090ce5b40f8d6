// What is odd but allowed: mistyped tools, delegation in a circle. Warnings only.
import { nearest } from "../../../model/nearest.ts";
import type { Findings } from "../findings.ts";
import { placed, type RegistryEntry } from "../registry.ts";
import { show } from "../yaml/source-text.ts";

/** Tools the client is known to offer; a name near one of them is likely meant to be it. Other names are free text. */
const CLIENT_TOOLS: ReadonlySet<string> = new Set([
  "Agent",
  "AskUserQuestion",
  "Bash",
  "BashOutput",
  "Edit",
  "EnterPlanMode",
  "ExitPlanMode",
  "Glob",
  "Grep",
  "KillShell",
  "ListMcpResourcesTool",
  "LSP",
  "MultiEdit",
  "NotebookEdit",
  "NotebookRead",
  "Read",
  "ReadMcpResourceTool",
  "Skill",
  "SlashCommand",
  "Task",
  "TaskCreate",
  "TaskGet",
  "TaskList",
  "TaskOutput",
  "TaskStop",
  "TaskUpdate",
  "TodoRead",
  "TodoWrite",
  "ToolSearch",
  "WebFetch",
  "WebSearch",
  "Write",
]);

/** Adds the warnings of all entries. */
export function lint(entries: readonly RegistryEntry[], findings: Findings): void {
  for (const entry of entries) {
    checkTools(entry, findings);
    checkAdministrator(entry, findings);
  }
  findDelegationCycles(entries, findings);
}

function checkTools(entry: RegistryEntry, findings: Findings): void {
  for (const [index, tool] of entry.declared.tools.entries()) {
    const bare = tool.replace(/\(.*\)$/, "");
    if (bare.startsWith("mcp__") || CLIENT_TOOLS.has(bare)) continue;
    const meant = nearest(bare, CLIENT_TOOLS);
    if (meant === undefined) continue;
    findings.add("W153", () => ({
      ...placed(entry, ["tools", index]),
      message: `the client knows no tool ${show(tool)}`,
      hint: `did you mean ${meant}?`,
    }));
  }
}

function checkAdministrator(entry: RegistryEntry, findings: Findings): void {
  if (entry.declared.edits_spec !== true) return;
  findings.add("W663", () => ({
    ...placed(entry, ["edits_spec"]),
    message: `${entry.name} may edit the spec, so it is an administrator: it can give itself and every agent any right`,
    hint: "remove edits_spec unless that is meant; unattended runs then apply no change that gives an agent more rights",
  }));
}

/** Every circle of delegation, once: depth first, each agent entered once, by name, so that the order of the registry tells nothing. */
function findDelegationCycles(entries: readonly RegistryEntry[], findings: Findings): void {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const done = new Set<string>();
  for (const name of [...byName.keys()].sort()) {
    if (!done.has(name)) walkFrom(name, byName, done, findings);
  }
}

interface DelegationStep {
  readonly entry: RegistryEntry;
  /** The agents it delegates to by name, each with its place in the list. */
  readonly to: readonly { readonly name: string; readonly index: number }[];
  next: number;
}

function walkFrom(
  start: string,
  byName: ReadonlyMap<string, RegistryEntry>,
  done: Set<string>,
  findings: Findings,
): void {
  const path: DelegationStep[] = [];
  const onPath = new Map<string, number>();
  const enter = (name: string): void => {
    const entry = byName.get(name);
    if (entry === undefined || done.has(name)) return;
    onPath.set(name, path.length);
    const to = (entry.declared.delegates_to ?? []).map((other, index) => ({ name: other, index }));
    path.push({ entry, to: to.sort((a, b) => (a.name < b.name ? -1 : 1)), next: 0 });
  };
  enter(start);
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const to = step.to[step.next];
    step.next += 1;
    if (to === undefined) {
      path.pop();
      onPath.delete(step.entry.name);
      done.add(step.entry.name);
      continue;
    }
    const from = onPath.get(to.name);
    if (from === undefined) enter(to.name);
    else if (to.name !== step.entry.name) reportCycle(path.slice(from), to.index, findings);
  }
}

function reportCycle(cycle: readonly Pick<DelegationStep, "entry">[], index: number, findings: Findings): void {
  const last = cycle.at(-1)?.entry;
  const first = cycle[0]?.entry;
  if (last === undefined || first === undefined) return;
  findings.add("W150", () => {
    const names = [...cycle, { entry: first }].map(({ entry }) => entry.name);
    const shown = names.length > 8 ? [...names.slice(0, 4), "…", ...names.slice(-2)] : names;
    return {
      ...placed(last, ["delegates_to", index]),
      message: `delegation in a circle: ${shown.join(" → ")}`,
      hint: "agents may hand work back and forth for ever",
      related: [{ ...placed(first, [], "key").place, message: `${first.name} is declared here` }],
    };
  });
}
