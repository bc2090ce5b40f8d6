// The projection of what lies on disk in the place of a rendered file: equal to that of the rendered one (projection.ts)
// when the file is as desired. Loaded only when something is started: it parses JSON with places.
import type { RenderedFile } from "../model/fleet.ts";
import { type Json, pointerOf, valueAt } from "../model/json.ts";
import { readBlock } from "./block.ts";
import { digestBytes } from "./digest.ts";
import { readJson } from "./edit-read.ts";
import { documentOf, type LeftOut, projectWhole, renderedLeaves } from "./projection.ts";

/** The projection of bytes; null: there is no file. Never throws. */
export function projectBytes(file: RenderedFile, bytes: Buffer | null, leftOut: LeftOut): Json {
  switch (file.merge) {
    case "whole":
      return bytes && projectWhole(bytes, leftOut.size > 0 ? strictDocument(bytes) : null, leftOut);
    case "block":
      return bytes && blockDigest(bytes);
    case "keys": {
      const document = bytes === null ? null : strictDocument(bytes);
      const found = renderedLeaves(documentOf(file), leftOut).flatMap(({ tokens }) => {
        const value = valueAt(document ?? {}, tokens);
        return value === undefined ? [] : [[pointerOf(tokens), value] as const];
      });
      return Object.fromEntries(found);
    }
  }
}

function blockDigest(bytes: Buffer): Json {
  const block = readBlock(bytes);
  switch (block.state) {
    case "none":
      return null;
    case "block":
      return digestBytes(block.content);
    case "damaged":
      return `damaged ${digestBytes(bytes)}`;
  }
}

/** The document as a strict parser reads it, the last of two equal keys included; null where such a parser gives up. */
function strictDocument(bytes: Buffer) {
  const read = readJson(bytes);
  return read.state === "json" || read.state === "duplicates" ? read.value : null;
}
