// The files of one agent as desired resources: rendered text, taken apart into what we own of it.

import { blockFile, withLineEnd } from "../../delta/block.ts";
import { digestBytes, digestJson, digestParts } from "../../delta/digest.ts";
import { type Address, address } from "../../model/address.ts";
import type { Agent, Fleet, RenderedFile } from "../../model/fleet.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { Desired, Part, Parts } from "../../model/resource.ts";
import { memoizeByText } from "./memoize.ts";
import { BLOCK, CLIENT, elementPath, isSet, MODE, ownedParts, SYNTAX, WIDENING } from "./parts.ts";
import { shownValue } from "./secrets.ts";
import { type ConfigProps, isClientSettings, LOCAL_SETTINGS, modeWord, octal, SETTINGS } from "./types.ts";

/** One resource per rendered file. Pure. */
export function desire(agent: Agent, fleet: Fleet): Desired<ConfigProps>[] {
  const targets = new Set(agent.files.map((file) => file.target));
  return agent.files.map((file) => {
    const { props, parts, digest } = contentOf(file, fleet);
    return {
      address: configAddress(agent.name, file.target),
      kind: "config",
      agent: agent.name,
      props,
      parts,
      digest,
      needs: needsOf(agent.name, file.target, targets),
      portable: file.portable,
      at: `${agent.dir}/${file.target}`,
    };
  });
}

function configAddress(agent: string, target: string): Address {
  return address({ kind: "config", agent, name: target });
}

/** Settings that name a hook are never there without it: hook, then local settings, then settings, then the rest. */
function needsOf(agent: string, target: string, targets: ReadonlySet<string>): Address[] {
  const hook = address({ kind: "hook", agent, name: "auto-deny" });
  if (target === LOCAL_SETTINGS) return [hook];
  const local = targets.has(LOCAL_SETTINGS) ? [configAddress(agent, LOCAL_SETTINGS)] : [];
  if (target === SETTINGS) return [hook, ...local];
  return targets.has(SETTINGS) ? [configAddress(agent, SETTINGS)] : [hook, ...local];
}

interface FileContent {
  readonly props: ConfigProps;
  readonly parts: Parts;
  readonly digest: string;
}

const contentOf = memoizeByText((file, fleet): FileContent => {
  const props = propsOf(file);
  const parts = partsOf(props, fleet);
  return { props, parts, digest: digestParts(parts) };
});

function propsOf(file: RenderedFile): ConfigProps {
  const text = file.merge === "block" ? blockFile(file.text) : file.text;
  const mode = Number.parseInt(file.mode, 8);
  const common = { target: file.target, merge: file.merge, mode, text, seal: contentDigest(digestBytes(text), mode) };
  switch (file.merge) {
    case "whole":
      return common;
    case "block":
      return { ...common, block: withLineEnd(file.text) };
    case "keys":
      return { ...common, json: isJsonObject(file.json) ? file.json : {} };
  }
}

/** The digest of everything looked at in a file. */
export function contentDigest(contentDigest: string, mode: number): string {
  return digestBytes(`${contentDigest} ${modeWord(mode)}`);
}

function partsOf(props: ConfigProps, fleet: Fleet): Parts {
  const mode: Part = { digest: digestJson(modeWord(props.mode)), value: octal(props.mode) };
  const settings = isClientSettings(props.target);
  switch (props.merge) {
    case "whole":
      return { "": { digest: digestBytes(props.text), ...enforced(settings) }, [MODE]: mode };
    case "block":
      return { [BLOCK]: { digest: digestBytes(props.block ?? "") }, [MODE]: mode };
    case "keys":
      return { ...keyParts(props.json ?? {}), ...wholeFileParts(settings, fleet), [MODE]: mode };
  }
}

function keyParts(json: JsonObject): Record<string, Part> {
  const parts: Record<string, Part> = {};
  const { permissions, ...others } = json;
  let rest = json;
  if (isJsonObject(permissions)) {
    const other: Record<string, Json> = {};
    for (const [name, value] of Object.entries(permissions)) {
      if (isSet(name) && isTextList(value)) for (const element of value) addElement(parts, name, element);
      else other[name] = value;
    }
    rest = { ...others, permissions: other };
  }
  for (const { path, value } of ownedParts(rest)) {
    parts[path] = { digest: digestJson(value), value: shownValue(path, value), ...enforced(isEnforcement(path)) };
  }
  return parts;
}

function isTextList(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

/** Elements of permission lists are most of all parts, and the same ones stand in file after file. */
const elements = new Map<string, Map<string, { readonly path: string; readonly part: Part }>>();
const ELEMENTS_KEPT = 20_000;

function addElement(parts: Record<string, Part>, list: string, element: string): void {
  const known = elements.get(list) ?? new Map<string, { readonly path: string; readonly part: Part }>();
  elements.set(list, known);
  let found = known.get(element);
  if (!found) {
    found = { path: elementPath(list, element), part: { digest: digestJson(element), value: element, enforced: true } };
    if (known.size < ELEMENTS_KEPT) known.set(element, found);
  }
  parts[found.path] = found.part;
}

/** The digests of what a file as a whole has to be, beside its keys. */
export const STRICT_DIGEST = digestJson("strict JSON");
export const NOTHING_DIGEST = digestJson([]);

function wholeFileParts(settings: boolean, fleet: Fleet): Record<string, Part> {
  const clean: Part = { digest: NOTHING_DIGEST, value: [], enforced: true };
  return {
    [SYNTAX]: { digest: STRICT_DIGEST, value: "strict JSON", ...enforced(settings) },
    ...(settings ? { [CLIENT]: clean } : {}),
    ...(settings && fleet.policy.widening === "heal" ? { [WIDENING]: clean } : {}),
  };
}

/** Hooks, our permissions and the switch that turns all hooks off: never conflicting, always healed. */
function isEnforcement(path: string): boolean {
  return path.startsWith("/hooks/") || path.startsWith("/permissions/") || path === "/disableAllHooks";
}

function enforced(is: boolean): { enforced?: true } {
  return is ? { enforced: true } : {};
}
