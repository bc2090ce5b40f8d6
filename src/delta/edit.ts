// Editing JSON in place: one value is set, added or taken out, and every byte outside it stays as it is.
import { getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { canonicalJson } from "./digest.ts";

/** Keys of objects and indexes of lists, from the top. */
export type ValuePath = readonly (string | number)[];

const BOM = "\uFEFF";
const DEFAULT_UNIT = "  ";

/**
 * The text with `value` at `path`. A value that is there is replaced, an equal one left in its layout; a missing key is added at the end of its object, in
 * the layout of its neighbours; missing or unfit containers on the way are made.
 * The text has to be strict JSON (a byte order mark is kept); anything else throws.
 */
export function setAt(text: string, path: ValuePath, value: Json): string {
  return onBody(text, (body) => {
    const found = deepest(rootOf(body), path);
    const rest = path.slice(found.depth);
    const key = rest[0];
    if (rest.length === 0 && canonicalJson(getNodeValue(found.node) as Json) === canonicalJson(value)) return body;
    if (typeof key === "string" && found.node.type === "object") {
      return insert(body, found.node, { key, value: nested(rest.slice(1), value) });
    }
    return replace(body, found.node, nested(rest, value));
  });
}

/** The text with `value` as a new last element of the list at `path`; the list is made when there is none. */
export function appendAt(text: string, path: ValuePath, value: Json): string {
  return onBody(text, (body) => {
    const found = deepest(rootOf(body), path);
    if (found.depth < path.length || found.node.type !== "array") return setAt(body, path, [value]);
    return insert(body, found.node, { value });
  });
}

/**
 * The text without the key or element at `path`, and without the containers that became empty by it (never the
 * outermost). Unchanged when there is nothing at the path.
 */
export function removeAt(text: string, path: ValuePath): string {
  return onBody(text, (body) => {
    const found = deepest(rootOf(body), path);
    if (found.depth < path.length || path.length === 0) return body;
    let item = itemOf(found.node);
    while (item.parent?.children?.length === 1 && item.parent.parent) item = itemOf(item.parent);
    return item.parent ? cut(body, item.parent, item) : body;
  });
}

/** What stands in a container: the property for a value in an object, the element itself in a list. */
function itemOf(node: Node): Node {
  return node.parent?.type === "property" ? node.parent : node;
}

function onBody(text: string, edit: (body: string) => string): string {
  return text.startsWith(BOM) ? BOM + edit(text.slice(1)) : edit(text);
}

function rootOf(body: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(body, errors, { disallowComments: true });
  if (!root || errors.length > 0) throw new Error("only strict JSON is edited in place");
  return root;
}

function deepest(root: Node, path: ValuePath): { node: Node; depth: number } {
  let node = root;
  for (const [depth, token] of path.entries()) {
    const child = typeof token === "number" ? elementAt(node, token) : memberOf(node, token);
    if (!child) return { node, depth };
    node = child;
  }
  return { node, depth: path.length };
}

function elementAt(node: Node, index: number): Node | undefined {
  return node.type === "array" ? node.children?.[index] : undefined;
}

function memberOf(node: Node, key: string): Node | undefined {
  if (node.type !== "object") return undefined;
  return node.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
}

function nested(path: ValuePath, value: Json): Json {
  return path.reduceRight<Json>(
    (inner, token) => (typeof token === "number" ? [inner] : ({ [token]: inner } satisfies JsonObject)),
    value,
  );
}

function replace(body: string, node: Node, value: Json): string {
  const content = isOneLine(body)
    ? JSON.stringify(value)
    : pretty(value, { indent: lineIndent(body, node.offset), ...styleOf(body) });
  return body.slice(0, node.offset) + content + body.slice(node.offset + node.length);
}

/** Puts a property or an element behind the last one of a container. */
function insert(body: string, node: Node, item: { readonly key?: string; readonly value: Json }): string {
  const last = node.children?.at(-1);
  return last ? insertAfter(body, node, last, item) : insertFirst(body, node, item);
}

function insertAfter(
  body: string,
  node: Node,
  last: Node,
  item: { readonly key?: string; readonly value: Json },
): string {
  const end = last.offset + last.length;
  const gap = gapBefore(body, node, last);
  const line = gap.lastIndexOf("\n");
  const content =
    line < 0 ? JSON.stringify(item.value) : pretty(item.value, { indent: gap.slice(line + 1), ...styleOf(body) });
  const label = item.key === undefined ? "" : `${JSON.stringify(item.key)}${colonOf(body, last)}`;
  return `${body.slice(0, end)},${gap}${label}${content}${body.slice(end)}`;
}

function insertFirst(body: string, node: Node, item: { readonly key?: string; readonly value: Json }): string {
  const [open, close] = node.type === "object" ? ["{", "}"] : ["[", "]"];
  const label = item.key === undefined ? "" : JSON.stringify(item.key);
  const rest = body.slice(node.offset + node.length);
  if (node.parent && isOneLine(body)) {
    const inner = `${label}${label === "" ? "" : ":"}${JSON.stringify(item.value)}`;
    return `${body.slice(0, node.offset)}${open}${inner}${close}${rest}`;
  }
  const { eol, unit } = styleOf(body);
  const outer = lineIndent(body, node.offset);
  const inner = outer + unit;
  const content = `${label}${label === "" ? "" : ": "}${pretty(item.value, { indent: inner, eol, unit })}`;
  return `${body.slice(0, node.offset)}${open}${eol}${inner}${content}${eol}${outer}${close}${rest}`;
}

/** The white space that leads to an item: from the bracket or comma before it. */
function gapBefore(body: string, node: Node, item: Node): string {
  const items = node.children ?? [];
  const previous = items[items.indexOf(item) - 1];
  const between = body.slice(previous ? previous.offset + previous.length : node.offset + 1, item.offset);
  return between.slice(between.indexOf(",") + 1);
}

function colonOf(body: string, property: Node): string {
  const [key, value] = property.children ?? [];
  if (!key || !value) return ": ";
  const between = body.slice(key.offset + key.length, value.offset);
  return between.includes("\n") ? ": " : between;
}

function cut(body: string, container: Node, item: Node): string {
  const items = container.children ?? [];
  const at = items.indexOf(item);
  const next = items[at + 1];
  const previous = items[at - 1];
  if (next) return body.slice(0, item.offset) + body.slice(next.offset);
  if (previous) return body.slice(0, previous.offset + previous.length) + body.slice(item.offset + item.length);
  return body.slice(0, container.offset + 1) + body.slice(container.offset + container.length - 1);
}

interface Style {
  readonly eol: string;
  /** One step of indentation. */
  readonly unit: string;
}

function styleOf(body: string): Style {
  const eol = body.includes("\r\n") ? "\r\n" : "\n";
  const indented = /^\s*\{[^\S\n]*\n([^\S\n]+)"/.exec(body);
  return { eol, unit: indented?.[1] ?? DEFAULT_UNIT };
}

function isOneLine(body: string): boolean {
  return !body.trim().includes("\n");
}

function lineIndent(body: string, offset: number): string {
  const start = body.lastIndexOf("\n", offset - 1) + 1;
  return /^[^\S\n]*/.exec(body.slice(start, offset))?.[0] ?? "";
}

/** JSON over several lines, its lines behind the first led by `indent`. */
function pretty(value: Json, layout: Style & { readonly indent: string }): string {
  if (!Array.isArray(value) && !isJsonObject(value)) return JSON.stringify(value);
  // Strings hold no raw line breaks or tabs in JSON text, so every one of them is layout.
  return JSON.stringify(value, null, "\t").replace(
    /\n(\t*)/g,
    (_, tabs: string) => layout.eol + layout.indent + layout.unit.repeat(tabs.length),
  );
}
