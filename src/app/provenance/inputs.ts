// From the fields a template names to the lines of the spec that set them, or to the default where none does.

import { ignoreEnds } from "../../input/template/ignore-patterns.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { tidyGlobs } from "../../model/glob.ts";
import type { Sources, SpecLine } from "./spec-lines.ts";

/** One field that something draws on, and where it is set. */
export interface TemplateInput {
  /** As a template names it: `agent.model`, `fleet.hook.path`; with another agent's name where it is that one's. */
  readonly field: string;
  /** Null where no line sets it. */
  readonly at: SpecLine | null;
  /** Where it comes from instead of a line. */
  readonly note?: string;
}

export interface InputQuestion {
  readonly fleet: Fleet;
  readonly agent: Agent;
  readonly sources: Sources;
  /** The text in question: of a list only the elements that are in it are told. Null: all of the field. */
  readonly text: string | null;
}

/** Fields whose elements are globs: rendered they may be spelled otherwise. */
const GLOBS: ReadonlySet<string> = new Set(["cannot_access", "exclusive_access"]);
/** Fields that are worked out from others. */
const MADE_OF_GLOBS: ReadonlySet<string> = new Set(["denied_globs", "owned_elsewhere"]);

export function inputsOf(fields: readonly string[], question: InputQuestion): TemplateInput[] {
  const inputs = fields.flatMap((field) => inputsFor(field, question));
  const seen = new Set<string>();
  return inputs.filter(({ field, at }) => {
    const key = `${field} ${at?.file}:${at?.line}:${at?.col}`;
    return !seen.has(key) && seen.add(key);
  });
}

function inputsFor(field: string, question: InputQuestion): TemplateInput[] {
  const [root = "", ...rest] = field.split(".");
  const { sources } = question;
  switch (root) {
    case "agent":
      return agentInputs(rest, question);
    case "fleet":
      return [fleetInput(field, rest, sources)];
    case "variables":
      return [variableInput(field, rest, question)];
    case "project":
      return [{ field, at: null, note: "where this project lies on this machine" }];
    default:
      return [{ field, at: null, note: "every agent of the registry" }];
  }
}

function agentInputs([name = "", ...rest]: readonly string[], question: InputQuestion): TemplateInput[] {
  const { agent, sources } = question;
  if (MADE_OF_GLOBS.has(name)) return globInputs(name, question);
  const field = ["agent", name, ...rest].join(".");
  if (name === "" || name === "name") return [{ field, at: sources.entry(agent.name) }];
  const value = listOf(agent, name);
  if (value !== null && rest.length === 0) return listInputs({ field, owner: agent, name, value }, question);
  const at = sources.agent(agent.name, [name, ...rest]) ?? (rest.length > 0 ? sources.agent(agent.name, [name]) : null);
  if (at !== null) return [name === "env" ? { field, at: withoutText(at) } : { field, at }];
  if (name === "session") return [fleetInput(field, ["session", ...rest], sources)];
  return [{ field, at: null, note: `default: ${agent.name} says nothing of it` }];
}

/** What closes a path to an agent: its own globs, and what belongs to others alone. */
function globInputs(name: string, question: InputQuestion): TemplateInput[] {
  const { agent, fleet } = question;
  const own = { field: "agent.cannot_access", owner: agent, name: "cannot_access", value: agent.cannotAccess };
  const others = fleet.agents.filter((other) => other !== agent && other.exclusiveAccess.length > 0);
  return [
    ...(name === "denied_globs" ? listInputs(own, question) : []),
    ...others.flatMap((owner) =>
      listInputs(
        { field: `${owner.name}.exclusive_access`, owner, name: "exclusive_access", value: owner.exclusiveAccess },
        question,
      ),
    ),
  ];
}

interface ListField {
  readonly field: string;
  readonly owner: Agent;
  readonly name: string;
  readonly value: readonly string[];
}

/** The elements that are in the text, each with its line; the whole field where the text tells none. */
function listInputs({ field, owner, name, value }: ListField, { sources, text }: InputQuestion): TemplateInput[] {
  if (value.length === 0) {
    const note = `default: ${owner.name} says nothing of it`;
    const at = sources.agent(owner.name, [name]);
    return text === null || at === null ? [at === null ? { field, at, note } : { field, at }] : [];
  }
  const named = text === null ? [] : elementsIn(text, value, GLOBS.has(name) ? ignoreEnds : undefined);
  if (text !== null && named.length === 0) return [];
  const at = sources.agent(owner.name, [name]);
  if (text === null || named.length === value.length) return [{ field, at }];
  const written = sources.list(owner.name, name);
  return named.map((element) => {
    const index = written.findIndex((one) => one === element || (GLOBS.has(name) && tidyGlobs(one).includes(element)));
    return { field, at: sources.agent(owner.name, [name, index]) ?? at };
  });
}

/**
 * The elements that stand in a text by themselves, not as a piece of a longer one. `rendered`: what an element may look
 * like in there besides.
 */
export function elementsIn(
  text: string,
  elements: readonly string[],
  rendered: (element: string) => readonly string[] = () => [],
): string[] {
  const taken = new Array<boolean>(text.length).fill(false);
  const found = new Set<string>();
  const spellings = [...new Set(elements)].flatMap((element) =>
    [...new Set([element, ...rendered(element)])].map((spelling) => ({ element, spelling })),
  );
  for (const { element, spelling } of spellings.sort((a, b) => b.spelling.length - a.spelling.length)) {
    for (let at = text.indexOf(spelling); at >= 0 && spelling !== ""; at = text.indexOf(spelling, at + 1)) {
      const end = at + spelling.length;
      if (taken.slice(at, end).includes(true) || isPiece(text, at, end)) continue;
      taken.fill(true, at, end);
      found.add(element);
    }
  }
  return elements.filter((element) => found.has(element));
}

const isWord = (char: string | undefined): boolean => char !== undefined && /[\w-]/.test(char);

function isPiece(text: string, from: number, to: number): boolean {
  return (isWord(text[from]) && isWord(text[from - 1])) || (isWord(text[to - 1]) && isWord(text[to]));
}

const LISTS = {
  tools: "tools",
  delegates_to: "delegatesTo",
  cannot_access: "cannotAccess",
  exclusive_access: "exclusiveAccess",
  responsibilities: "responsibilities",
  forbidden: "forbidden",
  labels: "labels",
} as const satisfies Readonly<Record<string, keyof Agent>>;

function listOf(agent: Agent, name: string): readonly string[] | null {
  return Object.hasOwn(LISTS, name) ? agent[LISTS[name as keyof typeof LISTS]] : null;
}

/** The values of a field as texts, to recognise them in a rendered line; empty where that cannot be said. */
export function textsOf(agent: Agent, field: string): readonly string[] {
  const [root, name = "", ...deeper] = field.split(".");
  if (root !== "agent" || deeper.length > 0) return [];
  const single: Readonly<Record<string, string>> = {
    name: agent.name,
    display_name: agent.displayName,
    description: agent.description,
    model: agent.model,
    dir: agent.dir,
  };
  return single[name] !== undefined ? [single[name]] : (listOf(agent, name) ?? []);
}

function fleetInput(field: string, path: readonly string[], sources: Sources): TemplateInput {
  const at = sources.fleet(path) ?? (path.length > 1 ? sources.fleet(path.slice(0, -1)) : null);
  const said = sources.fleet(path) !== null || path.length === 1;
  if (at !== null && said) return { field, at: path.includes("env") ? withoutText(at) : at };
  return { field, at: null, note: `default: ${sources.names.fleet} does not name it` };
}

function variableInput(field: string, path: readonly string[], { fleet, sources }: InputQuestion): TemplateInput {
  const at = sources.config(["variables", ...path]);
  if (at !== null) return { field, at: withoutText(at) };
  const known = Object.hasOwn(fleet.machine.variables, path[0] ?? "");
  const note = known ? "from the environment, or what the first apply recorded" : "not set on this machine";
  return { field, at: null, note };
}

/** A value of the environment is a secret, perhaps: the place is told, the line is not. */
function withoutText({ file, line, col }: SpecLine): SpecLine {
  return { file, line, col };
}
