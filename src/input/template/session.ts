// A session's command and fallback: argument lists whose items are Liquid. One item stays one argument.
import type { AgentSpec, SessionSpec } from "../../model/fleet.ts";
import { isJsonObject } from "../../model/json.ts";
import type { RenderContext } from "./context.ts";
import type { PlacedUse } from "./document.ts";
import { type Fragment, liquidFragment, type RenderJob } from "./fragment.ts";
import { lineStarts, type TemplateText } from "./source.ts";
import { type Span, spanOfSource } from "./span.ts";

export interface SessionRenderer {
  /** The agent's session with its command and fallback rendered; null when that failed (see the findings). */
  render(agent: AgentSpec, job: RenderJob): SessionSpec | null;
  readonly uses: readonly PlacedUse[];
}

interface Options {
  readonly context: RenderContext;
  /** The fleet's own session: what an agent has from there is reported there. */
  readonly fleet: SessionSpec;
  readonly fleetFile: string;
}

/** Compiles each different item once. */
export function sessionRenderer(options: Options): SessionRenderer {
  const fragments = new Map<string, Fragment | null>();
  const uses: PlacedUse[] = [];
  const compile = (item: string, source: TemplateText): Fragment | null => {
    const key = `${source.file}:${source.origin?.line}:${source.name}:${item}`;
    const known = fragments.get(key);
    if (known !== undefined) return known;
    const fragment = compileItem(spanOfSource(source), options, uses);
    fragments.set(key, fragment);
    return fragment;
  };
  const list = (agent: AgentSpec, field: "command" | "fallback", job: RenderJob): readonly string[] | null => {
    const items = agent.session[field];
    if (!items.some((item) => item.includes("{"))) return items;
    const rendered: string[] = [];
    for (const [index, item] of items.entries()) {
      const done = compile(item, itemSource(agent, field, index, options))?.render(job);
      if (done?.ok !== true || isJsonObject(done.value)) return null;
      rendered.push(String(done.value));
    }
    return rendered;
  };
  return {
    uses,
    render: (agent, job) => {
      const command = list(agent, "command", job);
      const fallback = list(agent, "fallback", job);
      return command === null || fallback === null ? null : { ...agent.session, command, fallback };
    },
  };
}

function compileItem(span: Span, { context }: Options, uses: PlacedUse[]): Fragment | null {
  const fragment = liquidFragment(context, span, { typed: false, local: true });
  if (fragment !== null) uses.push(...fragment.uses.map((use) => ({ span, use })));
  return fragment;
}

/** An item has no line of its own here: the place is the agent's entry, or fleet.yaml where the command comes from. */
function itemSource(agent: AgentSpec, field: "command" | "fallback", index: number, options: Options): TemplateText {
  const item = agent.session[field][index] ?? "";
  const own = agent.session[field].join("\0") !== options.fleet[field].join("\0");
  const { file, line, col } = own ? agent.place : { file: options.fleetFile, line: 1, col: 1 };
  return { name: `session.${field}[${index}]`, file, text: item, lines: lineStarts(item), origin: { line, col } };
}
