// A stretch of a template: the whole text, or one string of a JSON document, with the way back to its place.
import type { StringNode } from "./json-text.ts";
import type { TemplateText } from "./source.ts";

export interface Span {
  readonly source: TemplateText;
  readonly text: string;
  /** The offset in the source of an offset in the text. */
  offsetAt(index: number): number;
}

export function spanOfSource(source: TemplateText): Span {
  return { source, text: source.text, offsetAt: (index) => index };
}

/** A JSON string: escapes are longer in the file than in the value. */
export function spanOfString(source: TemplateText, node: StringNode): Span {
  const last = node.offsets.at(-1) ?? node.begin;
  return { source, text: node.value, offsetAt: (index) => node.offsets[index] ?? last };
}
