// Context files that a settings template names: whether they are there. The client would start without them in silence.
import { posix } from "node:path";
import type { Machine, TemplateSource } from "../../../model/fleet.ts";
import { isJsonObject } from "../../../model/json.ts";
import type { LoadContext } from "../registry.ts";
import { lineOf, makeSource, placeIn, show } from "../yaml/source-text.ts";

/** Warns of every absolute path in a template's `contextFiles` that is the same for all agents and is not there. */
export function checkContextFiles(
  templates: Readonly<Record<string, TemplateSource>>,
  { folders, variables }: Machine,
  { files, findings, shown }: LoadContext,
): void {
  const roots = { PROJECT_ROOT: folders.root, TEF_ROOT: variables["TEF_ROOT"] ?? folders.root };
  for (const template of Object.values(templates)) {
    for (const written of contextFiles(template.text)) {
      const path = withRoots(written, roots);
      if (!posix.isAbsolute(path) || /\$\{|\{\{|\{%/.test(path) || files.facts(path) !== null) continue;
      findings.add("W157", () => {
        const source = makeSource(template.path, template.text);
        const place = placeIn(source, Math.max(0, template.text.indexOf(JSON.stringify(written))));
        return {
          place,
          message: `the context file ${show(shown(path))} is not there`,
          hint: "write it, or take it out of contextFiles",
          sourceLine: lineOf(source, place.line),
        };
      });
    }
  }
}

function contextFiles(text: string): string[] {
  if (!text.includes('"contextFiles"')) return [];
  try {
    const value: unknown = JSON.parse(text);
    const listed: unknown = isJsonObject(value) ? value["contextFiles"] : undefined;
    return Array.isArray(listed) ? listed.filter((one) => typeof one === "string") : [];
  } catch {
    // Those who render the template tell why it is no JSON.
    return [];
  }
}

function withRoots(written: string, { PROJECT_ROOT, TEF_ROOT }: { PROJECT_ROOT: string; TEF_ROOT: string }): string {
  return written
    .replaceAll("${PROJECT_ROOT}", PROJECT_ROOT)
    .replace(/\{\{-?\s*project\.root\s*-?\}\}/g, PROJECT_ROOT)
    .replaceAll("${TEF_ROOT}", TEF_ROOT)
    .replace(/\{\{-?\s*variables\.TEF_ROOT\s*-?\}\}/g, TEF_ROOT);
}
