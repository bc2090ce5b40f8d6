// The partials a template includes: that they exist, parse, are named plainly, and do not include each other in a circle.

import type { Diagnostic } from "../../model/diagnostic.ts";
import { didYouMean } from "../../model/nearest.ts";
import { showLine } from "../spec/yaml/source-text.ts";
import type { RenderContext } from "./context.ts";
import type { Template } from "./liquid.ts";
import { faultsOf } from "./liquid-errors.ts";
import { isDialect, positionAt, type TemplateText } from "./source.ts";
import { type Span, spanOfSource } from "./span.ts";

type Place = NonNullable<Diagnostic["related"]>[number];

interface Walk {
  readonly bench: RenderContext;
  /** Names from the template to here. */
  readonly chain: readonly string[];
  /** The tags that led here. */
  readonly tags: readonly Place[];
}

/** True when all partials below a parsed span are sound; their faults are in the findings. */
export function checkIncludes(bench: RenderContext, span: Span, templates: readonly Template[]): boolean {
  return walk({ bench, chain: [span.source.name], tags: [] }, span, templates);
}

function walk(at: Walk, span: Span, templates: readonly Template[]): boolean {
  let good = true;
  for (const partial of at.bench.engine.partials(templates)) {
    good = enter(at, span, partial) && good;
  }
  return good;
}

function enter(at: Walk, span: Span, partial: { name: string | null; offset: number }): boolean {
  const { bench, chain } = at;
  const { name } = partial;
  const offset = span.offsetAt(partial.offset);
  const fail = (code: string, message: string, hint: string | undefined, related?: readonly Place[]): false => {
    bench.findings.at(span.source, offset, { code, message, hint, ...(related ? { related } : {}) });
    return false;
  };
  if (name === null) return fail("E205", "an include names its template in plain quotes", "{% render 'rules.md' %}");
  if (chain.includes(name)) {
    const circle = [...chain.slice(chain.indexOf(name)), name].join(" → ");
    return fail("E206", `a loop of includes: ${circle}`, "take one of the includes out", at.tags);
  }
  if (bench.sound.has(name)) return true;
  const source = bench.partials.get(name);
  if (source === undefined) {
    const hint = didYouMean(name, bench.partials.keys()) ?? "an include reaches only the templates folder";
    return fail("E205", `template not found: ${showLine(name)}`, hint);
  }
  if (isDialect(name)) return fail("E205", `${name} speaks the \${NAME} dialect and cannot be included`, undefined);
  const { line, col } = positionAt(span.source, offset);
  const tag: Place = { file: span.source.file, line, col, message: `includes ${name}` };
  const good = enterPartial({ bench, chain: [...chain, name], tags: [...at.tags, tag] }, source);
  if (good) bench.sound.add(name);
  return good;
}

function enterPartial(at: Walk, source: TemplateText): boolean {
  const { bench } = at;
  try {
    const templates = bench.engine.parse(source.text);
    return walk(at, spanOfSource(source), templates);
  } catch (error) {
    for (const { code, message, hint, begin } of faultsOf(error, bench.known)) {
      bench.findings.at(source, begin, { code, message, hint });
    }
    return false;
  }
}
