// Digests: SHA-256 over bytes or over canonical JSON, as 32 hex digits (128 bits: enough against chance and forgery of drift).
import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../model/json.ts";
import type { Parts } from "../model/resource.ts";

/** The digest of bytes or of a text's UTF-8 bytes. */
export function digestBytes(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}

/** The digest of a JSON value whatever the order of its keys. */
export function digestJson(value: Json): string {
  return digestBytes(canonicalJson(value));
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
