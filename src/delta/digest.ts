// Digests: SHA-256 over bytes or over canonical JSON, as 32 hex digits (128 bits: enough against chance and forgery of drift).
import { hash } from "node:crypto";
import type { Json, JsonObject } from "../model/json.ts";
import type { Parts } from "../model/resource.ts";

/** The digest of bytes or of a text's UTF-8 bytes. */
export function digestBytes(content: string | Uint8Array): string {
  return hash("sha256", content, "hex").slice(0, 32);
}

/** Digests of short values: rules, models and switches are the same in file after file. */
const known = new Map<string, string>();
const KNOWN_LENGTH = 200;
const KNOWN_COUNT = 20_000;

/** The digest of a JSON value whatever the order of its keys. */
export function digestJson(value: Json): string {
  const text = canonicalJson(value);
  if (text.length > KNOWN_LENGTH) return digestBytes(text);
  let digest = known.get(text);
  if (digest === undefined) {
    digest = digestBytes(text);
    if (known.size < KNOWN_COUNT) known.set(text, digest);
  }
  return digest;
}

/** One digest over all parts of a resource, from their digests. */
export function digestParts(parts: Parts): string {
  const lines = Object.keys(parts)
    .sort()
    .map((path) => `${path} ${parts[path]?.digest}`);
  return digestBytes(lines.join("\n"));
}

/** JSON with sorted keys and no white space: equal values give equal texts. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const object = value as JsonObject;
    const keys = Object.keys(object).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key] ?? null)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
