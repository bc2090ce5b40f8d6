// Plain JSON values: what may stand in a document, a template value, a record.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object: not null and not a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names that reach an object's prototype; refused as keys in every document we read. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** One token of a JSON pointer (RFC 6901), escaped. */
export function escapeToken(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The tokens of a JSON pointer, unescaped; the empty pointer has none. */
export function pointerTokens(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The JSON pointer of a path of keys. */
export function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${escapeToken(token)}`).join("");
}

/** What stands at a path of objects; undefined when it does not exist or leads through something else. */
export function valueAt(document: Json | undefined, tokens: readonly (string | number)[]): Json | undefined {
  let value = document;
  for (const token of tokens) {
    if (typeof token === "number") value = Array.isArray(value) ? (value[token] as Json | undefined) : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}

export interface Leaf {
  readonly tokens: readonly string[];
  readonly value: Json;
}

/** Everything in a document that is no object, with its path. A list is one value; an empty object has nothing. */
export function leavesOf(document: JsonObject): Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (value: Json, tokens: readonly string[]): void => {
    if (isJsonObject(value)) for (const [key, one] of Object.entries(value)) walk(one, [...tokens, key]);
    else leaves.push({ tokens, value });
  };
  walk(document, []);
  return leaves;
}
