// What the client makes of a settings file: where it would drop the whole of it, and what in it it would ignore.
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { type ClientFinding, listFindings, memberFindings, typeLetter, wanted } from "./finding.ts";
import {
  CLIENT_EVENTS,
  CLIENT_NULLABLE_WORDS,
  CLIENT_WORDS,
  clientKeyTypes,
  GATE_EVENTS,
  HOOK_FIELDS,
} from "./settings-keys.ts";
import { permissionFindings } from "./settings-permissions.ts";

/**
 * Everything in a parsed settings file that the client would stumble over. Facts measured on its own loader
 * (client-keys.ts) and on runs of 2.1.330. Pure; no finding means the whole file is in force.
 */
export function clientFindings(document: JsonObject): ClientFinding[] {
  return Object.entries(document).flatMap(([key, value]) => {
    if (key === "hooks") return hooksFindings(value);
    if (key === "permissions") return permissionFindings(value);
    if (key === "env") return envFindings(value);
    return keyFindings(key, value);
  });
}

function keyFindings(key: string, value: Json): ClientFinding[] {
  const at = [key];
  const types = clientKeyTypes(key);
  if (types === undefined) return [{ costs: "part", at, message: `the client knows no key /${key}` }];
  const words = CLIENT_WORDS[key];
  if (value === null && CLIENT_NULLABLE_WORDS.has(key)) return [{ costs: "part", at, message: `/${key} is null` }];
  if (words && !(typeof value === "string" && words.includes(value))) {
    return [{ costs: "file", at, message: `/${key} has to be one of ${words.join(", ")}` }];
  }
  if (!isShaped(key, value))
    return [{ costs: "file", at, message: `/${key} lacks a member it needs, or has a wrong one` }];
  if (types !== null && !types.includes(typeLetter(value))) {
    return [{ costs: "file", at, message: `/${key} has to be ${wanted(types)}` }];
  }
  return [...listFindings(key, value, at), ...memberFindings(key, value)];
}

/** The objects with required members. */
function isShaped(key: string, value: Json): boolean {
  if (key !== "statusLine" && key !== "fileSuggestion" && key !== "spinnerVerbs") return true;
  if (!isJsonObject(value)) return false;
  if (key === "spinnerVerbs") {
    const { mode, verbs } = value;
    return (
      (mode === "append" || mode === "replace") && Array.isArray(verbs) && verbs.every((one) => typeof one === "string")
    );
  }
  const { type, command, padding } = value;
  return type === "command" && typeof command === "string" && (padding === undefined || typeof padding === "number");
}

function envFindings(value: Json): ClientFinding[] {
  if (!isJsonObject(value)) return [{ costs: "file", at: ["env"], message: "/env has to be an object" }];
  return [];
}

function hooksFindings(value: Json): ClientFinding[] {
  if (!isJsonObject(value)) return [{ costs: "part", at: ["hooks"], message: "/hooks has to be an object" }];
  return Object.entries(value).flatMap(([event, entries]) => {
    const at = ["hooks", event];
    if (!CLIENT_EVENTS.has(event)) return [{ costs: "part", at, message: `the client knows no hook event ${event}` }];
    const costs = GATE_EVENTS.has(event) ? "file" : "part";
    if (!Array.isArray(entries)) return [{ costs, at, message: `/hooks/${event} has to be a list` }];
    return entries.flatMap((entry: Json, index) => entryFindings(event, entry, [...at, index]));
  });
}

function entryFindings(event: string, entry: Json, at: readonly (string | number)[]): ClientFinding[] {
  const costs = GATE_EVENTS.has(event) ? "file" : "part";
  if (!isJsonObject(entry)) return [{ costs, at, message: `an entry of ${event} is no object` }];
  const { matcher, hooks } = entry;
  if (!Array.isArray(hooks)) {
    const shape = "{matcher, hooks: [{type, command}]}";
    const message = `an entry of ${event} is flat: it has to be ${shape}`;
    return [{ costs, at, message }];
  }
  if (matcher !== undefined && typeof matcher !== "string") {
    return [{ costs, at, message: `a matcher of ${event} is no text` }];
  }
  return [
    ...matcherFindings(event, matcher ?? "", at),
    ...unknownMembers(entry, ["matcher", "hooks"], at),
    ...hooks.flatMap((hook: Json, index) => hookFindings(costs, hook, [...at, "hooks", index])),
  ];
}

/** A matcher is a whole name or a regular expression; a broken one matches nothing and nobody is told. */
function matcherFindings(event: string, matcher: string, at: readonly (string | number)[]): ClientFinding[] {
  if (matcher === "" || matcher === "*") return [];
  try {
    new RegExp(matcher);
  } catch {
    const message = `the matcher ${JSON.stringify(matcher)} of ${event} is no regular expression and matches nothing`;
    return [{ costs: "part", at: [...at, "matcher"], message }];
  }
  if (GATE_EVENTS.has(event) && /^[a-z]+$/.test(matcher)) {
    const message = `the matcher ${JSON.stringify(matcher)} of ${event} matches no tool: names are case-sensitive and whole`;
    return [{ costs: "odd", at: [...at, "matcher"], message }];
  }
  return [];
}

function hookFindings(costs: "file" | "part", hook: Json, at: readonly (string | number)[]): ClientFinding[] {
  const fields = isJsonObject(hook) && typeof hook["type"] === "string" ? HOOK_FIELDS[hook["type"]] : undefined;
  if (!isJsonObject(hook) || !fields) {
    return [{ costs, at, message: `a hook's type has to be one of ${Object.keys(HOOK_FIELDS).join(", ")}` }];
  }
  for (const [field, rule] of Object.entries(fields)) {
    const value = hook[field];
    if (value === undefined ? rule.endsWith("!") : !rule.startsWith(typeLetter(value))) {
      return [{ costs, at, message: `${field} of a hook has to be ${wanted(rule.slice(0, 1))}` }];
    }
  }
  const unfit = unfitHook(hook);
  if (unfit) return [{ costs, at, message: unfit }];
  return [...unknownMembers(hook, ["type", ...Object.keys(fields)], at), ...relativeCommand(hook, at)];
}

function unfitHook({ onFailure, shell, timeout }: JsonObject): string | null {
  if (onFailure !== undefined && onFailure !== "block" && onFailure !== "continue") {
    return "onFailure of a hook has to be block or continue";
  }
  if (shell !== undefined && shell !== "bash" && shell !== "powershell") {
    return "shell of a hook has to be bash or powershell";
  }
  return typeof timeout === "number" && timeout <= 0 ? "timeout of a hook has to be more than 0 seconds" : null;
}

function unknownMembers(
  object: JsonObject,
  known: readonly string[],
  at: readonly (string | number)[],
): ClientFinding[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => ({ costs: "part", at: [...at, key], message: `the client knows no ${key} in a hook` }));
}

/** After `cd` in the agent's shell a relative command is not found, and the tool runs (measured). */
function relativeCommand(hook: JsonObject, at: readonly (string | number)[]): ClientFinding[] {
  const command = hook["command"];
  if (hook["type"] !== "command" || typeof command !== "string") return [];
  if (!/^["']?(?:\.{1,2}\/|\.?[\w-]+\/)/.test(command)) return [];
  const message = `the hook command ${JSON.stringify(command)} is relative: after a cd it is not found, and the tool runs`;
  return [{ costs: "odd", at: [...at, "command"], message }];
}
