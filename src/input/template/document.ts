// A compiled template: a text, or a JSON document whose strings are fragments, so that no value can break it.
import type { Place } from "../../model/diagnostic.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Findings } from "./findings.ts";
import type { Fragment, Rendered, RenderJob } from "./fragment.ts";
import { type JsonNode, JsonTextError, parseJsonText, type StringNode } from "./json-text.ts";
import type { VariableUse } from "./liquid.ts";
import { LIMITS } from "./liquid.ts";
import type { TemplateText } from "./source.ts";
import { placesOf } from "./source-map.ts";
import { type Span, spanOfSource, spanOfString } from "./span.ts";

/** A fragment's uses of variables, with the stretch that turns their places into those of the file. */
export interface PlacedUse {
  readonly span: Span;
  readonly use: VariableUse;
}

export type Output =
  | { readonly ok: true; readonly text: string; readonly json?: Json }
  | { readonly ok: false; readonly costly: boolean };

export interface Document {
  render(job: RenderJob): Output;
  /** By pointer; only of JSON. */
  readonly places?: Readonly<Record<string, Place>>;
  readonly uses: readonly PlacedUse[];
}

/** Compiles one stretch; null when it has faults. `typed`: a lone expression may give any value. */
export type CompileFragment = (span: Span, typed: boolean) => Fragment | null;

/** A document that is plain text. LF line ends, whatever the values bring. */
export function textDocument(source: TemplateText, compile: CompileFragment): Document | null {
  const span = spanOfSource(source);
  const fragment = compile(span, false);
  if (fragment === null) return null;
  return {
    uses: fragment.uses.map((use) => ({ span, use })),
    render: (job) => {
      const done = fragment.render(job);
      return done.ok ? { ok: true, text: String(done.value).replaceAll("\r\n", "\n") } : done;
    },
  };
}

type Compiled = { readonly render: (job: RenderJob) => Rendered };

/** A JSON document: parsed before anything is filled in. Null when it has faults; all of them are in the findings. */
export function jsonDocument(source: TemplateText, compile: CompileFragment, findings: Findings): Document | null {
  const tree = parse(source, findings);
  if (tree === null) return null;
  const uses: PlacedUse[] = [];
  let sound = true;
  const string = (node: StringNode): Compiled => {
    const span = spanOfString(source, node);
    const fragment = compile(span, true);
    if (fragment === null) sound = false;
    else uses.push(...fragment.uses.map((use) => ({ span, use })));
    return fragment ?? { render: () => ({ ok: false, costly: false }) };
  };
  const key = (node: StringNode): void => {
    if (!/\{\{|\{%|\$\{/.test(node.value)) return;
    sound = false;
    findings.at(source, node.begin, {
      code: "E212",
      message: "a key of a JSON template is not rendered",
      hint: 'only values are; an object made by an expression ("{{ … }}") can have any keys',
    });
  };
  const root = compileNode(tree, { string, key });
  if (!sound) return null;
  return { uses, places: placesOf(source, tree), render: (job) => print(root.render(job)) };
}

function print(done: Rendered): Output {
  if (!done.ok) return done;
  return { ok: true, json: done.value, text: `${JSON.stringify(done.value, null, 2)}\n` };
}

interface Visit {
  string(node: StringNode): Compiled;
  key(node: StringNode): void;
}

function compileNode(node: JsonNode, visit: Visit): Compiled {
  switch (node.type) {
    case "literal": {
      const done: Rendered = { ok: true, value: node.value };
      return { render: () => done };
    }
    case "string":
      return visit.string(node);
    case "list":
      return compileList(node.items.map((item) => compileNode(item, visit)));
    case "object":
      return compileObject(
        node.entries.map((entry) => {
          visit.key(entry.key);
          return { key: entry.key.value, value: compileNode(entry.value, visit) };
        }),
      );
  }
}

/** Renders all elements even after a fault, so that every fault of a document is told at once. */
function compileList(items: readonly Compiled[]): Compiled {
  return {
    render: (job) => {
      const values: Json[] = [];
      let failed: Rendered | undefined;
      for (const item of items) {
        const done = item.render(job);
        if (done.ok) values.push(done.value);
        else if (done.costly) return done;
        else failed = done;
      }
      return failed ?? { ok: true, value: values };
    },
  };
}

function compileObject(entries: readonly { readonly key: string; readonly value: Compiled }[]): Compiled {
  const list = compileList(entries.map((entry) => entry.value));
  return {
    render: (job) => {
      const done = list.render(job);
      if (!done.ok || !Array.isArray(done.value)) return done;
      const object: Record<string, Json> = {};
      for (const [index, entry] of entries.entries()) object[entry.key] = done.value[index] ?? null;
      return { ok: true, value: object satisfies JsonObject };
    },
  };
}

function parse(source: TemplateText, findings: Findings): JsonNode | null {
  if (source.text.length > LIMITS.output) {
    findings.at(source, 0, { code: "E208", message: "the template is larger than 1 MiB" });
    return null;
  }
  try {
    return parseJsonText(source.text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    const message = `the template is not strict JSON: ${error.message}`;
    if (error.reason === "key") findings.at(source, error.offset, { code: "E211", message: error.message });
    else findings.at(source, error.offset, { code: "E210", message, hint: syntaxHint(source.text, error.offset) });
    return null;
  }
}

/** Expressions outside of strings are the usual reason. */
function syntaxHint(text: string, offset: number): string {
  const around = text.slice(Math.max(0, offset - 1), offset + 2);
  if (around.includes("{{") || around.includes("{%")) {
    return 'Liquid stands inside strings here: "{{ agent.tools }}" becomes a list by itself';
  }
  if (around.includes("$")) return 'a variable stands inside a string here: "${NAME}"';
  return "a JSON template is read as JSON before anything is filled in";
}
