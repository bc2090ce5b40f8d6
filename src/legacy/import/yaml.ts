// Entries as the text of a registry: plain YAML, every gap marked TODO where the eye falls on it.
import type { ImportedEntry } from "./entries.ts";
import type { FoundFolders } from "./folders.ts";

const WIDTH = 110;

export function registryText(entries: readonly ImportedEntry[], passed: FoundFolders["passed"]): string {
  const gaps = entries.reduce((sum, entry) => sum + entry.unknown.size, 0);
  const lines = [
    "# The roll, read from the agents' folders by `rollcall adopt --registry`. Read it before you apply it: what the files",
    "# did not tell is missing here, and would be missing from the files that are rendered from it.",
    ...(gaps > 0 ? [`# ${gaps} field${gaps === 1 ? "" : "s"} could not be told: look for TODO.`] : []),
    ...passed.map(({ dir, why }) => `# Not taken: ${comment(dir)} (${why}).`),
    "agents:",
    ...entries.flatMap((entry) => [...entryLines(entry).map((line) => `  ${line}`), ""]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function entryLines(entry: ImportedEntry): string[] {
  const { name, dir, unknown } = entry;
  const gap = (field: string): string => (unknown.has(field) ? ` # TODO: ${unknown.get(field)}` : "");
  return [
    `${name}:`,
    ...entry.remarks.map((remark) => `  # TODO: ${comment(remark)}`),
    `  name: ${scalar(name)}`,
    `  display_name: ${scalar(entry.displayName)}${gap("display_name")}`,
    `  description: ${scalar(entry.description)}${gap("description")}`,
    `  model: ${scalar(entry.model)}${gap("model")}`,
    ...(entry.tools.length === 0 ? [`  tools: []${gap("tools")}`] : list("tools", entry.tools)),
    ...list("delegates_to", entry.delegatesTo),
    ...list("cannot_access", entry.cannotAccess),
    ...list("exclusive_access", entry.exclusiveAccess),
    ...sentences("responsibilities", entry.responsibilities),
    ...sentences("forbidden", entry.forbidden),
    ...(entry.protect ? ["  protect: true"] : []),
    ...(dir === undefined ? [] : [`  dir: ${scalar(dir)}`]),
  ];
}

function list(field: string, words: readonly string[]): string[] {
  if (words.length === 0) return [];
  const line = `  ${field}: [${words.map(scalar).join(", ")}]`;
  return line.length <= WIDTH ? [line] : sentences(field, words);
}

function sentences(field: string, words: readonly string[]): string[] {
  return words.length === 0 ? [] : [`  ${field}:`, ...words.map((word) => `    - ${scalar(word)}`)];
}

/** A word that YAML takes for itself stands as it is, everything else quoted: JSON's quoting is YAML's as well. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9_-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function comment(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ");
}
