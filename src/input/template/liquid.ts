// The only door to LiquidJS: one strict engine per rendering, without files, clock or code.
import type { Context, Emitter, Liquid, LiquidOptions, Template, Variable } from "liquidjs";
import { ALLOWED_FILTERS, ALLOWED_TAGS, OWN_FILTERS } from "./filters.ts";
import { checkShape } from "./limits.ts";
import type { Roots } from "./scope.ts";
import { lineColumnOf, lineStarts, type TemplateText } from "./source.ts";

/** What one rendered file may cost. */
export const LIMITS = {
  /** Milliseconds for one file of one agent. */
  time: 2_000,
  /** Bytes (UTF-8) of one file. */
  output: 1024 * 1024,
  /** List elements and characters that filters and ranges may make on the way. */
  memory: 16 * 1024 * 1024,
} as const;

export type { Template } from "liquidjs";

/** One variable as a template names it: `["agent", "model"]`; null stands for a part known only when rendering. */
export interface VariableUse {
  readonly path: readonly (string | number | null)[];
  /** Where: in a partial (its name), or in the text itself (undefined). */
  readonly partial: string | undefined;
  readonly line: number;
  readonly col: number;
  /** Not a name the template made itself (`assign`, `for`). */
  readonly global: boolean;
}

/** An include or render tag. */
interface PartialUse {
  /** Null when the name is not a plain text in quotes. */
  readonly name: string | null;
  /** Offset of the tag in the text it stands in. */
  readonly offset: number;
}

/** The costs of one file, shared by all its fragments. */
export interface RenderRun {
  /** A scope of its own per fragment: what one string of a document assigns, another must not see. */
  fresh(): Context;
}

export interface Engine {
  /** Throws a ShapeError, or what LiquidJS throws; see faults.ts. */
  parse(text: string): Template[];
  /** Parses a text that has unknown filters, to look at the rest of it; null when more is wrong. */
  parseLoosely(text: string): Template[] | null;
  variables(templates: readonly Template[]): VariableUse[];
  partials(templates: readonly Template[]): PartialUse[];
  /** A run for one file of one agent. */
  start(roots: Roots): RenderRun;
  write(templates: readonly Template[], run: RenderRun, emitter: Emitter): void;
  readonly filters: readonly string[];
  readonly tags: readonly string[];
}

type Library = typeof import("liquidjs");

/** LiquidJS counts lines from the beginning of the text for each place anew: a template of many pieces would take minutes. */
function findPlacesQuickly({ Token }: Library): void {
  let known: { readonly input: string; readonly lines: readonly number[] } = { input: "", lines: [0] };
  Token.prototype.getPosition = function getPosition() {
    if (known.input !== this.input) known = { input: this.input, lines: lineStarts(this.input) };
    const { line, col } = lineColumnOf(known.lines, this.begin);
    return [line, col];
  };
}

/** Makes the engine. LiquidJS is loaded here and nowhere else, so that a plan from the cache never pays for it. */
export async function openEngine(partials: ReadonlyMap<string, TemplateText>): Promise<Engine> {
  const library = await import("liquidjs");
  findPlacesQuickly(library);
  const liquid = makeLiquid(library, partials);
  return {
    parse: (text) => {
      checkShape(text);
      return liquid.parse(text);
    },
    parseLoosely: (text) => {
      try {
        checkShape(text);
        return makeLiquid(library, partials, { strictFilters: false }).parse(text);
      } catch {
        return null;
      }
    },
    variables: (templates) => variablesOf(liquid, templates),
    partials: (templates) => partialsOf(library, templates),
    start: (roots) => startRun(library, liquid, roots),
    write: (templates, run, emitter) => writeEach({ library, liquid, templates, context: run.fresh(), emitter }),
    filters: Object.keys(liquid.filters),
    tags: Object.keys(liquid.tags),
  };
}

function makeLiquid(
  { Liquid }: Library,
  partials: ReadonlyMap<string, TemplateText>,
  options: LiquidOptions = {},
): Liquid {
  const read = (name: string): string => {
    const source = partials.get(name);
    if (source === undefined) throw new Error(`template not found: ${name}`);
    return source.text;
  };
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    catchAllErrors: true,
    relativeReference: false,
    // Not the machine's: the same text everywhere; and asking for it costs a tenth of the whole rendering.
    locale: "en-US",
    cache: true,
    renderLimit: LIMITS.time,
    memoryLimit: LIMITS.memory,
    parseLimit: LIMITS.output,
    fs: {
      exists: async (name) => partials.has(name),
      existsSync: (name) => partials.has(name),
      contains: async () => true,
      containsSync: () => true,
      readFile: async (name) => read(name),
      readFileSync: read,
      resolve: (_folder, name) => name,
    },
    ...options,
  });
  for (const name of Object.keys(liquid.filters)) if (!ALLOWED_FILTERS.has(name)) delete liquid.filters[name];
  for (const name of Object.keys(liquid.tags)) if (!ALLOWED_TAGS.has(name)) delete liquid.tags[name];
  for (const [name, filter] of Object.entries(OWN_FILTERS)) liquid.registerFilter(name, filter);
  return liquid;
}

function startRun(library: Library, liquid: Liquid, roots: Roots): RenderRun {
  const options = { sync: true, globals: roots };
  const { renderLimit, memoryLimit } = new library.Context({}, liquid.options, options, { liquid });
  return {
    fresh: () => new library.Context({}, liquid.options, options, { renderLimit, memoryLimit, liquid }),
  };
}

interface Writing {
  readonly library: Library;
  readonly liquid: Liquid;
  readonly templates: readonly Template[];
  readonly context: Context;
  readonly emitter: Emitter;
}

/**
 * Renders one piece after the other. LiquidJS asks between two of them whether the time is over, and what it throws then
 * has no place: it was the piece before that took so long.
 */
function writeEach({ library, liquid, templates, context, emitter }: Writing): void {
  const faults: unknown[] = [];
  for (const [index, template] of templates.entries()) {
    try {
      library.toValueSync(liquid.renderer.renderTemplates([template], context, emitter));
      if (context.breakCalled || context.continueCalled) break;
    } catch (error) {
      const isOver = error instanceof library.AssertionError;
      faults.push(isOver ? new library.RenderError(error, templates[index - 1] ?? template) : error);
      if (isOver) break;
    }
  }
  if (faults.length > 0) throw new AggregateError(faults);
}

/** A partial's parameter that stands for a root's value (`with agent as one`) is listed as what it stands for. */
function variablesOf(liquid: Liquid, templates: readonly Template[]): VariableUse[] {
  const { variables, globals } = liquid.analyzeSync([...templates]);
  const free = Object.values(globals).flat();
  const position = ({ location: { row, col, file } }: Variable) => `${row}:${col}:${file ?? ""}`;
  const places = new Set(free.map(position));
  const bound = Object.values(variables)
    .flat()
    .filter((variable) => !places.has(position(variable)));
  return [...free.map((variable) => useOf(variable, true)), ...bound.map((variable) => useOf(variable, false))];
}

function useOf({ segments, location }: Variable, global: boolean): VariableUse {
  return {
    path: segments.map((part) => (typeof part === "object" ? null : part)),
    partial: location.file,
    line: location.row,
    col: location.col,
    global,
  };
}

function partialsOf(library: Library, templates: readonly Template[]): PartialUse[] {
  return templates.flatMap((template) => {
    const inner = template.children ? library.toValueSync(template.children(false, true)) : [];
    const nested = partialsOf(library, inner);
    if (template.partialScope === undefined) return nested;
    return [{ name: template.partialScope()?.name ?? null, offset: template.token.begin }, ...nested];
  });
}
