// The answer of `why` for people: the file, whose it is, the template's line, the lines it draws on, the run.
import { visibleLine } from "../../report/redact.ts";
import type { Paint } from "../../report/style.ts";
import type { Answer, PartAnswer } from "./answer.ts";
import type { TemplateInput } from "./inputs.ts";
import type { SpecLine } from "./spec-lines.ts";

/** So many parts are told one by one; with more, a closer question is the better one. */
const MOST_PARTS = 12;

export function answerText(answer: Answer, paint: Paint): string {
  const { file, line, col, pointer, parts, declared, run, notes } = answer;
  const place = [file, line, col].filter((one) => one !== undefined).join(":");
  const lines = [paint("bold", visibleLine(`${place}${pointer === undefined ? "" : `  #${pointer}`}`))];
  if (parts.length > 0) for (const part of parts.slice(0, MOST_PARTS)) lines.push(...partLines(part, paint));
  if (parts.length > MOST_PARTS)
    lines.push(`  … and ${parts.length - MOST_PARTS} more parts; ask for one of them: ${visibleLine(file)}#/…`);
  if (answer.origin === "foreign" && answer.parts.length === 0 && notes.length === 0)
    lines.push("  the client or a person wrote it; Rollcall leaves it as it is");
  if (answer.origin === "mixed")
    lines.push("  what else stands there, the client or a person wrote; it is left as it is");
  if (answer.origin === "orphan")
    lines.push("  an orphan: Rollcall wrote it, and the spec no longer wants it (apply --prune)");
  if (declared) lines.push(`  declared   ${inputText(declared)}`, ...sourceLine(declared.at, paint));
  for (const note of notes) lines.push(`  ${visibleLine(note)}`);
  if (run) lines.push(`  written by run ${run.id} (${visibleLine(run.command)}) of ${run.started}`);
  return lines.join("\n");
}

function partLines({ address, verdict, template, draws }: PartAnswer, paint: Paint): string[] {
  const state = verdict === "in-sync" ? verdict : paint("yellow", verdict);
  return [
    `  ${visibleLine(address)} ${state}`,
    ...(template ? [`  template   ${placeText(template)}`, ...sourceLine(template, paint)] : []),
    ...draws.flatMap((input) => [`  draws on   ${inputText(input)}`, ...sourceLine(input.at, paint)]),
  ];
}

function inputText({ field, at, note }: TemplateInput): string {
  const where = at ? placeText(at) : note;
  return visibleLine(where === undefined ? field : `${field} ${at ? "→ " : "("}${where}${at ? "" : ")"}`);
}

function placeText({ file, line, col }: SpecLine): string {
  return visibleLine(`${file}:${line}:${col}`);
}

function sourceLine(at: SpecLine | null, paint: Paint): string[] {
  if (at?.text === undefined) return [];
  const shown = at.text.length > 140 ? `${at.text.slice(0, 140)}…` : at.text;
  return [`    ${paint("dim", `${at.line} |`)} ${visibleLine(shown)}`];
}
