// The files of the fleet, each compiled once from its template and rendered for every agent.

import { posix } from "node:path";
import { dialectFragment, dialectValues } from "../../legacy/dialect.ts";
import type { AgentSpec, FileSpec, Fleet, RenderedFile, Spec } from "../../model/fleet.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { showLine } from "../spec/yaml/source-text.ts";
import type { RenderContext } from "./context.ts";
import { type Document, jsonDocument, type Output, type PlacedUse, textDocument } from "./document.ts";
import { OutputBudget } from "./emitters.ts";
import { type Fragment, liquidFragment, type RenderJob } from "./fragment.ts";
import { LIMITS } from "./liquid.ts";
import { rootsFor } from "./scope.ts";
import { isDialect, lineStarts, type TemplateText } from "./source.ts";
import { spanOfSource } from "./span.ts";
import { checkTargets, isLocal } from "./targets.ts";

export interface FilesOptions {
  readonly spec: Spec;
  readonly context: RenderContext;
  readonly fleetFile: string;
}

interface FilePlan {
  readonly file: FileSpec;
  readonly source: TemplateText;
  readonly local: boolean;
  readonly json: boolean;
  readonly target: Fragment;
  readonly document: Document;
  /** Agents for which it could not be rendered. */
  failures: number;
}

/** A template that failed for so many agents has told what it can. */
const ENOUGH_FAILURES = 20;

export interface FilesRenderer {
  /** All files of one agent; what failed is missing and in the findings. */
  render(agent: AgentSpec): readonly RenderedFile[];
  /** By the template's name. */
  readonly uses: ReadonlyMap<string, readonly PlacedUse[]>;
  /** By the template's path. */
  readonly places: NonNullable<Fleet["places"]>;
}

export function filesRenderer(options: FilesOptions): FilesRenderer {
  const plans = options.spec.files.flatMap((file) => planFile(file, options) ?? []);
  const uses = new Map<string, readonly PlacedUse[]>();
  for (const { file, document, target } of plans) {
    const targetUses = target.uses.map((use) => ({
      span: spanOfSource(targetSource(file, options.fleetFile)),
      use,
    }));
    uses.set(file.template, [...(uses.get(file.template) ?? []), ...document.uses, ...targetUses]);
  }
  const places = Object.fromEntries(plans.map(({ source, document }) => [source.file, document.places ?? {}]));
  return { uses, places, render: (agent) => renderAgent(agent, plans, options) };
}

/** A job for one file of one agent; its limits are its own. */
export function startJob(
  context: RenderContext,
  { view, local, values = {} }: { view: JsonObject; local: boolean; values?: RenderJob["values"] },
): RenderJob {
  return {
    agent: String(view["name"]),
    run: context.engine.start(rootsFor(context.shared, view, local)),
    budget: new OutputBudget(),
    values,
  };
}

function planFile(file: FileSpec, options: FilesOptions): FilePlan | null {
  const { context, spec, fleetFile } = options;
  const source = context.partials.get(file.template);
  if (source === undefined) {
    const message = `template not found: ${showLine(file.template)}`;
    context.findings.add({
      code: "E200",
      file: fleetFile,
      line: 1,
      col: 1,
      message,
      hint: "it is looked for in the templates folder",
    });
    return null;
  }
  const local = isLocal(file.target);
  const json = file.target.endsWith(".json");
  if (file.merge === "keys" && !json) {
    const message = `${file.template}: merge "keys" needs a target that ends in .json, not ${file.target}`;
    context.findings.add({
      code: "E220",
      file: fleetFile,
      line: 1,
      col: 1,
      message,
      hint: "use merge: whole or block",
    });
    return null;
  }
  const dialect = { variables: spec.machine.variables, portable: !local, findings: context.findings };
  const compile = (span: Parameters<typeof liquidFragment>[1], typed: boolean) =>
    isDialect(file.template) ? dialectFragment(span, dialect) : liquidFragment(context, span, { typed, local });
  const document = json ? jsonDocument(source, compile, context.findings) : textDocument(source, compile);
  const target = liquidFragment(context, spanOfSource(targetSource(file, fleetFile)), { typed: false, local: false });
  if (document === null || target === null) return null;
  return { file, source, local, json, target, document, failures: 0 };
}

function targetSource(file: FileSpec, fleetFile: string): TemplateText {
  const { target: text, template } = file;
  return { name: `target of ${template}`, file: fleetFile, text, lines: lineStarts(text), origin: { line: 1, col: 1 } };
}

function renderAgent(agent: AgentSpec, plans: readonly FilePlan[], options: FilesOptions): readonly RenderedFile[] {
  const view = options.context.shared.views.get(agent.name);
  if (view === undefined) return [];
  const files = plans.flatMap((plan) => renderFile(plan, view, options) ?? []);
  const fault = checkTargets({
    dir: agent.dir,
    folders: options.spec.machine.folders,
    targets: files,
    hookPath: options.spec.hook.path,
  });
  if (fault) {
    const { code, message, hint } = fault;
    options.context.findings.add({
      code,
      message,
      agent: agent.name,
      hint,
      file: options.fleetFile,
      line: 1,
      col: 1,
    });
  }
  return files;
}

function renderFile(plan: FilePlan, view: JsonObject, options: FilesOptions): RenderedFile | null {
  if (plan.failures > ENOUGH_FAILURES) return null;
  const { file, source, local } = plan;
  const values = isDialect(file.template) ? dialectValues(view, options.spec.machine) : {};
  const job = startJob(options.context, { view, local, values });
  const target = plan.target.render(job);
  const output = plan.document.render(job);
  if (!target.ok || !output.ok) {
    plan.failures += !output.ok && output.costly ? ENOUGH_FAILURES + 1 : 1;
    return null;
  }
  const path = String(target.value);
  if (!checkOutput(plan, { path, output, agent: job.agent }, options)) return null;
  return {
    target: posix.normalize(path),
    merge: file.merge,
    mode: file.mode,
    text: output.text,
    ...(output.json === undefined ? {} : { json: output.json }),
    portable: !local,
    template: source.file,
  };
}

const MARK = "<!-- rollcall:";

interface Made {
  readonly path: string;
  readonly output: Extract<Output, { ok: true }>;
  readonly agent: string;
}

/** What holds of every rendered file, whatever its values are. */
function checkOutput(plan: FilePlan, { path, output, agent }: Made, { context, fleetFile }: FilesOptions): boolean {
  const { file, source, local, json } = plan;
  const fail = (code: string, message: string, hint: string): false => {
    context.findings.at(source, 0, { code, message, hint, agent });
    return false;
  };
  if (Buffer.byteLength(output.text) > LIMITS.output) {
    return fail("E208", "the output is larger than 1 MiB", "a file of an agent may have 1 MiB at most");
  }
  if (file.merge === "block" && output.text.includes(MARK)) {
    return fail(
      "E219",
      `the block contains a mark of its own (${MARK} … -->)`,
      "the marks are set around it by themselves",
    );
  }
  if (file.merge === "keys" && !isJsonObject(output.json)) {
    return fail("E220", `merge "keys" needs a JSON object at the top of ${path}`, "or use merge: whole");
  }
  if (isLocal(path) === local && path.endsWith(".json") === json) return true;
  const message = `the target ${path} is of another sort than ${file.target} says`;
  const hint = "write .local. and .json into the target itself, not into a value";
  context.findings.add({ code: "E216", file: fleetFile, line: 1, col: 1, message, hint, agent });
  return false;
}
