// Where a JSON template says what: for findings about rendered values, which know only a pointer.
import type { Place } from "../../model/diagnostic.ts";
import { escapeToken } from "../../model/json.ts";
import type { JsonNode } from "./json-text.ts";
import { positionAt, type TemplateText } from "./source.ts";

/** The place of every value of a JSON template, by pointer. */
export function placesOf(source: TemplateText, tree: JsonNode): Readonly<Record<string, Place>> {
  const places: Record<string, Place> = {};
  const visit = (node: JsonNode, pointer: string): void => {
    const { line, col } = positionAt(source, node.begin);
    places[pointer] = { file: source.file, line, col };
    if (node.type === "list") {
      for (const [index, item] of node.items.entries()) visit(item, `${pointer}/${index}`);
    } else if (node.type === "object") {
      for (const { key, value } of node.entries) visit(value, `${pointer}/${escapeToken(key.value)}`);
    }
  };
  visit(tree, "");
  return places;
}
