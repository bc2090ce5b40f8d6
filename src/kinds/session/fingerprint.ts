// The fingerprint of a session: a digest over what the client reads only when it starts.
import { digestBytes, digestJson } from "../../delta/digest.ts";
import { type LeftOut, projectRendered } from "../../delta/projection.ts";
import type { Agent, Fleet, RenderedFile } from "../../model/fleet.ts";
import type { Json } from "../../model/json.ts";
import type { Components } from "./types.ts";

/** Keys of the settings that the client re-reads while it runs (measured: a changed hook or rule holds within a second). */
export const LIVE_KEYS: LeftOut = new Set(["hooks", "permissions"]);
const NOTHING: LeftOut = new Set();

/** Of the algorithm below. A mark names the version it was made with; 0.1 wrote none and is 1 (fingerprint-v1.ts). */
export const FINGERPRINT_VERSION = 2;

/** Files that the client reads into its memory at the start. */
export const MEMORY = /(^|\/)CLAUDE(\.local)?\.md$/;
export const SETTINGS = /(^|\/)settings(\.local)?\.json$/;

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

/** What a file puts into the fingerprint: of its rendered text, or of what lies in its place (loaded.ts). */
export type Project = (file: RenderedFile, leftOut: LeftOut) => Json;

/**
 * The digests the fingerprint is made of. By default only desired contents go in: tampering with a file or healing it
 * never changes them. Of variables the name and a digest of what is declared (a reference stays a reference).
 */
export function components(
  agent: Agent,
  fleet: Pick<Fleet, "machine">,
  project: Project = projectRendered,
): Components {
  const files = [...agent.files].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const env = Object.fromEntries(
    Object.entries(declaredEnvironment(agent)).map(([name, value]) => [name, digestBytes(value)]),
  );
  const contents = (names: RegExp, leftOut: LeftOut): Json =>
    files.filter(({ target }) => names.test(target)).map((file) => [file.target, project(file, leftOut)]);
  return {
    command: short([...sessionCommand(agent, fleet)]),
    env: short(env),
    size: short([...agent.session.size]),
    memory: short(contents(MEMORY, NOTHING)),
    settings: short(contents(SETTINGS, LIVE_KEYS)),
  };
}

/** One digest over all components. */
export function fingerprint(parts: Components): string {
  return digestJson({ ...parts });
}

export const short = (value: Json): string => digestJson(value).slice(0, 8);
