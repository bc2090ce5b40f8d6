// One thing the client stumbles over in a settings file, and the questions of type that find it.
import { isJsonObject, type Json } from "../model/json.ts";
import { CLIENT_MEMBERS, CLIENT_TEXT_LISTS } from "./settings-keys.ts";

export interface ClientFinding {
  /** `file`: the client drops the whole file; `part`: it ignores this part; `odd`: it takes it, and it hardly is meant. */
  readonly costs: "file" | "part" | "odd";
  /** From the top of the document to the value at fault. */
  readonly at: readonly (string | number)[];
  readonly message: string;
}

/** The letter of a value's type, as the tables of client-keys.ts use it. */
export function typeLetter(value: Json | undefined): string {
  if (value === null || value === undefined) return "z";
  if (Array.isArray(value)) return "l";
  switch (typeof value) {
    case "string":
      return "s";
    case "number":
      return "n";
    case "boolean":
      return "b";
    default:
      return "o";
  }
}

const WORDS: Readonly<Record<string, string>> = {
  s: "a text",
  n: "a number",
  b: "true or false",
  l: "a list",
  o: "an object",
  z: "null",
};

/** The types of a table's row in words. */
export function wanted(types: string): string {
  return [...types].map((letter) => WORDS[letter] ?? letter).join(" or ");
}

/** The findings in the members of one object, by the table. */
export function memberFindings(key: string, value: Json): ClientFinding[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([member, inner]) => {
    const name = `${key}.${member}`;
    const types = CLIENT_MEMBERS[name] ?? (key === "modelOverrides" ? "s" : undefined);
    const at = [key, member];
    if (types !== undefined && !types.includes(typeLetter(inner))) {
      return [{ costs: "file" as const, at, message: `/${key}/${member} has to be ${wanted(types)}` }];
    }
    return listFindings(name, inner, at);
  });
}

/** The elements of a list of texts that are none. */
export function listFindings(name: string, value: Json, at: readonly (string | number)[]): ClientFinding[] {
  if (!CLIENT_TEXT_LISTS.has(name) || !Array.isArray(value)) return [];
  return value.flatMap((element: Json, index) =>
    typeof element === "string"
      ? []
      : [{ costs: "file" as const, at: [...at, index], message: `/${at.join("/")} may hold only texts` }],
  );
}
