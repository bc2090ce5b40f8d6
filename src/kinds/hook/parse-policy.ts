// A hook of ours read backwards: what the registry said of its agent. The file may be anything, so nothing is believed.

import type { Declared } from "../../model/capabilities.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import { carriedPolicy } from "./render.ts";

/** Null when the bytes are no hook of ours, or one that was changed beyond reading. */
export function declares(bytes: Buffer): Declared | null {
  const policy = parse(carriedPolicy(bytes.toString("utf8")));
  if (!isJsonObject(policy)) return null;
  const { agent, tools, delegates, places } = policy;
  if (typeof agent !== "string" || !isTexts(tools) || !isTexts(delegates) || !Array.isArray(places)) return null;
  return { agent, tools, delegatesTo: delegates, closed: places.flatMap(closedPlace) };
}

function parse(text: string | null): Json {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** Places that are closed to every agent stand in no registry. */
function closedPlace(place: Json): Declared["closed"] {
  if (!isJsonObject(place) || typeof place["glob"] !== "string" || place["own"] !== undefined) return [];
  const { glob, owner } = place;
  return [typeof owner === "string" ? { glob, owner } : { glob }];
}
