// Strict JSON with the place of every value kept, so that a fault inside a string names its line and column.
import { RESERVED_KEYS } from "../../model/json.ts";

/** A string of the document: its value, and where each of its UTF-16 units (and its end) stands in the text. */
export interface StringNode {
  readonly type: "string";
  readonly value: string;
  readonly begin: number;
  readonly offsets: readonly number[];
}

/** Every node tells where it begins: an offset into the text. */
export type JsonNode =
  | StringNode
  | { readonly type: "literal"; readonly begin: number; readonly value: number | boolean | null }
  | { readonly type: "list"; readonly begin: number; readonly items: readonly JsonNode[] }
  | {
      readonly type: "object";
      readonly begin: number;
      readonly entries: readonly { readonly key: StringNode; readonly value: JsonNode }[];
    };

/** Why a text is not the JSON we want, and where. */
export class JsonTextError extends Error {
  readonly offset: number;
  readonly reason: "syntax" | "key";

  constructor(message: string, offset: number, reason: "syntax" | "key" = "syntax") {
    super(message);
    this.name = "JsonTextError";
    this.offset = offset;
    this.reason = reason;
  }
}

const DEEPEST = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Parses strict JSON (RFC 8259), refusing duplicate and prototype-reaching keys. Throws JsonTextError. */
export function parseJsonText(text: string): JsonNode {
  return new JsonText(text).document();
}

class JsonText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    this.#space();
    if (this.#at >= this.#text.length) throw new JsonTextError("the file is empty", 0);
    const node = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#wrong("more text after the end of the document");
    return node;
  }

  #wrong(message: string): JsonTextError {
    return new JsonTextError(message, this.#at);
  }

  #space(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === " " || char === "\n" || char === "\t" || char === "\r") this.#at++;
      else break;
    }
    if (this.#text[this.#at] === "/") throw this.#wrong("strict JSON has no comments");
  }

  #value(depth: number): JsonNode {
    if (depth > DEEPEST) throw this.#wrong(`nested deeper than ${DEEPEST}`);
    const char = this.#text[this.#at];
    if (char === undefined) throw this.#wrong("the file ends where a value was expected");
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#list(depth);
    if (char === '"') return this.#string();
    if (char === "-" || (char >= "0" && char <= "9")) return this.#number();
    return this.#word();
  }

  #word(): JsonNode {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0];
    if (word === "true" || word === "false" || word === "null") {
      const begin = this.#at;
      this.#at += word.length;
      return { type: "literal", begin, value: word === "null" ? null : word === "true" };
    }
    throw this.#wrong(`a value was expected, found ${JSON.stringify(word ?? this.#text[this.#at] ?? "")}`);
  }

  #number(): JsonNode {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0];
    const value = digits === undefined ? Number.NaN : Number(digits);
    if (digits === undefined || !Number.isFinite(value)) throw this.#wrong("a number that JSON cannot hold");
    const begin = this.#at;
    this.#at += digits.length;
    return { type: "literal", begin, value };
  }

  #list(depth: number): JsonNode {
    const begin = this.#at++;
    const items: JsonNode[] = [];
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return { type: "list", begin, items };
    }
    for (;;) {
      this.#space();
      items.push(this.#value(depth + 1));
      if (this.#next("]")) return { type: "list", begin, items };
    }
  }

  #object(depth: number): JsonNode {
    const begin = this.#at++;
    const entries: { key: StringNode; value: JsonNode }[] = [];
    const seen = new Set<string>();
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return { type: "object", begin, entries };
    }
    for (;;) {
      const key = this.#key(seen);
      entries.push({ key, value: this.#value(depth + 1) });
      if (this.#next("}")) return { type: "object", begin, entries };
    }
  }

  /** A key and the colon behind it. */
  #key(seen: Set<string>): StringNode {
    this.#space();
    if (this.#text[this.#at] !== '"') throw this.#wrong("a key in double quotes was expected");
    const begin = this.#at;
    const key = this.#string();
    if (seen.has(key.value))
      throw new JsonTextError(`the key ${JSON.stringify(key.value)} stands here twice`, begin, "key");
    if (RESERVED_KEYS.has(key.value)) throw new JsonTextError(`the key ${key.value} is not allowed`, begin, "key");
    seen.add(key.value);
    this.#space();
    if (this.#text[this.#at] !== ":") throw this.#wrong("a colon was expected after the key");
    this.#at++;
    this.#space();
    return key;
  }

  /** After an element: true at the closing bracket, false after a comma with more to come. */
  #next(close: string): boolean {
    this.#space();
    const char = this.#text[this.#at];
    if (char !== close && char !== ",") throw this.#wrong(`a comma or ${close} was expected`);
    this.#at++;
    if (char === close) return true;
    const comma = this.#at - 1;
    this.#space();
    if (this.#text[this.#at] === close) throw new JsonTextError("a comma before the closing bracket", comma);
    return false;
  }

  #string(): StringNode {
    const begin = this.#at;
    const offsets: number[] = [];
    let value = "";
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new JsonTextError("a string that is never closed", begin);
      if (char === '"') break;
      if (char < " ")
        throw this.#wrong(char === "\n" ? "a line break inside a string" : "a control character inside a string");
      offsets.push(this.#at);
      value += char === "\\" ? this.#escape() : char;
      this.#at++;
    }
    offsets.push(this.#at);
    this.#at++;
    return { type: "string", value, begin, offsets };
  }

  /** One escape; leaves the position on its last character. */
  #escape(): string {
    const char = this.#text[this.#at + 1] ?? "";
    const plain = ESCAPES[char];
    if (plain !== undefined) {
      this.#at++;
      return plain;
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (char !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#wrong(`no such escape in JSON: \\${char}`);
    this.#at += 5;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }
}
