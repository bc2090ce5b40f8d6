// Keeps secrets out of plans: a value of `env` whose name speaks of one is shown as a digest.
import { digestBytes, digestJson } from "../../delta/digest.ts";
import { isJsonObject, type Json, pointerTokens } from "../../model/json.ts";

const SECRET_NAME = /TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH/i;

/** The value as it may be shown under a part's path. */
export function shownValue(path: string, value: Json): Json {
  const tokens = pointerTokens(path);
  const inEnv = tokens.indexOf("env");
  const name = tokens.at(-1) ?? "";
  return inEnv >= 0 && inEnv < tokens.length - 1 && SECRET_NAME.test(name) ? shortDigest(value) : maskedJson(value);
}

/** A copy of the document in which every secret under an `env` object is a digest. */
export function maskedJson(value: Json, inEnv = false): Json {
  if (Array.isArray(value)) return value.map((one: Json) => maskedJson(one, false));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      inEnv && SECRET_NAME.test(key) ? shortDigest(one) : maskedJson(one, key === "env"),
    ]),
  );
}

/** The text with the values of JSON keys that name a secret masked: for the line diff of a file that is ours whole. */
export function maskedText(text: string): string {
  return text.replaceAll(
    /("(?:[^"\\\n]*)(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH)(?:[^"\\\n]*)"\s*:\s*)"((?:\\.|[^"\\\n])*)"/gi,
    (_, name: string, value: string) => `${name}"(digest ${digestBytes(value).slice(0, 8)})"`,
  );
}

function shortDigest(value: Json): string {
  return `(digest ${digestJson(value).slice(0, 8)})`;
}
