// A compiled stretch of Liquid: parsed once, checked once, rendered for every agent.
import type { Json } from "../../model/json.ts";
import type { RenderContext } from "./context.ts";
import { type OutputBudget, TextEmitter, ValueEmitter } from "./emitters.ts";
import { checkIncludes } from "./includes.ts";
import type { RenderRun, Template, VariableUse } from "./liquid.ts";
import { type Fault, faultsOf } from "./liquid-errors.ts";
import type { Span } from "./span.ts";
import { checkVariables } from "./variables.ts";

/** One rendering of one file for one agent. */
export interface RenderJob {
  readonly agent: string;
  readonly run: RenderRun;
  readonly budget: OutputBudget;
  /** Values of the `${NAME}` dialect. */
  readonly values: Readonly<Record<string, string>>;
}

/** What rendering a fragment gave. `costly`: it hit a limit, so do not try the next agent. */
export type Rendered = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly costly: boolean };

export interface Fragment {
  /** Always text, unless the fragment is one expression in a JSON string. */
  render(job: RenderJob): Rendered;
  readonly uses: readonly VariableUse[];
}

const LIQUID = /\{\{|\{%/;

/** Text without Liquid is constant. */
export function constantFragment(value: Json): Fragment {
  return { render: () => ({ ok: true, value }), uses: [] };
}

export interface FragmentOptions {
  /** A stretch that is one expression keeps the type of its value. */
  readonly typed: boolean;
  /** The target is this machine's own, so `project` may be used. */
  readonly local: boolean;
}

/** Parses and checks a stretch; null when it has faults (they are in the findings). */
export function liquidFragment(context: RenderContext, span: Span, { typed, local }: FragmentOptions): Fragment | null {
  if (!LIQUID.test(span.text)) return constantFragment(span.text);
  const { templates, sound } = parse(context, span);
  if (templates === null || !checkIncludes(context, span, templates)) return null;
  const uses = context.engine.variables(templates);
  if (!checkVariables(uses, { context, span, local }) || !sound) return null;
  const single = typed && isSingleExpression(span.text, templates);
  return {
    uses,
    render: (job) => {
      try {
        return { ok: true, value: single ? expressionOf(context, templates, job) : textOf(context, templates, job) };
      } catch (error) {
        return settle({ context, span, templates, job }, error);
      }
    },
  };
}

/** Parses; a text whose only faults are unknown filters can still be looked through for more. */
function parse(context: RenderContext, span: Span): { templates: readonly Template[] | null; sound: boolean } {
  try {
    return { templates: context.engine.parse(span.text), sound: true };
  } catch (error) {
    for (const fault of faultsOf(error, context.known)) report(context, span, fault);
    return { templates: context.engine.parseLoosely(span.text), sound: false };
  }
}

/** `{{ … }}` and nothing else, not even a blank. */
function isSingleExpression(text: string, templates: readonly Template[]): boolean {
  const [only] = templates;
  return templates.length === 1 && only !== undefined && only.token.getText() === text && text.startsWith("{{");
}

function expressionOf(context: RenderContext, templates: readonly Template[], job: RenderJob): Json {
  const emitter = new ValueEmitter(job.budget);
  context.engine.write(templates, job.run, emitter);
  return emitter.value;
}

function textOf(context: RenderContext, templates: readonly Template[], job: RenderJob, strict = true): string {
  const emitter = new TextEmitter(job.budget, strict);
  context.engine.write(templates, job.run, emitter);
  return emitter.buffer;
}

interface Attempt {
  readonly context: RenderContext;
  readonly span: Span;
  readonly templates: readonly Template[];
  readonly job: RenderJob;
}

/** Reports what went wrong. When all of it are lists that run together, those are warnings and the text is made. */
function settle({ context, span, templates, job }: Attempt, error: unknown): Rendered {
  const faults = untilCostly(faultsOf(error, context.known));
  for (const fault of faults) report(context, span, fault, job.agent);
  if (!faults.every((fault) => fault.code.startsWith("W"))) {
    return { ok: false, costly: faults.some((fault) => fault.costly) };
  }
  try {
    return { ok: true, value: textOf(context, templates, job, false) };
  } catch (second) {
    const more = faultsOf(second, context.known);
    for (const fault of more) report(context, span, fault, job.agent);
    return { ok: false, costly: more.some((fault) => fault.costly) };
  }
}

/** What comes behind a limit that was hit hits it as well: that says nothing new. */
function untilCostly(faults: readonly Fault[]): readonly Fault[] {
  const first = faults.findIndex((fault) => fault.costly);
  return first < 0 ? faults : faults.slice(0, first + 1);
}

/** LiquidJS tells which text it was reading: ours, or that of a partial. */
function report(context: RenderContext, span: Span, fault: Fault, agent?: string): void {
  const { input, begin, code, message, hint } = fault;
  const finding = { code, message, hint, agent };
  if (input === span.text) {
    context.findings.at(span.source, span.offsetAt(begin), finding);
    return;
  }
  const partial = [...context.partials.values()].find((source) => source.text === input);
  if (partial) context.findings.at(partial, begin, finding);
  else context.findings.at(span.source, span.offsetAt(0), finding);
}
