// The answer of `why`: whose a file or a part of it is, what made it, and which run wrote it last.
import type { Classified } from "../../engine/classify.ts";
import type { RunRecord } from "../../ledger/run-schema.ts";
import { listRuns, readRun } from "../../ledger/runs.ts";
import type { FilePosition, Ownership } from "../../model/capabilities.ts";
import { UsageError } from "../../model/errors.ts";
import type { Agent, RenderedFile } from "../../model/fleet.ts";
import { didYouMean } from "../../model/nearest.ts";
import { FORMAT_VERSION } from "../../model/plan.ts";
import type { Verdict } from "../../model/verdict.ts";
import { plan } from "../../reconcile.ts";
import type { Project } from "../project.ts";
import { planRequest } from "../run/converge.ts";
import type { TemplateInput } from "./inputs.ts";
import { hookOrigin, type Origin, renderedOrigin } from "./origin.ts";
import { openSources, type SpecLine } from "./spec-lines.ts";
import type { Role, Subject } from "./target.ts";

export interface PartAnswer {
  /** The resource, or one part of it (`address#/pointer`). */
  readonly address: string;
  readonly verdict: Verdict;
  readonly template: SpecLine | null;
  readonly draws: readonly TemplateInput[];
}

interface LastRun {
  readonly id: string;
  readonly command: string;
  readonly started: string;
}

export interface Answer {
  readonly kind: "why";
  readonly formatVersion: typeof FORMAT_VERSION;
  /** Relative to the project root. */
  readonly file: string;
  readonly line?: number;
  readonly col?: number;
  readonly pointer?: string;
  /** `rendered`: Rollcall wrote it; `mixed`: others as well; `foreign`: the client or a person; or what else it is. */
  readonly origin: "rendered" | "mixed" | Exclude<Role["is"], "resource"> | "orphan";
  readonly agent: string | null;
  readonly parts: readonly PartAnswer[];
  /** Where fleet.yaml says that every agent gets this file. */
  readonly declared: TemplateInput | null;
  /** The run that wrote it last on this machine, as far as they are kept. */
  readonly run: LastRun | null;
  readonly notes: readonly string[];
}

/** Answers for a file that is desired or recorded. */
export async function answerFor(project: Project, subject: Subject, address: string, agent: string): Promise<Answer> {
  const request = planRequest(project, { filesOnly: true }, [agent]);
  const planned = await plan(request, project.reader);
  const judged = planned.judged.find((one) => one.address === address);
  if (!judged) throw new Error(`${address} was not judged`);
  const located = await locatedIn(project, subject, judged);
  const owner = project.fleet.agents.find((one) => one.name === agent);
  const file = owner?.files.find((one) => address === `config/${agent}/${one.target}`);
  const origins = originsOf(project, { subject, judged, located, owner, file });
  const hold = project.store.holds[agent];
  const text = lineText(project, subject);
  const isMixed = located?.foreign === true;
  return {
    kind: "why",
    formatVersion: FORMAT_VERSION,
    file: subject.shown,
    ...positionOf(subject.position, located),
    origin: !judged.want ? "orphan" : !isMixed ? "rendered" : origins.length > 0 ? "mixed" : "foreign",
    agent,
    parts: origins,
    declared: file === undefined ? null : declaredBy(project, file),
    run: origins.length === 0 ? null : lastRun(project, { judged, subject, located }),
    notes: [
      ...(judged.have?.obstacle ? [judged.have.obstacle.message] : []),
      ...(text?.trim() === "" ? ["an empty line"] : []),
      ...(hold ? [`${agent} is held: ${hold.reason}`] : []),
      ...(judged.record || !judged.want ? [] : ["nothing is recorded of it: no apply has written or adopted it"]),
    ],
  };
}

function positionOf(
  position: FilePosition | null,
  located: Ownership | null,
): Partial<Pick<Answer, "line" | "col" | "pointer">> {
  const pointer = located?.pointer;
  const line = position !== null && "line" in position ? position.line : undefined;
  return {
    ...(line === undefined ? (located?.place ?? {}) : { line }),
    ...(pointer === undefined || pointer === "" ? {} : { pointer }),
  };
}

/** Whose the place is; null when the whole file is meant. */
async function locatedIn(
  project: Project,
  subject: Subject,
  { kind: name, want, record }: Classified,
): Promise<Ownership | null> {
  const { position, shown, path } = subject;
  if (position === null) return null;
  const kind = project.kinds.find((one) => one.name === name);
  const read = project.reader.files.read(path, { limit: 64 * 1024 * 1024 });
  const bytes = read.state === "file" ? read.bytes : null;
  const explainable = kind?.capabilities.explainable;
  if (!explainable) {
    if ("line" in position) return { parts: [{ path: "", at: "" }], foreign: false, known: [] };
    throw new UsageError(`${shown} has no keys: Rollcall owns it whole`, `rollcall why ${shown}`);
  }
  const located = await explainable.locate({ want, record, bytes }, position);
  if (located.parts.length > 0 || located.foreign) return located;
  const where = "line" in position ? `line ${position.line}` : position.pointer;
  const hint = "pointer" in position ? didYouMean(position.pointer, located.known) : undefined;
  throw new UsageError(`there is nothing at ${where} of ${shown}`, hint ?? `rollcall why ${shown}`);
}

interface Question {
  readonly subject: Subject;
  readonly judged: Classified;
  readonly located: Ownership | null;
  readonly owner: Agent | undefined;
  readonly file: RenderedFile | undefined;
}

function originsOf(project: Project, { subject, judged, located, owner, file }: Question): PartAnswer[] {
  const { address, verdict } = judged;
  const sources = openSources(project);
  const originOf = (at: string, text: string | null): Origin => {
    if (!owner || !judged.want) return { template: null, draws: [] };
    if (!file) return hookOrigin({ fleet: project.fleet, agent: owner, sources });
    return renderedOrigin({ fleet: project.fleet, agent: owner, sources, file, at, text });
  };
  if (located === null) return [{ address, verdict, ...originOf("", null) }];
  return located.parts.map(({ path, at }) => {
    const isKey = path.startsWith("/");
    return {
      address: isKey ? `${address}#${path}` : address,
      verdict: partVerdict(judged, path),
      ...originOf(at, isKey ? null : lineText(project, subject)),
    };
  });
}

/** The text of the line asked for, as it lies there. */
function lineText({ reader }: Project, { path, position }: Subject): string | null {
  if (position === null || !("line" in position)) return null;
  const read = reader.files.read(path, { limit: 64 * 1024 * 1024 });
  return read.state === "file" ? (read.bytes.toString("utf8").split(/\r?\n/)[position.line - 1] ?? null) : null;
}

function partVerdict(judged: Classified, path: string): Verdict {
  const found = judged.parts.find((part) => part.path === path)?.verdict;
  if (found) return found;
  return judged.want && judged.have?.exists ? "in-sync" : judged.verdict;
}

function declaredBy({ fleet, ...project }: Project, file: RenderedFile): TemplateInput {
  const sources = openSources({ ...project, fleet });
  const index = fleet.files.findIndex(
    (one) => file.template.endsWith(`/${one.template}`) || file.template === one.template,
  );
  const field = `fleet.files[${index}]`;
  const at = sources.fleet(["files", index]);
  return at ? { field, at } : { field, at, note: `default: ${sources.names.fleet} does not name it` };
}

/** The newest run that wrote the file, or the parts of it that are asked about. */
function lastRun(
  { reader, fleet }: Project,
  question: Pick<Question, "judged" | "subject" | "located">,
): LastRun | null {
  const { state } = fleet.machine.folders;
  for (const id of listRuns(reader.files, state)) {
    const run = readRun(reader.files, state, id);
    if (run && wrote(run, question)) return { id: run.id, command: run.command, started: run.started };
  }
  return null;
}

function wrote(
  run: RunRecord,
  { judged, subject, located }: Pick<Question, "judged" | "subject" | "located">,
): boolean {
  const isDone = run.outcomes.some((one) => one.address === judged.address && one.result === "done");
  const intent = run.intents.find((one) => one.address === judged.address);
  if (isDone && intent) {
    const keys = (located?.parts ?? []).map((part) => part.path).filter((path) => path.startsWith("/"));
    return keys.length === 0 || keys.some((path) => intent.after[path] !== undefined);
  }
  return intent === undefined && run.files.some((one) => one.path === subject.path && one.after !== null);
}
