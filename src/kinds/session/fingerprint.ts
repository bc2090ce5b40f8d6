// The fingerprint of a session: a digest over desired contents that the client reads only when it starts.
import { digestBytes, digestJson } from "../../delta/digest.ts";
import type { Agent, Fleet, RenderedFile } from "../../model/fleet.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { Components } from "./view.ts";

/** Keys of the settings that the client re-reads while it runs (measured: a changed hook or rule holds within a second). */
const LIVE_KEYS: ReadonlySet<string> = new Set(["hooks", "permissions"]);

/** Files that the client reads into its memory at the start. */
const MEMORY = /(^|\/)CLAUDE(\.local)?\.md$/;
const SETTINGS = /(^|\/)settings(\.local)?\.json$/;

/** The declared variables of an agent's session; the agent's own win over the fleet's. */
export function declaredEnvironment(agent: Agent): Readonly<Record<string, string>> {
  return { ...agent.session.env, ...agent.env };
}

/**
 * The command of an agent's session: this machine's word beats the spec. An override that holds Liquid is rendered
 * into the agent's session before it comes here.
 */
export function sessionCommand(agent: Agent, { machine }: Pick<Fleet, "machine">): readonly string[] {
  const own = machine.sessionCommand;
  return own === undefined || own.some((word) => /\{[{%]/.test(word)) ? agent.session.command : own;
}

/**
 * The digests the fingerprint is made of. Only desired contents go in: tampering with a file or healing it never
 * changes them. Of variables the name and a digest of what is declared (a reference stays a reference).
 */
export function components(agent: Agent, fleet: Pick<Fleet, "machine">): Components {
  const files = [...agent.files].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const env = Object.fromEntries(
    Object.entries(declaredEnvironment(agent)).map(([name, value]) => [name, digestBytes(value)]),
  );
  return {
    command: short([...sessionCommand(agent, fleet)]),
    env: short(env),
    size: short([...agent.session.size]),
    memory: short(files.filter(({ target }) => MEMORY.test(target)).map(({ target, text }) => [target, text])),
    settings: short(
      files.filter(({ target }) => SETTINGS.test(target)).map((file) => [file.target, settingsAtStart(file)]),
    ),
  };
}

/** One digest over all components. */
export function fingerprint(parts: Components): string {
  return digestJson({ ...parts });
}

/** Settings without the keys that are re-read live; a text that is not JSON counts as it is. */
function settingsAtStart(file: RenderedFile): Json {
  const value = file.json ?? parsed(file.text);
  if (!isJsonObject(value)) return value;
  const kept: Record<string, Json> = {};
  for (const [key, one] of Object.entries(value as JsonObject)) if (!LIVE_KEYS.has(key)) kept[key] = one;
  return kept;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const short = (value: Json): string => digestJson(value).slice(0, 8);
