// What the client makes of the permissions in a settings file: which rules hold, and which it takes for nothing.
import { isJsonObject, type Json } from "../model/json.ts";
import { type ClientFinding, memberFindings } from "./finding.ts";
import { PERMISSION_LISTS, PERMISSION_MODES } from "./settings-keys.ts";

/** The findings in `/permissions`. Measured on 2.1.330: what the loader rejects, and which rules match nothing. */
export function permissionFindings(value: Json): ClientFinding[] {
  if (!isJsonObject(value))
    return [{ costs: "file", at: ["permissions"], message: "/permissions has to be an object" }];
  return [
    ...memberFindings("permissions", value),
    ...wordFindings(value["defaultMode"], "defaultMode", PERMISSION_MODES),
    ...wordFindings(value["disableBypassPermissionsMode"], "disableBypassPermissionsMode", ["disable"]),
    ...wordFindings(value["disableAutoMode"], "disableAutoMode", ["disable"]),
    ...PERMISSION_LISTS.filter((list) => list !== "additionalDirectories").flatMap((list) => {
      const rules = value[list];
      return Array.isArray(rules) ? rules.flatMap((rule: Json, index) => ruleFindings(list, rule, index)) : [];
    }),
  ];
}

function wordFindings(value: Json | undefined, member: string, words: readonly string[]): ClientFinding[] {
  if (value === undefined || (typeof value === "string" && words.includes(value))) return [];
  const message = `/permissions/${member} has to be ${words.length === 1 ? "" : "one of "}${words.join(", ")}`;
  return [{ costs: "file", at: ["permissions", member], message }];
}

function ruleFindings(list: string, rule: Json, index: number): ClientFinding[] {
  const at = ["permissions", list, index];
  const why = malformed(list, rule);
  if (why !== null) {
    return [{ costs: "part", at, message: `the ${list} rule ${JSON.stringify(rule)} is ignored: ${why}` }];
  }
  const idle = list !== "allow" && typeof rule === "string" ? matchesNothing(rule) : null;
  return idle === null ? [] : [{ costs: "odd", at, message: `the ${list} rule ${JSON.stringify(rule)} ${idle}` }];
}

/** Why the loader rejects a rule; null when it does not. */
function malformed(list: string, rule: Json): string | null {
  if (typeof rule !== "string") return "it is no text";
  if (rule === "") return "it is empty";
  if (rule === "*" && list === "allow") return "everything cannot be allowed";
  const open = rule.indexOf("(");
  const name = open < 0 ? rule : rule.slice(0, open);
  if (open < 0 ? rule.includes(")") : open > 0 && !rule.endsWith(")")) return "its brackets do not match";
  if (/^[a-z]/.test(name) && !name.startsWith("mcp__")) return "tool names begin with a capital letter";
  return open < 0 ? null : malformedContent(name, rule.slice(open + 1, -1));
}

function malformedContent(name: string, inner: string): string | null {
  if (name !== "" && inner === "") return "its brackets are empty";
  if (name.startsWith("mcp__")) return "rules for MCP tools take no brackets";
  if (name === "Bash" && inner.startsWith(":")) return "the command before the colon is missing";
  return name === "WebFetch" && !inner.startsWith("domain:") ? "WebFetch takes domain:NAME" : null;
}

/** Rules that are well formed and yet hold nothing back (measured in runs). */
function matchesNothing(rule: string): string | null {
  const file = /^(Write|MultiEdit|NotebookEdit)\((.*)\)$/.exec(rule);
  if (file) return `matches nothing: only Edit(${file[2]}) guards files`;
  if (/^(?:Edit|Read)\((?:\.\/)?\.\.\//.test(rule)) {
    return "matches nothing: outside the agent's folder write the path absolute, with two slashes";
  }
  return null;
}
