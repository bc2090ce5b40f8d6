// Whose a place in a file is: from a pointer or a line of the file as it lies there to the parts we own. For `why`.

import { readBlock } from "../../delta/block.ts";
import { tokensAtLine } from "../../delta/edit-locate.ts";
import { placeOf, readJson } from "../../delta/edit-read.ts";
import type { FilePosition, Ownership } from "../../model/capabilities.ts";
import { escapeToken, type Json, type JsonObject, pointerTokens, valueAt } from "../../model/json.ts";
import type { Desired, Recorded } from "../../model/resource.ts";
import { mergeOf } from "./content.ts";
import { BLOCK, type OwnedPart, ownedParts, sameJson } from "./parts.ts";
import type { ConfigProps } from "./types.ts";

interface FileQuery {
  readonly want: Desired<ConfigProps> | undefined;
  readonly record: Recorded | undefined;
  readonly bytes: Buffer | null;
}

type Tokens = readonly (string | number)[];

const NOTHING: Ownership = { parts: [], foreign: false, known: [] };

export function locate({ want, record, bytes }: FileQuery, position: FilePosition): Ownership {
  switch (mergeOf({ want: want?.props, record })) {
    case "whole":
      return wholeFile(bytes ?? Buffer.from(want?.props.text ?? ""), position);
    case "block":
      return blockFile(bytes, position);
    case "keys":
      return keysFile({ want, record, bytes }, position);
  }
}

function wholeFile(bytes: Buffer, position: FilePosition): Ownership {
  if ("pointer" in position) return NOTHING;
  const lines = bytes.toString("utf8").replace(/\n$/, "").split("\n").length;
  return position.line <= lines ? { ...NOTHING, parts: [{ path: "", at: "" }] } : NOTHING;
}

function blockFile(bytes: Buffer | null, position: FilePosition): Ownership {
  if ("pointer" in position || bytes === null) return NOTHING;
  const text = bytes.toString("latin1");
  const block = readBlock(bytes);
  if (position.line > text.replace(/\n$/, "").split("\n").length) return NOTHING;
  if (block.state !== "block") return { ...NOTHING, foreign: true };
  const begin = text.indexOf(block.content.toString("latin1"), text.indexOf("<!-- rollcall:begin -->"));
  const first = text.slice(0, begin).split("\n").length - 1;
  const last = first + block.content.toString("latin1").split("\n").length;
  const own = position.line >= first && position.line <= last;
  return own ? { ...NOTHING, parts: [{ path: BLOCK, at: "" }] } : { ...NOTHING, foreign: true };
}

function keysFile({ want, record, bytes }: FileQuery, position: FilePosition): Ownership {
  const read = bytes === null ? null : readJson(bytes);
  const there = read === null || read.state === "unreadable" ? null : read;
  const desired = positions(want?.props.json ?? {});
  const present = positions(there?.value ?? {});
  const known = [...new Set([...desired.values(), ...present.values()])];
  const found = tokensOf(position, there?.value, there?.text ?? "");
  if (found === null) return { ...NOTHING, known };
  const asked = pointerOf(found);
  const owned = (path: string): boolean => desired.has(path) || record?.parts[path] !== undefined;
  const stands = there !== null && valueAt(there.value, found) !== undefined;
  const touched = [
    ...touching(present, found),
    // What is not in the file is looked for where it should be; what a plan prints is a part's own path.
    ...(stands && found.some((token) => typeof token === "number")
      ? []
      : touching(desired, found).filter((path) => !present.has(path))),
    ...[...desired.keys(), ...Object.keys(record?.parts ?? {})].filter((path) => within(path, asked)),
  ];
  const paths = [...new Set(touched)];
  const parts = paths.filter(owned).map((path) => ({ path, at: desired.get(path) ?? "" }));
  const place = there === null ? null : placeOf(there.text, found);
  return {
    parts,
    foreign: stands && (parts.length === 0 || paths.some((path) => !owned(path))),
    pointer: asked,
    ...(place === null ? {} : { place }),
    known,
  };
}

/** Where each part of a document stands in it, by the part's path. */
function positions(document: JsonObject): ReadonlyMap<string, string> {
  return new Map(ownedParts(document).map((part) => [part.path, pointerOf(tokensOfPart(part, document))]));
}

function tokensOfPart({ place }: OwnedPart, document: JsonObject): Tokens {
  switch (place.in) {
    case "value":
      return place.tokens;
    case "hooks":
      return place.unit.at;
    case "set": {
      const list = valueAt(document, ["permissions", place.list]);
      const index = Array.isArray(list) ? list.findIndex((one: Json) => sameJson(one, place.element)) : -1;
      return ["permissions", place.list, index];
    }
  }
}

/** Paths of the parts at, above or below a place. */
function touching(parts: ReadonlyMap<string, string>, tokens: Tokens): string[] {
  // What stands beside a hook in its entry (the matcher) is part of each hook of the entry.
  const [top, , , inner] = tokens;
  const place = pointerOf(
    top === "hooks" && typeof inner === "string" && inner !== "hooks" ? tokens.slice(0, 3) : tokens,
  );
  return [...parts].filter(([, at]) => within(at, place) || within(place, at)).map(([path]) => path);
}

function within(pointer: string, above: string): boolean {
  return pointer === above || pointer.startsWith(`${above}/`);
}

/** The way to a place; a number only where a list is entered. */
function tokensOf(position: FilePosition, document: JsonObject | undefined, text: string): Tokens | null {
  if ("line" in position) return tokensAtLine(text, position.line);
  let value: Json | undefined = document;
  return pointerTokens(position.pointer).map((token) => {
    const step = Array.isArray(value) && /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : token;
    value = valueAt(value, [step]);
    return step;
  });
}

function pointerOf(tokens: Tokens): string {
  return tokens.map((token) => `/${escapeToken(String(token))}`).join("");
}
