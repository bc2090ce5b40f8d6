// What a rendered part was made of: the line of its template, and the lines of the spec that this draws on.

import type { Agent, Fleet, RenderedFile } from "../../model/fleet.ts";
import type { Json } from "../../model/json.ts";
import { isJsonObject, pointerTokens } from "../../model/json.ts";
import { placeOfPointer } from "../../model/source-map.ts";
import { type Aliases, aliasesOf, fieldsIn } from "./expressions.ts";
import { inputsOf, type TemplateInput } from "./inputs.ts";
import type { Sources, SpecLine } from "./spec-lines.ts";
import { templateLineOf } from "./template-lines.ts";

export interface Origin {
  readonly template: SpecLine | null;
  readonly draws: readonly TemplateInput[];
}

interface HookQuestion {
  readonly fleet: Fleet;
  readonly agent: Agent;
  readonly sources: Sources;
}

interface FileQuestion extends HookQuestion {
  readonly file: RenderedFile;
  /** Pointer into the rendered document; empty: the file, or the line `text` of it. */
  readonly at: string;
  readonly text: string | null;
}

/** What the rules in a hook are compiled from. */
const HOOK_FIELDS = [
  "agent.tools",
  "agent.delegates_to",
  "agent.denied_globs",
  "fleet.hook.path",
  "fleet.hook.access",
  "fleet.hook.always_allowed_tools",
];

/** A hook has no template: its program is Rollcall's own, its rules come from the spec. */
export function hookOrigin(question: HookQuestion): Origin {
  return { template: null, draws: inputsOf(HOOK_FIELDS, { ...question, text: null }) };
}

export function renderedOrigin(question: FileQuestion): Origin {
  const { file, sources, at, text } = question;
  const lines = sources.template(file.template);
  const isDialect = file.template.endsWith(".template");
  const aliases = isDialect ? new Map<string, string>() : aliasesOf(lines.join("\n"));
  const reading = { lines, isDialect, aliases };
  if (text !== null) return ofLine(question, text, reading);
  if (at !== "") return ofPointer(question, reading);
  const fields = fieldsIn(lines.join("\n"), { isDialect, aliases });
  return { template: { file: file.template, line: 1, col: 1 }, draws: inputsOf(fields, { ...question, text: null }) };
}

interface OriginContext {
  readonly lines: readonly string[];
  readonly isDialect: boolean;
  readonly aliases: Aliases;
}

function ofLine(question: FileQuestion, text: string, { lines, isDialect }: OriginContext): Origin {
  const { file, agent } = question;
  if (text.trim() === "") return { template: null, draws: [] };
  // A line that the template does not give was changed where it lies.
  const isRendered = file.text.split("\n").includes(text);
  const made = isRendered ? templateLineOf(text, { lines, isDialect, agent }) : null;
  if (!made) return { template: isRendered ? { file: file.template, line: 1, col: 1 } : null, draws: [] };
  const col = made.text.search(/\S/) + 1;
  const template = { file: file.template, line: made.line, col, text: made.text };
  return { template, draws: inputsOf(made.fields, { ...question, text }) };
}

function ofPointer(question: FileQuestion, { lines, isDialect, aliases }: OriginContext): Origin {
  const { file, fleet, at } = question;
  const place = placeOfPointer(fleet, file.template, at);
  const line = lines[place.line - 1];
  const template = { ...place, ...(line === undefined ? {} : { text: line }) };
  const value = valueAt(file.json, at);
  const fields = leavesAt(place, lines).flatMap((leaf) => fieldsIn(leaf, { isDialect, aliases }));
  const texts = textsIn(value);
  return { template, draws: inputsOf([...new Set(fields)], { ...question, text: texts.join("\n") }) };
}

/** The text of a value in a JSON template that begins at a place: one string, or all up to where the value ends. */
function leavesAt({ line, col }: { readonly line: number; readonly col: number }, lines: readonly string[]): string[] {
  const text = [(lines[line - 1] ?? "").slice(col - 1), ...lines.slice(line)].join("\n");
  if (text.startsWith('"')) return [/^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? ""];
  const strings: string[] = [];
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token.startsWith('"')) strings.push(token);
    else depth += token === "[" || token === "{" ? 1 : -1;
    if (depth <= 0) break;
  }
  return strings;
}

function valueAt(document: Json | undefined, pointer: string): Json | undefined {
  let value = document;
  for (const token of pointerTokens(pointer)) {
    if (Array.isArray(value)) value = value[Number(token)] as Json | undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}

function textsIn(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}
